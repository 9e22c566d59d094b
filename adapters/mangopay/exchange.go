package mangopay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	userAgent = "hookfold"
	// longestBody bounds an answer: a page of 100 hooks is some 40 KiB.
	longestBody = 4 << 20
)

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
		return reply{}, r.fail(ErrID, "") // endpoint.with lets no such id through
	}
	started := c.config.Now()
	answer, err := c.http.Do(q) //nolint:bodyclose // readAll closes it
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
	if errors.Is(e, ErrRateLimit) {
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
