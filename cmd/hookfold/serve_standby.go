package main

import (
	"context"
	"slices"
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
	at, err = s.folded(ctx)
	return at, at < head.Seq, err
}

// folded tells up to which log record everything is folded.
func (s standby) folded(ctx context.Context) (projections.Seq, error) {
	var all []projections.Seq
	for _, m := range s.models {
		c, err := s.store.Checkpoint(ctx, m.ID(), 0)
		if err != nil {
			return 0, err
		}
		all = append(all, c.Position.Seq)
	}
	return slices.Min(all), nil
}

// lookAgain is how often a reader looks at what another projector folds.
const lookAgain = 50 * time.Millisecond

// applied waits until the read models are as far as a log record, whoever folds them. When the context ends first the error is
// a *projections.LagError.
func (p *parts) applied(ctx context.Context, want projections.Seq) error {
	for {
		turn, cancel := context.WithTimeout(ctx, lookAgain)
		err := p.proj.Wait(turn, want)
		cancel()
		switch {
		case err == nil, p.standing.Load() && p.rival.reached(ctx, want):
			return nil
		case ctx.Err() != nil:
			return err
		}
	}
}

// reached looks whether everything is folded up to a log record, also for those who only ask and do not wait.
func (s standby) reached(ctx context.Context, want projections.Seq) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	at, err := s.folded(ctx)
	return err == nil && at >= want
}
