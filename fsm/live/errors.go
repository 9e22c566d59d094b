package live

import (
	"errors"

	"github.com/hookfold/hookfold/fsm"
)

var (
	// ErrRefused is wrapped by a [RefusedError].
	ErrRefused = errors.New("live: the event contradicts the table")
	// ErrUnknown says that the machine has no such event or state. Use a name of its definition.
	ErrUnknown = errors.New("live: the machine has no such name")
	// ErrCallbacks says that callbacks cannot be attached; the error names each of them.
	ErrCallbacks = errors.New("live: callbacks do not fit the machine")
	// ErrCancelled says that a before_ or leave_ callback cancelled the event with e.Cancel. The state has not moved. It
	// also wraps the error that the callback gave.
	ErrCancelled = errors.New("live: a callback cancelled the event")
	// ErrAsync says that a leave_ callback asked for an asynchronous transition with e.Async. The state has not moved:
	// do the slow work first and fire the event when it is done.
	ErrAsync = errors.New("live: asynchronous transitions are not supported")
	// ErrNested says that a callback fired an event while it could not be taken: from before_ or leave_, where the first
	// event has not moved the state yet, or while another event of the same callback was under way. Fire it from enter_ or after_.
	ErrNested = errors.New("live: the object is in the middle of another event")
	// ErrAfter wraps an error that a callback set after the state had moved, by e.Err or e.Cancel in enter_ or after_.
	ErrAfter = errors.New("live: a callback failed after the event had been taken")
)

// RefusedError says that an event is a conflict in the present state, and why.
type RefusedError struct {
	Machine     string
	Explanation fsm.Explanation
}

// Error is the explanation as a sentence: verdict, reason, failed guard and legal path.
func (e *RefusedError) Error() string {
	return "live: " + e.Machine + ": " + e.Explanation.String()
}

// Unwrap returns [ErrRefused].
func (e *RefusedError) Unwrap() error { return ErrRefused }
