package mangopay

import (
	"errors"
	"time"
)

// Call is one attempt, for metrics: every field is of a small set of values, and none is an id or a secret.
type Call struct {
	Method   string
	Path     string        // the documented template, such as /v2.01/{ClientId}/hooks
	Status   int           // HTTP; 0: no answer
	Duration time.Duration // to the last byte; 0: nothing was sent
	Kind     string        // "" good; else not_found, param, fraud_policy, rate_limit, sca, credentials, lockout, forbidden, conflict, unavailable, unreadable, given_up
}

var kinds = []struct {
	is   error
	kind string
}{
	{ErrNotFound, "not_found"}, {ErrParam, "param"}, {ErrFraudPolicy, "fraud_policy"}, {ErrRateLimit, "rate_limit"}, {ErrSCA, "sca"},
	{ErrCredentials, "credentials"}, {ErrLockout, "lockout"}, {ErrForbidden, "forbidden"}, {ErrConflict, "conflict"},
	{ErrUnavailable, "unavailable"}, {ErrUnreadable, "unreadable"},
}

// kindOf is the kind of an error. What is none of ours is a context that ended.
func kindOf(err error) string {
	if err == nil {
		return ""
	}
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return k.kind
		}
	}
	return "given_up"
}

// observe tells the observer of an attempt.
func (c *Client) observe(e endpoint, status int, took time.Duration, err error) {
	c.config.Observe(Call{Method: e.method, Path: e.path, Status: status, Duration: max(0, took), Kind: kindOf(err)})
}

// quiet tells the errors that say nothing new of the provider: the caller gave up, nothing was sent, or it is known.
func quiet(err error) bool {
	var e *Error
	return err != nil && (!errors.As(err, &e) || e.unsent || e.counted)
}
