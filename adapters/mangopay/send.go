package mangopay

import (
	"context"
	"errors"
	"time"
)

// send tries until there is an answer, a refusal, or no more patience. All requests may be repeated: GET and PUT by
// nature, POST by its idempotency key.
func (c *Client) send(ctx context.Context, r request) (reply, error) {
	began := c.config.Now()
	for n := 1; ; n++ {
		got, err := c.attempt(ctx, r)
		pause, again := c.again(err, n, began)
		if !again {
			return got, err
		}
		if err := c.config.Wait(ctx, pause); err != nil {
			return reply{}, err
		}
	}
}

// again tells whether to try once more, and after which pause.
func (c *Client) again(err error, n int, began time.Time) (time.Duration, bool) {
	var e *Error
	if !errors.As(err, &e) || e.unsent || !errors.Is(e, ErrUnavailable) && !errors.Is(e, ErrRateLimit) {
		return 0, false
	}
	now := c.config.Now()
	if pause := c.breaker.waits(now); pause > 0 {
		e.Retry = max(e.Retry, pause)
		return 0, false
	}
	pause := e.Retry
	if pause == 0 {
		pause = c.backoff(n)
	}
	return pause, n < c.config.Attempts && !now.Add(pause).After(began.Add(c.config.Total))
}

// backoff is the pause after the nth attempt: at most 0.5 s, 1 s, 2 s, 4 s, and at least half of that.
func (c *Client) backoff(n int) time.Duration {
	most := 250 * time.Millisecond << min(n, 4)
	return most/2 + time.Duration(c.config.Rand()*float64(most/2))
}

// attempt sends a request once, if it may go out now.
func (c *Client) attempt(ctx context.Context, r request) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	probing, err := c.admit(r)
	if err != nil {
		c.observe(r.endpoint, 0, 0, err)
		return reply{}, err
	}
	got, err := c.authorized(ctx, r)
	c.quota.done()
	now := c.config.Now()
	switch {
	case quiet(err):
		if probing {
			c.breaker.heard(abandoned, now)
		}
	case errors.Is(err, ErrUnavailable):
		c.breaker.heard(unavailable, now)
	default:
		c.breaker.heard(answered, now)
	}
	return got, err
}

// admit asks quota and circuit breaker. What it admits, quota.done ends.
func (c *Client) admit(r request) (probing bool, _ error) {
	now := c.config.Now()
	if retry, ok := c.quota.take(now); !ok {
		e := r.fail(ErrRateLimit, "nothing was sent: a window is exhausted")
		e.Retry, e.unsent = retry, true
		return false, e
	}
	probing, retry, ok := c.breaker.allow(now)
	if !ok {
		c.quota.done()
		e := r.fail(ErrUnavailable, "nothing was sent: the last requests failed and the pause is not over")
		e.Retry, e.unsent = retry, true
		return false, e
	}
	return probing, nil
}
