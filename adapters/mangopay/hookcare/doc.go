// Package hookcare keeps our hooks at the provider alive: one for every event type, pointing at our ingress, ENABLED and
// VALID.
//
// A hook that has failed 100 times in a row is set INVALID and is sent nothing more (S4), and the provider tells so by e-mail
// only. So [Care] declares which hooks are wanted ([Care.Ensure]), shows how each stands ([Care.Status]), brings INVALID
// ones back by the documented ways, has what was missed filled in ([Care.Revive]), reads their health at intervals and tells
// the log ([Care.Poll]), and warns while there is still something to do ([Level]).
//
// A hook's Url holds the secret token of our ingress. It is sent to the provider and stands nowhere else: reports show the
// host and what of the path is ours, events and log lines nothing of it.
package hookcare
