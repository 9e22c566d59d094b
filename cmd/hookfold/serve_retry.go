package main

import (
	"context"
	"errors"
	"time"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/projections"
)

const (
	// refusedPause is how long it is waited where a database refuses: somebody has to change something there first.
	refusedPause = 30 * time.Second
	// standBy is how long a projector leaves the read models to another one that took them over from it twice in a row.
	standBy = 5 * time.Second
	// soonAgain is what in a row means.
	soonAgain = time.Minute
)

// retry waits before the projector goes on. That it waits is told by /readyz, and not by /healthz: a restart would mend
// nothing, and would keep notifications out.
func (p *parts) retry(ctx context.Context, err error, attempt int) bool {
	if errors.Is(err, postgres.ErrNewer) {
		return false // of tables that another version of the program has changed: this one has to be started anew
	}
	if errors.Is(err, projections.ErrSwapped) {
		return true // another side is live: there is nothing to wait for
	}
	wait := p.pause(err, attempt, time.Now())
	if errors.Is(err, projections.ErrFenced) {
		p.logger.Warn("another projector took the read models over; standing by", "error", err, "for", wait)
		err = nil // they are folded
	} else {
		p.logger.Warn("projector stopped, going on", "error", err, "attempt", attempt, "in", wait)
	}
	p.waiting.set(err)
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// resumed tells that the projector waits no more, also where there is nothing to fold.
func (p *parts) resumed() { p.waiting.set(nil) }

// pause is how long to wait: longer and longer, up to five seconds. Whoever is fenced once goes on soon, because its own
// commit may have fenced it, whose answer was lost; whoever is fenced again has a rival, with whom it would take turns.
func (p *parts) pause(err error, attempt int, now time.Time) time.Duration {
	wait := min(time.Duration(attempt)*200*time.Millisecond, 5*time.Second)
	switch {
	case errors.Is(err, postgres.ErrRefused):
		return refusedPause
	case errors.Is(err, projections.ErrFenced):
		if now.Sub(p.fenced) < soonAgain {
			wait = standBy
		}
		p.fenced = now
	}
	return wait
}
