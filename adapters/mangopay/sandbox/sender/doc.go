// Package sender is the provider's side of notifications, to the letter of S4 (the webhooks guide): hooks, the list of
// events, the requests with their retries, the counter of consecutive failures, the warnings by e-mail (kept as records) and
// the end of a hook that has failed 100 times in a row. It shares no code with Hookfold's own machine of a hook, so that the
// one is a check of the other.
//
// A [Sender] lives on a [Timeline], where three days of retries are stepped through in a moment; the 2 seconds of an
// answer are real time always. Where the timeline is stepped, one request is made after the other, and equal histories are
// sent alike; where it runs with the wall clock, requests are made side by side, at most Config.Connections at one time.
//
// # What S4 leaves open
//
// Each of these is a decision, and a test holds it:
//
//   - A Url's own query string stays, and the three parameters follow it, joined by "&". A fragment is not sent.
//   - Redirects are not followed; they and any other 2xx are failures, because S4 says 200. No body of an answer means anything.
//   - Requests have no User-Agent. There are no HEAD probes.
//   - The retries of a notification come 10, 20 … 60 minutes and then 9, 17 … 73 hours after its first attempt was sent. One is
//     sent only after the one before has failed: where the time runs so fast that its instant has passed, at once.
//   - What is under way when a hook becomes INVALID is not counted any more, however it ends.
//   - After revival the counter is 0, and whatever was pending while the hook was INVALID is lost. VALID on a valid hook changes
//     nothing. Nobody but the provider makes a hook INVALID.
//   - What takes place while a hook is DISABLED is not sent later, and a retry that falls due meanwhile ends its notification. A
//     retry that falls due after the hook is ENABLED again is sent. Neither switch touches the counter.
//   - The test of the dashboard counts neither way, is never repeated, and is sent to a DISABLED or INVALID hook too: it is how
//     its owner checks a Url.
//   - An EventType that no catalogue knows may have a hook.
//   - A warning is written whether or not the hook has an Email of its own.
package sender
