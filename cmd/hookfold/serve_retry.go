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
	// soonAgain is how soon a projector is fenced again that has a rival.
	soonAgain = time.Minute
)

// retry waits before the projector goes on. That it waits is told by /readyz, and not by /healthz: a restart would mend
// nothing, and would keep notifications out.
func (p *parts) retry(ctx context.Context, err error, attempt int) bool {
	now := time.Now()
	switch {
	case errors.Is(err, postgres.ErrNewer):
		return false // of tables that another version of the program has changed: this one has to be started anew
	case errors.Is(err, projections.ErrSwapped):
		return true // another side is live: there is nothing to wait for
	case errors.Is(err, projections.ErrFenced) && p.rivalled(now):
		return p.standBy(ctx)
	}
	wait := pause(err, attempt)
	if errors.Is(err, projections.ErrFenced) {
		err = nil // they are folded
	} else {
		p.stopped.tell(p.logger, err, wait, now)
	}
	p.waiting.set(err)
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// rivalled notes that the projector was fenced, and tells whether it has a rival: whoever is fenced once goes on soon,
// because its own commit may have fenced it, whose answer was lost. Whoever is fenced again would take turns with another.
func (p *parts) rivalled(now time.Time) bool {
	again := now.Sub(p.fenced) < soonAgain
	p.fenced = now
	return again
}

// standBy waits until the rival does not fold what is to be folded.
func (p *parts) standBy(ctx context.Context) bool {
	p.logger.Info("another server folds the read models; standing by until they stand still")
	p.waiting.set(nil) // they are folded
	p.standing.Store(true)
	defer p.standing.Store(false)
	often := time.NewTicker(standBy)
	defer often.Stop()
	if !p.rival.wait(ctx, often.C) {
		return false
	}
	p.logger.Warn("the read models stood still; taking them over")
	p.fenced = time.Now()
	return true
}

// resumed tells that the projector waits no more, also where there is nothing to fold.
func (p *parts) resumed() { p.waiting.set(nil) }

// folds tells that the projector has folded something.
func (p *parts) folds() {
	p.waiting.set(nil)
	p.stopped.over(p.logger, time.Now())
}

// pause is how long to wait: longer and longer, up to five seconds.
func pause(err error, attempt int) time.Duration {
	if errors.Is(err, postgres.ErrRefused) {
		return refusedPause
	}
	return min(time.Duration(attempt)*200*time.Millisecond, 5*time.Second)
}
