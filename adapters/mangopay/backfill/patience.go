package backfill

import (
	"context"
	"errors"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/projections"
)

const (
	mostAttempts = 10
	longestWait  = time.Minute
)

// Patience is a Config.Retry: it waits as long as the provider asks, else longer and longer up to a minute, and gives up
// after ten failures in a row. A refusal for too many calls is waited out however often it comes. What does not pass by
// waiting, such as wrong credentials, is not tried again. A nil wait is the clock.
func Patience(wait func(ctx context.Context, d time.Duration) error) func(context.Context, error, int) bool {
	if wait == nil {
		wait = sleep
	}
	return func(ctx context.Context, err error, attempt int) bool {
		if !passing(err) || attempt >= mostAttempts && !errors.Is(err, mangopay.ErrRateLimit) {
			return false
		}
		d := min(time.Second<<min(attempt-1, 10), longestWait)
		var said *mangopay.Error
		if errors.As(err, &said) && said.Retry > 0 {
			d = said.Retry
		}
		return wait(ctx, d) == nil
	}
}

// passing tells whether waiting may help.
func passing(err error) bool {
	for _, e := range []error{mangopay.ErrRateLimit, mangopay.ErrUnavailable, projections.ErrAway, projections.ErrFull} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// sleep waits by the clock.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
