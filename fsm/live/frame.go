package live

import (
	"context"
	"fmt"
	"sync"

	looplab "github.com/looplab/fsm"
)

// frameKey finds, in a context that a callback was given, the event that the callback belongs to.
type frameKey struct{ *FSM }

// frame is one event under way. It lets callbacks fire events of their own where the state has moved, one at a time, and
// outlives no event: a context that was kept for later has to wait for its turn like any other.
type frame struct {
	view   *looplab.FSM // what callbacks see as e.FSM: it tells the state and has no events
	commit func()       // moves the state of the object and of the view

	nested sync.Mutex // held by an event that a callback fired

	mu    sync.Mutex
	moved bool
	over  bool
}

// fence keeps a callback away from the object that looplab works on.
func (fr *frame) fence(fn looplab.Callback) looplab.Callback {
	return func(ctx context.Context, e *looplab.Event) {
		e.FSM = fr.view
		fn(ctx, e)
	}
}

// committing moves the state before a callback, which may be nil.
func (fr *frame) committing(fn looplab.Callback) looplab.Callback {
	return func(ctx context.Context, e *looplab.Event) {
		fr.take()
		if fn != nil {
			fn(ctx, e)
		}
	}
}

// take commits the move, once, when looplab has made it.
func (fr *frame) take() {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	if !fr.moved {
		fr.moved = true
		fr.commit()
	}
}

func (fr *frame) taken() bool {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	return fr.moved
}

// enter lets an event of a callback in, until leave. It is false where the frame is over.
func (fr *frame) enter(event string) (bool, error) {
	fr.mu.Lock()
	defer fr.mu.Unlock()
	switch {
	case fr.over:
		return false, nil
	case !fr.moved:
		return false, fmt.Errorf("%w: %s was fired from a before_ or leave_ callback", ErrNested, event)
	case !fr.nested.TryLock():
		return false, fmt.Errorf("%w: %s was fired while another event of the same callback was under way", ErrNested, event)
	}
	return true, nil
}

func (fr *frame) leave() { fr.nested.Unlock() }

// close ends the frame, lets no more events in, and waits for the one that may still be in.
func (fr *frame) close() {
	fr.mu.Lock()
	fr.over = true
	fr.mu.Unlock()
	fr.nested.Lock()
	fr.nested.Unlock() //nolint:staticcheck // the wait is all that is wanted
}
