package mangopay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	userAgent = "hookfold"
	// longestBody bounds an answer: a page of 100 hooks is some 40 KiB.
	longestBody = 4 << 20
)

// request is one call, ready to be sent as often as it takes.
type request struct {
	endpoint
	target string // path and query, filled in
	body   []byte // nil: none
	key    string // Idempotency-Key of a POST
}

// reply is an answer that was not a refusal.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	started time.Time // by our clock: just before the request was sent
	at      time.Time // the same by the provider's: see instant
}

// request fills an endpoint in.
func (c *Client) request(e endpoint, id string, query url.Values, body any) (request, error) {
	path, err := e.with(c.config.ClientID, id)
	if err != nil {
		return request{}, err
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	r := request{endpoint: e, target: path}
	if body != nil {
		r.body, err = json.Marshal(body)
	}
	return r, err
}

// fail makes the error of a request that nothing was heard of.
func (r request) fail(is error, reason string) *Error {
	return &Error{Method: r.method, Path: r.path, is: is, Reason: reason}
}

// wrap names the request whose caller gave up.
func (r request) wrap(err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return fmt.Errorf("mangopay: %s %s: %w", r.method, r.path, err)
}

// read sends a GET, together with all who ask the same at the same time.
func (c *Client) read(ctx context.Context, r request) (reply, error) {
	got, err := c.flights.do(ctx, r.target, func(ctx context.Context) (reply, error) { return c.send(ctx, r) })
	return got, r.wrap(err)
}

// write sends a PUT or POST. Reads that were on their way before it ended may not know of it, so nobody joins them any more.
func (c *Client) write(ctx context.Context, r request) (reply, error) {
	defer c.flights.part()
	got, err := c.send(ctx, r)
	return got, r.wrap(err)
}

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
	if !errors.As(err, &e) || e.unsent || e.is != ErrUnavailable && e.is != ErrRateLimit {
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

// authorized sends a request with a token, and once more with a new one if the token was refused.
func (c *Client) authorized(ctx context.Context, r request) (reply, error) {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return reply{}, err
	}
	got, err := c.exchange(ctx, r, token)
	if !errors.Is(err, ErrCredentials) || !c.tokens.drop(token) {
		return got, err
	}
	if token, err = c.tokens.get(ctx); err != nil {
		return reply{}, err
	}
	if got, err = c.exchange(ctx, r, token); errors.Is(err, ErrCredentials) {
		c.tokens.keep()
	}
	return got, err
}

// exchange sends a request and reads what comes back.
func (c *Client) exchange(ctx context.Context, r request, token string) (reply, error) {
	within, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	q, err := c.outgoing(within, r, token)
	if err != nil {
		return reply{}, r.fail(ErrID, "") // no id of ours makes a URL that cannot be parsed
	}
	started := c.config.Now()
	answer, err := c.http.Do(q)
	ended := c.config.Now()
	if err != nil {
		return reply{}, c.unheard(ctx, r, 0, started, err)
	}
	body, err := readAll(answer)
	if err != nil {
		return reply{}, c.unheard(ctx, r, answer.StatusCode, started, err)
	}
	h := answer.Header
	c.quota.learn(h, started, ahead(h, ended))
	got := reply{status: answer.StatusCode, header: h, body: body, started: started, at: instant(h, started, ended)}
	err = c.refused(r, got, ended)
	c.observe(r.endpoint, answer.StatusCode, c.config.Now().Sub(started), err)
	return got, err
}

// outgoing is the HTTP request.
func (c *Client) outgoing(ctx context.Context, r request, token string) (*http.Request, error) {
	q, err := http.NewRequestWithContext(ctx, r.method, c.where.base+r.target, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Authorization", "Bearer "+token)
	q.Header.Set("Accept", "application/json")
	q.Header.Set("Cache-Control", "no-cache") // nobody in between may answer with what was true once
	q.Header.Set("User-Agent", userAgent)
	if r.body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		q.Header.Set("Idempotency-Key", r.key)
	}
	return q, nil
}

// unheard is the error of a request without a whole answer.
func (c *Client) unheard(ctx context.Context, r request, status int, started time.Time, err error) error {
	e := r.fail(ErrUnavailable, broken(err))
	if errors.Is(err, errTooLong) {
		e = r.fail(ErrUnreadable, "it is longer than any of the provider's")
	}
	e.HTTPStatus = status
	var failed error = e
	if ctx.Err() != nil {
		failed = ctx.Err()
	}
	c.observe(r.endpoint, status, c.config.Now().Sub(started), failed)
	return failed
}

// refused is the error of an answer that is a refusal; nil for a good one.
func (c *Client) refused(r request, got reply, ended time.Time) error {
	if 200 <= got.status && got.status < 300 {
		return nil
	}
	e := refuse(r.endpoint, got.status, got.header, got.body, got.at)
	if e.is == ErrRateLimit {
		if e.Retry == 0 {
			e.Retry = c.quota.reset(ended)
		}
		c.quota.hold(ended.Add(e.Retry))
	}
	return e
}

var errTooLong = errors.New("mangopay: the answer is too long")

// readAll reads and closes a bounded body.
func readAll(answer *http.Response) ([]byte, error) {
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, longestBody+1))
	if err == nil && len(body) > longestBody {
		err = errTooLong
	}
	return body, err
}
