package mangopay

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryRefusalHasItsMeaning(t *testing.T) {
	t.Parallel()
	problem := func(status string) string {
		return `{"type":"https://tools.ietf.org/html/rfc7231#section-6.5.3","title":"x","status":` + status + `,"traceId":"00-ab-cd-00"}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		is     error
	}{
		"param":                {400, refusalOf("param_error"), ErrParam},
		"invalid action":       {400, refusalOf("invalid_action"), ErrParam},
		"a new type":           {400, refusalOf("something_new"), ErrParam},
		"unprocessable":        {422, refusalOf("x"), ErrParam},
		"a problem":            {400, problem("400"), ErrParam},
		"fake name":            {400, refusalOf("fraud_policy"), ErrFraudPolicy},
		"lockout":              {400, `{"error":"unauthorized_client","error_description":"x"}`, ErrLockout},
		"forbidden":            {403, refusalOf("x"), ErrForbidden},
		"feature off":          {403, problem("403"), ErrForbidden},
		"forbidden by a page":  {403, `<html>`, ErrForbidden},
		"not found":            {404, refusalOf("ressource_not_found"), ErrNotFound},
		"not found, spelled":   {404, refusalOf("resource_not_found"), ErrNotFound},
		"not found, a problem": {404, problem("404"), ErrNotFound},
		"another's 404":        {404, `<html>nginx</html>`, ErrUnreadable},
		"another's JSON 404":   {404, `{"message":"no route"}`, ErrUnreadable},
		"conflict":             {409, refusalOf("x"), ErrConflict},
		"rate":                 {429, refusalOf("rate_limit"), ErrRateLimit},
		"rate, no body":        {429, ``, ErrRateLimit},
		"down":                 {500, refusalOf("internal"), ErrUnavailable},
		"gateway":              {502, `<html>`, ErrUnavailable},
		"slow":                 {408, ``, ErrUnavailable},
		"a page":               {400, `<html>`, ErrUnreadable},
		"nothing new":          {304, ``, ErrUnreadable},
	} {
		s := newStandIn(t, always(c.status, c.body))
		_, err := s.client(t, func(c *Config) { c.Attempts = 1 }).User(context.Background(), "user_m_1")
		require.ErrorIs(t, err, c.is, name)
		e := asError(t, err)
		require.Equal(t, c.status, e.HTTPStatus, name)
		require.Equal(t, now, e.At, "%s: a refusal is an observation too", name)
		for _, k := range kinds {
			require.Equal(t, errors.Is(k.is, c.is), kindOf(err) == k.kind, "%s: one meaning only", name)
		}
	}
}

func TestARefusalSaysWhatToDoAndShowsTheProvidersCodes(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(400, sample(t, refusalOf("param_error"))))
	_, err := s.client(t).User(context.Background(), canaryID)
	e := asError(t, err)
	require.Equal(t, "param_error", e.Type)
	require.Equal(t, "bf6cce22-4c12#1452723935", e.ID)
	require.Equal(t, []string{"Birthday", "FirstName"}, e.Fields)
	require.EqualError(t, err, "mangopay: GET /v2.01/{ClientId}/sca/users/{UserId}: the provider refused the request: correct the fields that it names "+
		"(HTTP 400; type param_error; error id bf6cce22-4c12#1452723935; fields Birthday, FirstName)")
}

func TestTrap23_TheShapesOfErrorsAreRead(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]Error{
		`{"Type":"param_error","Errors":{"Url":"x"},"Id":7}`:             {Type: "param_error", Fields: []string{"Url"}, ID: "7"},
		`{"Type":"param_error","errors":null,"Id":null}`:                 {Type: "param_error"},
		`{"Type":"param_error","errors":["x"],"Date":"odd"}`:             {Type: "param_error"},
		`{"Type":"param_error ","errors":{}}`:                            {Type: "param_error"},
		`{"type":"about:blank","traceId":"00-1","errors":{"Tag":["x"]}}`: {Type: "about:blank", ID: "00-1", Fields: []string{"Tag"}},
		`{"Type":"has blanks in it","Id":"https://x/?token=y"}`:          {},
	} {
		e := refuse(userView, 400, http.Header{}, []byte(body), now)
		require.Equal(t, want, Error{Type: e.Type, ID: e.ID, Fields: e.Fields}, body)
	}
}
