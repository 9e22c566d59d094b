// Package sandbox is a stand-in for the payment provider on real HTTP, in memory: its API, the pages that it shows to users,
// and, in package sender, its notifications. The provider's own SDKs work against it with another base URL, and hookfold
// sandbox serves it.
//
// A [Sandbox] is an http.Handler that lives on a timeline.Timeline, which whoever makes it steps or runs: deadlines, tokens,
// retries and limits all count on it, and the Date of every answer shows it. Nothing is kept when it stops, and no money
// moves.
//
// # The API
//
// Under /v2.01/{ClientId}/, with the provider's paths, documents and errors:
//
//   - access tokens; idempotency keys for POST; four rate limits; lists by pages;
//   - users with SCA and without: create, update, view, list, categorise, enrol, consent, SCA status, close, regulatory status;
//   - identity verification: create, view, list; and a hosted page that plays every outcome of S3;
//   - KYC documents; wallets, and transfers between them; hooks; the list of events.
//
// Whatever else the provider offers, such as pay-ins, payouts, cards and recipients, is not played: 404.
//
// # The control API
//
// Under /_sandbox/, in JSON and without credentials: whoever can reach it can do everything, so let it be reached from the
// own machine only. It does what only Mangopay and users do, and what goes wrong on purpose. A refusal is 400 with
// {"error": "…"}.
//
//	GET  /clock                       {"now", "unix"}
//	POST /clock                       {"advance": "10m"}: steps, and answers when all that came due is done, deliveries included
//	PUT  /faults                      faults of the API; what is not named is off. GET shows them
//	       client                     the client whose requests meet them; all do without it
//	       stale, stale_for           reads of users, sessions, documents and money show what was so many seconds ago; for so long
//	       index                      events are listed after so many seconds
//	       errors, share              the next n requests, or a share of all, fail before they do anything …
//	       status, retry_after        … with 429 or 5xx (503), and a Retry-After
//	       no_verification            identity verification is not activated
//	PUT  /delivery-faults             faults of notifications: {"seed", "only", "drop", "delay", "delay_up_to", "duplicate", "reorder",
//	                                  "hold_up_to", "fail"}, in shares and seconds. GET counts what they have met
//	POST /tokens/expire               every access token, now
//	POST /users/{id}                  one or more of
//	       sca                        "succeeded", "failed", "expired": how the newest open enrolment ends
//	       category                   "PAYER", "PLATFORM", which only Mangopay sets, "OWNER"
//	       kyc                        "REGULAR", "LIGHT": up, or down with all that it stood on
//	       renewal                    "required", "renewed"
//	       blocks                     {"inflows", "outflows", "action_code"}
//	       close                      true
//	PUT  /users/{id}                  a natural OWNER with this id, enrolled: {"FirstName", "LastName", "Email", …}
//	POST /idv-sessions/{id}           {"outcome": "VALIDATED" | "REFUSED" | "REVIEW" | "OUT_OF_DATE", "check", "reason", "comment", "data"}
//	POST /documents/{id}              {"status": "VALIDATED" | "REFUSED" | "OUT_OF_DATE", "reason", "message"}
//	POST /wallets/{id}                {"add": 1000}
//	POST /hooks/{id}/test             the test notification of the dashboard
//	GET  /events, /mails, /attempts   what took place; the warnings about hooks; the requests to receivers
//	POST /reset                       everything but the clock
//
// # What the provider's documents leave open
//
// Each of these is a decision:
//
//   - All clients see one world. Any credentials are taken unless Config.Clients names some.
//   - SCA that is bypassed ("accept", or USER_NOT_PRESENT at creation) makes a user ACTIVE without any event. By "accept" the
//     user counts as enrolled.
//   - An OWNER who becomes a PAYER becomes LIGHT, with the events of a downgrade, and keeps the status. A session that was
//     begun before may still come out VALIDATED, which makes the user REGULAR as S3 says. A PLATFORM stays one.
//   - A closed user cannot be changed (user_closed), begins no session (invalid_action), and gets transfers of 008700, as a
//     blocked one does. Its open enrolments end without an event.
//   - Of one act, events take place in the order: category, status asked for; enrolment, activated; session, level; documents,
//     level, sessions at a downgrade; closed, inflows, outflows. All have the same Date.
//   - A challenge that an enrolled user passed to look at wallets holds for 180 days.
//   - A document that is VALIDATED changes no level: see kyc above.
//   - Limits leak evenly; a refused call is not counted; a window's reset is its whole length from now.
//   - The bounds of the list of events belong to it, and it cannot be sorted: at the provider Sort does not work there.
//     Hooks are listed the newest first, everything else the oldest first.
//   - How many pages there are is told where a page was asked for: some SDKs fail over it where not.
//   - Newer endpoints (/sca/…, …/identity-verifications) write the Date of an error as a float.
//   - What the fake-name rule takes for gibberish is a guess that lets real names pass.
package sandbox
