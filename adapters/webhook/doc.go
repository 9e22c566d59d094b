// Package webhook is the ingress: the one door by which a provider's notifications enter the log.
//
// A [Handler] answers GET requests at /hooks, or at /hooks/{token} when a secret path token is configured. Its contract
// follows from two sentences of S4: only a 200 within 2 seconds is a success, and the 100th failure in a row switches a
// hook off. So whatever names an EventType is answered with 200 — also unknown types, test pings, repetitions and what
// cannot be read further, which is kept raw as [events.Unreadable] — and a 200 leaves only after the log has made the
// notification durable (law 5). Nothing else happens in the request path: no call to the provider, no folding.
//
// These are all the answers there are:
//
//	200  kept (with the header Hookfold-Seq: the log sequence), or a ping (nothing to keep)
//	400  names no EventType
//	403  an address that may not send, whatever it asks for: an operator sees that it is the address, a stranger learns
//	     nothing about path and token
//	404  another path, or a missing or wrong token
//	405  the right path, but not GET; HEAD is no notification either
//	414  the query is longer than Config.MaxQuery
//	431  the headers are longer than the server allows; the server says this, 400 and 414 to what it cannot read
//	503  the log did not take it in time; the provider will try again
//
// Every answer carries Cache-Control: no-store, because retries repeat the URL and a cache between the provider and us
// must not answer them. The Handler needs a server that bounds time and memory and says nothing of its own, such as that of
// package listen beside this one; a mux or middleware that redirects or answers for it would add to the table. No answer echoes input, and neither answers nor log lines show the token.
package webhook
