// Package scenario plays stories against a running sandbox of the provider: whole courses of events, such as a user who is
// verified, each written down in a file that an operator can read. It knows the sandbox over HTTP only.
//
// [All] lists the stories that come with Hookfold, [Parse] reads one of your own, [Play] plays it.
//
// # How a story is written
//
// The first line is its title. Paragraphs that tell it follow, then a line "---", then the steps. A line that begins with "#"
// says what the next step is about. A step begins at the left margin; the lines under it that are indented belong to it.
//
//	A user is verified
//
//	The user opens an identity verification session and passes.
//
//	---
//	# The user is created as an OWNER.
//	POST /sca/users/natural
//	  {"UserCategory": "OWNER", "Email": "ana+accept@example.com"}
//	  answers 200
//	  with UserStatus=ACTIVE
//	  keep user=Id
//
//	expect user $user user_status=ACTIVE confirmed.status=true
//
// The steps:
//
//	GET|POST|PUT|DELETE /path        a call of the provider's API, below /v2.01/{ClientId}
//	sandbox METHOD path              a call of the sandbox's control API, below /_sandbox/
//	expect KIND ID field=value …     what Hookfold's read model of a user, session or hook comes to say
//	operate ACTION                   an action of a running Hookfold, below /v1/: hooks/ensure, hooks/revive, backfill?since=…
//	repeat N STEP                    the same call N times; $i is the number of the turn
//	finally                          steps after this line are played even when one before has failed
//
// A call may have a JSON body, on its line or under it, and says what must come back: answers STATUS, or STATUS|STATUS, where
// without it any success will do; with field=value … compares fields of the answer; keep name=field … remembers them.
//
// A field is a path: Checks.0.CheckStatus. [EventType=USER_KYC_LIGHT].Id takes, of a list, the first element with that field,
// and Mails.# is how many there are. A value is compared as text, a string without its quotes; * is anything but null or
// nothing; one with blanks stands in double quotes.
//
// $name or ${name} stands for what was kept, $$ for a dollar. A string in a body that is nothing but a variable becomes its
// value, whatever its type. $client is the client's id, $receiver where notifications are to be sent. A name that nothing
// before has kept is an error of the file, found before anything is sent.
//
// What an event said can be confirmed only when nothing that contradicts it was said in the five minutes before, so a story
// that blocks and unblocks, say, does not expect it confirmed. And whoever moves the sandbox's clock by more than it is behind
// that of Hookfold dates events in the future, which are not read before their time, and over an hour ahead not at all.
//
// Steps that need Hookfold itself, expect and operate, are passed over where no Config.ReadAPI is given.
package scenario
