package main

import (
	"context"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// standBy is how long read models that another projector folds have to stand still, although there is something to fold,
// until they are taken over from it; it is also how often that is looked at.
const standBy = 5 * time.Second

// standby leaves the read models to another projector for as long as that one folds them. It ends with the context, or
// when the read models do not move although the log goes on: what was not folded at one look is not folded at the next.
type standby struct {
	log    head
	store  checkpoints
	models []projections.AnyModel
}

// head and checkpoints are what a look needs.
type (
	head interface {
		Head(ctx context.Context) (projections.Position, error)
	}
	checkpoints interface {
		Checkpoint(ctx context.Context, model string, slot int) (projections.Checkpoint, error)
	}
)

// wait looks at every tick, and tells whether the read models are to be taken over.
func (s standby) wait(ctx context.Context, ticks <-chan time.Time) bool {
	for stuck := (projections.Seq)(0); ; {
		select {
		case <-ticks:
		case <-ctx.Done():
			return false
		}
		at, behind, err := s.look(ctx)
		if err != nil {
			return ctx.Err() == nil // whoever takes over will meet the error too, and tell
		}
		if behind && at+1 == stuck {
			return true
		}
		stuck = 0
		if behind {
			stuck = at + 1
		}
	}
}

// look tells up to which log record everything is folded, and whether there are later ones.
func (s standby) look(ctx context.Context) (at projections.Seq, behind bool, err error) {
	head, err := s.log.Head(ctx)
	if err != nil {
		return 0, false, err
	}
	at = head.Seq
	for _, m := range s.models {
		c, err := s.store.Checkpoint(ctx, m.ID(), 0)
		if err != nil {
			return 0, false, err
		}
		at = min(at, c.Position.Seq)
	}
	return at, at < head.Seq, nil
}
