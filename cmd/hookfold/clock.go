package main

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// clock is how a server tells the time. The zero value is the machine's; a stand-in of the provider may have one that is stepped.
type clock struct {
	now     func() time.Time
	wait    func(context.Context, time.Duration) error
	stepped <-chan struct{} // now was set forward
}

// time is the time.
func (c clock) time() time.Time {
	if c.now == nil {
		return time.Now()
	}
	return c.now()
}

// pace keeps to a limit.
func (c clock) pace(limit *rate.Limiter) func(context.Context) error {
	if c.wait == nil {
		return limit.Wait
	}
	return func(ctx context.Context) error {
		now := c.time()
		return c.wait(ctx, limit.ReserveN(now, 1).DelayFrom(now))
	}
}
