package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// stored is the first answer to an idempotency key.
type stored struct {
	at     time.Time
	status int
	body   json.RawMessage
	url    string
}

// keptAnswers is how long an idempotency key is taken.
const keptAnswers = 24 * time.Hour

// keyShape is what an Idempotency-Key looks like.
var keyShape = regexp.MustCompile(`^[0-9A-Za-z-]{16,36}$`)

// answerRoutes are the endpoints of stored answers.
var answerRoutes = []route{{"GET /responses/{key}", (*call).viewAnswer}}

// once lets a handler answer, and a POST with an idempotency key only the first time, whatever that answer was.
func (s *Sandbox) once(c *call, h handler) (reply, error) {
	key := c.r.Header.Get("Idempotency-Key")
	if key == "" || c.r.Method != http.MethodPost {
		return h(c)
	}
	if !keyShape.MatchString(key) {
		return reply{}, badParam("Idempotency-Key", "The value must be 16 to 36 alphanumeric characters or dashes.")
	}
	name := c.r.PathValue("client") + "/" + key
	if a, taken := s.answers[name]; taken && c.at.Sub(a.at) < keptAnswers {
		return reply{}, refused(http.StatusConflict, "idempotent_creation_conflict", "This Idempotency-Key has been used already. See GET /responses/{IdempotencyKey}")
	}
	out, err := h(c)
	s.answers[name] = s.store(c, out, err)
	return out, err
}

// store makes the stored form of an answer.
func (s *Sandbox) store(c *call, out reply, err error) stored {
	a := stored{at: c.at, status: out.status, url: c.link(c.r.URL.Path)}
	var no *refusal
	if errors.As(err, &no) {
		a.status = no.status
		a.body = encode(no.body(s.ids.uuid(), c.at, newer(c.r.URL.Path)))
	} else if out.body != nil {
		a.body = encode(out.body)
	}
	return a
}

// answerBody is what is told of a stored answer.
type answerBody struct {
	StatusCode    string          `json:"StatusCode"`
	ContentLength string          `json:"ContentLength"`
	ContentType   string          `json:"ContentType"`
	Date          string          `json:"Date"`
	RequestURL    string          `json:"RequestURL"`
	Resource      json.RawMessage `json:"Resource"`
}

// viewAnswer tells how the first request with an idempotency key was answered.
func (c *call) viewAnswer() (reply, error) {
	key := c.r.PathValue("key")
	a, known := c.answers[c.r.PathValue("client")+"/"+key]
	if !known || c.at.Sub(a.at) >= keptAnswers {
		return reply{}, refused(http.StatusBadRequest, "correlationid_not_found", "There is no response for this Idempotency-Key")
	}
	body := a.body
	if body == nil {
		body = json.RawMessage("null")
	}
	return ok(answerBody{
		StatusCode: strconv.Itoa(a.status), ContentLength: strconv.Itoa(len(a.body)), ContentType: "application/json",
		Date: a.at.UTC().Format(http.TimeFormat), RequestURL: a.url, Resource: body,
	})
}
