package hookcare

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/fsm/hook"
)

// revive brings a hook back. Of the documents the guide resets Validity (S4), and the reference, in which Validity is no
// field of an update, disables and enables. So both are done, the guide's first, and each is looked after by a reading. A
// provider that refuses the field is asked without it.
func (w *task) revive(ctx context.Context, r reading) (reading, error) {
	if works(r) {
		return r, nil
	}
	dead := off(r.Validity)
	next, err := w.attempt(ctx, r, wake)
	if err == nil && !works(next) {
		if next, err = w.attempt(ctx, next, mangopay.HookChange{Status: hook.Disabled.String()}); err == nil {
			next, err = w.attempt(ctx, next, wake)
		}
	}
	switch {
	case err != nil:
		return next, err
	case off(next.Validity):
		return next, ErrStillInvalid
	case idle(next.Status):
		return next, ErrUnchanged
	case dead:
		w.count(func(n *Counts) { n.Revived++ })
	}
	return next, nil
}

// wake sets a hook to what it is to be.
var wake = mangopay.HookChange{Validity: hook.Valid.String(), Status: hook.Enabled.String()}

// works tells whether a hook is sent to.
func works(r reading) bool { return !off(r.Validity) && !idle(r.Status) }

// attempt updates a hook and reads it.
func (w *task) attempt(ctx context.Context, r reading, to mangopay.HookChange) (reading, error) {
	_, err := w.cfg.API.UpdateHook(ctx, r.ID, to)
	if errors.Is(err, mangopay.ErrParam) && to.Validity != "" {
		to.Validity = ""
		_, err = w.cfg.API.UpdateHook(ctx, r.ID, to)
	}
	if err != nil {
		return r, fmt.Errorf("hookcare: reviving the hook, which may be DISABLED now, so try again: %w", err)
	}
	return w.view(ctx, r)
}
