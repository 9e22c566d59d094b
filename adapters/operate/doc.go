// Package operate lets an operator start, over HTTP, what takes a while, and follow it: a backfill, the care of the hooks.
//
// An [Action] is a POST. Its answer is a stream of JSON lines: whatever the action tells as it goes on, and one last line,
// an [End], without which the answer was cut off. The action ends when whoever asked goes away, so it must be one that can
// be begun again where it was left. Serve the handler behind the guard of the read API: it is not for strangers.
package operate
