package mangopay

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can go wrong, for errors.Is. Each says what to do; the error that carries it is an [*Error].
var (
	// ErrNotFound: the provider holds no such object. For a notification that means a forged one, or one of another
	// environment. [Error.At] says when.
	ErrNotFound = errors.New("the provider holds no such object: look whether id and environment belong together")
	// ErrParam: the provider refused what was sent. [Error.Fields] names the fields.
	ErrParam = errors.New("the provider refused the request: correct the fields that it names")
	// ErrFraudPolicy: the fake-name rule (S2), in production only. The provider does not say which field it is.
	ErrFraudPolicy = errors.New("the provider takes a name for a made-up one (fraud_policy) and does not say which: check first and last names")
	// ErrRateLimit: too many calls. [Error.Retry] says how long to wait.
	ErrRateLimit = errors.New("too many calls to the provider: wait")
	// ErrSCA: the user must authenticate first. It is no failure of the credentials.
	ErrSCA = errors.New("the provider asks for strong customer authentication of the user: this call cannot be made without the user")
	// ErrCredentials: client id or API key are wrong, revoked or of another environment.
	ErrCredentials = errors.New("the provider refused the credentials: check client id, API key and that both belong to this environment")
	// ErrLockout: the provider has locked the account or our address for a while after repeated refusals.
	ErrLockout = errors.New("the provider has locked this account for a while: correct the credentials before you try again")
	// ErrForbidden: the credentials are good, but this is not allowed to them.
	ErrForbidden = errors.New("the provider does not allow this: check the scope of the API key and that the feature is activated")
	// ErrConflict: an idempotency key was used for something else.
	ErrConflict = errors.New("the idempotency key belongs to another request: give every call a key of its own")
	// ErrUnavailable: no answer, or one that says that the provider is not well. [Error.Retry] may say how long to wait.
	ErrUnavailable = errors.New("the provider cannot be reached or is not well: try again later")
	// ErrUnreadable: an answer came that is not what the documents promise, such as a page of a proxy.
	ErrUnreadable = errors.New("the answer is not one of the provider's documented ones: check the base URL and what stands in between")
	// ErrID: what was given as an id cannot be one. Nothing was sent.
	ErrID = errors.New("this cannot be an id of the provider's: nothing was sent")
)

// Error is a call that failed. Its text holds no free text of the provider, which may repeat personal data, and no id.
type Error struct {
	Method     string        // of the request
	Path       string        // the template of its path, without ids
	HTTPStatus int           // 0: no answer
	Type       string        // the provider's Type, such as param_error, or the type of an RFC 9457 problem; "" unknown
	ID         string        // the provider's id of this error, for its support; "" none
	Fields     []string      // names of the fields that it complains about, sorted
	Retry      time.Duration // how long to wait before the next try; 0: not known
	At         time.Time     // when this was so, as [Answer.At]; zero without an answer
	Reason     string        // in our words, why there was no answer or why it could not be read; "" where the status says it all

	is      error // one of the sentinels
	unsent  bool  // refused here: nothing went out
	counted bool  // the circuit breaker has been told
}

// Error says what failed and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "mangopay: %s %s: %v", e.Method, e.Path, e.is)
	var facts []string
	if e.HTTPStatus != 0 {
		facts = append(facts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	for _, f := range []struct{ name, value string }{{"type ", e.Type}, {"error id ", e.ID}, {"fields ", strings.Join(e.Fields, ", ")}, {"", e.Reason}} {
		if f.value != "" {
			facts = append(facts, f.name+f.value)
		}
	}
	if e.Retry > 0 {
		facts = append(facts, "try again in "+e.Retry.String())
	}
	if len(facts) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(facts, "; "))
	}
	return b.String()
}

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.is }
