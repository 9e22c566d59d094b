package main

import (
	"log/slog"
	"time"
)

// sayAgain is how often a stoppage is told of that goes on.
const sayAgain = time.Minute

// stoppage tells the operator of a projector that cannot fold: once when it begins, now and then while it goes on, and when
// it is over. Only the projector calls it.
type stoppage struct {
	began, said time.Time
	tries       int
}

// tell says that another attempt failed, unless that was said lately.
func (o *stoppage) tell(logger *slog.Logger, err error, wait time.Duration, now time.Time) {
	if o.began.IsZero() {
		o.began = now
	}
	o.tries++
	if !o.said.IsZero() && now.Sub(o.said) < sayAgain {
		return
	}
	o.said = now
	logger.Warn("projector stopped, going on", "error", err, "attempts", o.tries, "since", o.began.UTC(), "next_in", wait)
}

// over says that it has folded again.
func (o *stoppage) over(logger *slog.Logger, now time.Time) {
	if o.began.IsZero() {
		return
	}
	logger.Info("projector folds again", "after", now.Sub(o.began).Round(time.Millisecond), "attempts", o.tries)
	*o = stoppage{}
}
