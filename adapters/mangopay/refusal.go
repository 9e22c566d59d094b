package mangopay

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// errorBody is what is read of a refusal: the provider's own shape, a problem of RFC 9457, or an error of OAuth. Message,
// title and detail are free text, which may repeat what was sent, and are not read.
type errorBody struct {
	Type    text       `json:"Type"` // "type" of a problem reads alike
	ID      text       `json:"Id"`
	TraceID text       `json:"traceId"`
	Status  number     `json:"status"` // of a problem
	Errors  fieldNames `json:"errors"` // also written Errors
	Code    text       `json:"error"`  // of OAuth
}

// fieldNames are the names of a map whose values are free text. null, or anything else, is none.
type fieldNames []string

// UnmarshalJSON never fails.
func (f *fieldNames) UnmarshalJSON(b []byte) error {
	var all map[string]json.RawMessage
	_ = json.Unmarshal(b, &all) // what is no map has no names
	*f = nil
	for name := range all {
		if plain(name) != "" {
			*f = append(*f, name)
		}
	}
	slices.Sort(*f)
	return nil
}

// plain is a code of the provider as it may stand in an error; "" for what looks like anything else, such as a sentence or a
// URL with parameters.
func plain(code string) string {
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.:/#[]", r))
	}
	if len(code) > 128 || strings.ContainsFunc(code, odd) {
		return ""
	}
	return code
}

// refuse reads a refusal.
func refuse(e endpoint, status int, h http.Header, body []byte, at time.Time) *Error {
	var b errorBody
	readable := decode(body, '{', &b)
	if b.Type == "" {
		b.Type = b.Code
	}
	return &Error{
		Method: e.method, Path: e.path, HTTPStatus: status, At: at,
		Type: plain(string(b.Type)), ID: plain(first(string(b.ID), string(b.TraceID))), Fields: b.Errors,
		Retry: retryAfter(h, at), is: meaning(status, h, b, readable),
	}
}

// meaning is the sentinel of a refusal.
func meaning(status int, h http.Header, b errorBody, readable bool) error {
	switch {
	case status >= 500 || status == http.StatusRequestTimeout:
		return ErrUnavailable
	case status == http.StatusTooManyRequests || b.Type == "rate_limit":
		return ErrRateLimit
	case b.Type == "fraud_policy":
		return ErrFraudPolicy
	case status == http.StatusUnauthorized && pendingUserAction(h):
		return ErrSCA
	case b.Type == "unauthorized_client":
		return ErrLockout
	case status == http.StatusUnauthorized, b.Type == "invalid_client":
		return ErrCredentials
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusNotFound && absent(b):
		return ErrNotFound
	case status >= 400 && status != http.StatusNotFound && readable:
		return ErrParam
	}
	return ErrUnreadable
}

// absent tells the 404 of an object that does not exist, written in the provider's way or as a problem, from the 404 of
// whoever else may stand in between: only the first may be kept as an observation.
func absent(b errorBody) bool {
	return b.Type == "ressource_not_found" || b.Type == "resource_not_found" || b.Status == http.StatusNotFound
}

// pendingUserAction tells the 401 that asks for the user. The URL beside it is a secret of the user's and is not read.
func pendingUserAction(h http.Header) bool {
	const scheme = "pendinguseraction"
	for _, v := range h.Values("WWW-Authenticate") {
		if len(v) >= len(scheme) && strings.EqualFold(v[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}
