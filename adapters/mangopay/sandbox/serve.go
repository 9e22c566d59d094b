package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// mostBody bounds what one request may send: a page of a document has 10 MB at most, a third more in base64.
const mostBody = 14 << 20

// ServeHTTP answers the API under /v2.01/, the pages that users open, and the control API under /_sandbox/.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat)) // the provider's clock, which clients tell the time of a reading by
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case strings.HasPrefix(r.URL.Path, "/_sandbox/"):
		s.tools.ServeHTTP(w, r)
	case parts(r.URL.Path)[0] != apiVersion:
		s.pages.ServeHTTP(w, r)
	default:
		s.serveAPI(w, r)
	}
}

// serveAPI finds the endpoint and lets it answer.
func (s *Sandbox) serveAPI(w http.ResponseWriter, r *http.Request) {
	if strings.EqualFold(strings.Join(parts(r.URL.Path), "/"), apiVersion+"/oauth/token") && r.Method == http.MethodPost {
		s.serveToken(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		s.write(w, r, reply{}, refused(http.StatusRequestEntityTooLarge, "param_error", "The request is too large"))
		return
	}
	e, known := s.find(r)
	switch {
	case e.answer == nil && known:
		s.write(w, r, reply{}, refused(http.StatusMethodNotAllowed, "method_not_allowed", "The requested resource does not support this method"))
		return
	case e.answer == nil:
		s.write(w, r, reply{}, notFound("endpoint", ""))
		return
	}
	now := s.now()
	out, err := s.answer(&call{Sandbox: s, r: r, body: body, query: lower(r.URL.Query()), at: now, asOf: now}, e.answer, w.Header())
	s.write(w, r, out, err)
}

// answer lets a handler answer, behind everything that comes before it.
func (s *Sandbox) answer(c *call, h handler, out http.Header) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.faults = s.faults.meeting(c.r.PathValue("client"))
	if err := c.faults.hit(s.ids, c.at); err != nil {
		return reply{}, err
	}
	if err := s.admit(c, out); err != nil {
		return reply{}, err
	}
	if c.r.Method == http.MethodGet {
		c.asOf = c.faults.asOf(c.at)
	}
	return s.once(c, h)
}

// write sends a reply, or the refusal that err is.
func (s *Sandbox) write(w http.ResponseWriter, r *http.Request, out reply, err error) {
	var no *refusal
	if errors.As(err, &no) {
		out = s.refuse(r, no)
	} else if err != nil {
		out = s.refuse(r, refused(http.StatusInternalServerError, "internal_server_error", "Internal error"))
	}
	for name, values := range out.header {
		w.Header()[name] = values
	}
	if out.body == nil {
		w.WriteHeader(out.status)
		return
	}
	data := encode(out.body)
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(out.status)
	_, _ = w.Write(data) // the client may be gone
}

// refuse makes the reply of a refusal.
func (s *Sandbox) refuse(r *http.Request, no *refusal) reply {
	id := s.ids.uuid()
	out := reply{status: no.status, header: no.header}
	switch no.kind {
	case "invalid_credentials":
		out.body = credentialsBody{Message: no.message, Type: no.kind, Date: s.now().Unix(), Error: no.oauth}
	case problem:
		out.header = http.Header{"Content-Type": {"application/problem+json; charset=utf-8"}}
		out.body = problemBody{
			Type: "https://tools.ietf.org/html/rfc7231#section-6.5.3", Title: no.message, Status: no.status, TraceID: "00-" + strings.ReplaceAll(id, "-", "") + "-0000000000000000-00",
		}
	default:
		out.body = no.body(id, s.now(), newer(r.URL.Path))
	}
	return out
}

// problem is the kind of a refusal whose body is that of RFC 7231.
const problem = "problem"

// newer tells the endpoints whose errors give Date as a float.
func newer(path string) bool {
	path = strings.ToLower(path)
	return strings.Contains(path, "/sca/") || strings.Contains(path, "/identity-verifications")
}

// encode writes JSON without escapes for HTML, as the provider does.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // the types of this package can all be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// unix is an instant as the API gives it.
func unix(t time.Time) int64 { return t.Unix() }
