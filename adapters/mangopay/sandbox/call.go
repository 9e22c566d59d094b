package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one request at the API.
type call struct {
	*Sandbox
	r     *http.Request
	body  []byte
	query url.Values // names in lower case
	at    time.Time  // when it takes place
	asOf  time.Time  // what reads show: earlier than at while reads are stale

	faults *faults // that it meets
}

// reply is what is answered.
type reply struct {
	status int
	body   any // nil: none
	header http.Header
}

// handler answers one endpoint, with the world held. An error is a *refusal.
type handler func(*call) (reply, error)

// ok is a reply with a body.
func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

// none is a reply without one.
func none() (reply, error) { return reply{status: http.StatusNoContent}, nil }

// read decodes the body over v, so that what the body does not name stays as it is.
func (c *call) read(v any) error {
	if len(c.body) == 0 {
		return badParam("Body", "The request has no body.")
	}
	err := json.Unmarshal(c.body, v)
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kind) && kind.Field != "":
		return badParam(kind.Field, "The value cannot be read as "+kind.Type.String()+".")
	}
	return badParam("Body", "The body is no JSON object.")
}

// lower gives a query's names in lower case: the provider does not tell cases apart, and its SDKs use several.
func lower(q url.Values) url.Values {
	out := url.Values{}
	for name, values := range q {
		out[strings.ToLower(name)] = append(out[strings.ToLower(name)], values...)
	}
	return out
}

// find looks an object up as reads see it.
func find[T any](c *call, s shelf[T], what, id string) (T, error) {
	k, ok := s.by[id]
	if !ok {
		var none T
		return none, notFound(what, id)
	}
	return k.at(c.asOf), nil
}

// link is an absolute address of a page of the sandbox.
func (c *call) link(path string) string {
	if c.cfg.URL != "" {
		return c.cfg.URL + path
	}
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host + path
}
