// Package listen makes servers that strangers may talk to. A [Server] serves one http.Handler over HTTP/1.1, plain or over
// TLS 1.2 and newer, and keeps four promises that net/http leaves to its user:
//
//   - Time and memory are bounded, whatever a client does: how long a handshake, a request, an answer and silence may take,
//     how long a request's line and headers may be, and how many connections there are. When all places are taken, a
//     newcomer gets that of whoever has kept a connection longest without a request under way, so that a flood of silent
//     connections locks nobody out.
//   - What the handler did not say does not leave. What net/http answers by itself (417, 501, 505 and bare 400s) leaves as
//     400, 414 or 431 with Cache-Control: no-store. HTTP/2 is not spoken.
//   - Over TLS every answer carries Strict-Transport-Security. Behind a proxy that ends TLS that is for the proxy to say: RFC
//     6797 forbids it over plain HTTP, and what the proxy's own clients speak is not known here.
//   - A [Certificate] is read again when its files change, without a restart; a broken one does not take the place of one
//     that works. In production mode, what a sender would refuse is refused here first.
//
// [Private] guards a handler that is not for everybody: by a bearer token, or, on loopback, against web pages that reach
// for it by a name of their own.
package listen
