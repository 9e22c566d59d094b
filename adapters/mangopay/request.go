package mangopay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
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
