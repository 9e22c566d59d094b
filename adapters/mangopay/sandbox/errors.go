package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// refusal is an answer by which the provider refuses a request.
type refusal struct {
	status  int
	kind    string            // Type
	message string            // Message
	fields  map[string]string // errors; nil is null
	header  http.Header
	oauth   string // error of RFC 6749, at the token endpoint only
}

// Error is for callers inside the package only; the client gets the body.
func (r *refusal) Error() string { return r.kind }

// The refusals that several endpoints share.
const paramMessage = "One or several required parameters are missing or incorrect. An incorrect resource ID also raises this kind of error."

// badParam is the provider's answer to what it cannot read: pairs of field and sentence.
func badParam(pairs ...string) *refusal {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	return &refusal{status: http.StatusBadRequest, kind: "param_error", message: paramMessage, fields: fields}
}

// notFound is the provider's answer to an unknown identifier, in its own spelling.
func notFound(what, id string) *refusal {
	return &refusal{
		status: http.StatusNotFound, kind: "ressource_not_found", message: "The ressource does not exist",
		fields: map[string]string{"RessourceNotFound": fmt.Sprintf("Cannot found the ressource %s with the id=%s", what, id)},
	}
}

// refused is any other refusal without fields.
func refused(status int, kind, message string) *refusal {
	return &refusal{status: status, kind: kind, message: message}
}

// errorBody is the provider's error.
type errorBody struct {
	Message string            `json:"Message"`
	Type    string            `json:"Type"`
	ID      string            `json:"Id,omitempty"`
	Date    json.RawMessage   `json:"Date"`
	Errors  map[string]string `json:"errors"`
}

// body renders a refusal. Newer endpoints give Date as a float with a zero fraction.
func (r *refusal) body(id string, now time.Time, float bool) errorBody {
	date := fmt.Appendf(nil, "%d", now.Unix())
	if float {
		date = append(date, ".0"...)
	}
	return errorBody{Message: r.message, Type: r.kind, ID: id, Date: date, Errors: r.fields}
}

// credentialsBody is the provider's answer to wrong or expired credentials: it has no Id and no errors.
type credentialsBody struct {
	Message string `json:"Message"`
	Type    string `json:"Type"`
	Date    int64  `json:"Date"`
	Error   string `json:"error,omitempty"`
}

// problemBody is the answer of RFC 7231 to the use of a feature that is not activated.
type problemBody struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	TraceID string `json:"traceId"`
}
