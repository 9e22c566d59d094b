// Package readapi serves read models over HTTP: single documents under /v1, as they are, as they were (?at=), and not
// before a record has been applied (?wait=), and the health of the process. It is an http.Handler for a private
// listener: what it shows is not public.
package readapi

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// SeqHeader names the newest log record that a document reflects.
const SeqHeader = "Hookfold-Seq"

// ParkedHeader is there where a resource stands still (law 11): it names the log record at which it stopped, and the
// document may be out of date.
const ParkedHeader = "Hookfold-Parked"

// New makes the handler. It reports every problem of the configuration at once.
func New(c Config) (http.Handler, error) {
	if problems := c.problems(); len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
	}
	c.WaitMost = cmp.Or(c.WaitMost, 4*time.Second)
	c.WaitLatest = cmp.Or(c.WaitLatest, time.Second)
	a := &api{cfg: c, models: map[string]projections.AnyModel{}}
	for _, m := range c.Models {
		a.models[m.Plural()] = m
	}
	return a, nil
}

// api is the handler.
type api struct {
	cfg    Config
	models map[string]projections.AnyModel
}

// ServeHTTP routes by the escaped path, because an id may hold a slash or dots.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "only GET is served here")
		return
	}
	switch path := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/"); {
	case len(path) == 1 && path[0] == "healthz":
		a.health(w)
	case len(path) == 1 && path[0] == "readyz":
		a.ready(w, r)
	case len(path) == 3 && path[0] == "v1":
		a.document(w, r, path[1], path[2])
	default:
		fail(w, http.StatusNotFound, "no such path: documents are at /v1/"+strings.Join(a.plurals(), "|")+"/{id}")
	}
}

func (a *api) plurals() []string {
	out := make([]string, len(a.cfg.Models))
	for i, m := range a.cfg.Models {
		out[i] = m.Plural()
	}
	return out
}

// document serves one resource.
func (a *api) document(w http.ResponseWriter, r *http.Request, plural, escaped string) {
	m, ok := a.models[plural]
	id, err := url.PathUnescape(escaped)
	if !ok || err != nil || id == "" {
		fail(w, http.StatusNotFound, "no such path: documents are at /v1/"+strings.Join(a.plurals(), "|")+"/{id}")
		return
	}
	q, err := ask(r.URL.RawQuery)
	if err == nil {
		err = a.wait(r.Context(), q.wait)
	}
	if err != nil {
		failWith(w, err)
		return
	}
	doc, err := projections.ReadDocument(r.Context(), a.cfg.Store, m, cmp.Or(q.source, a.cfg.Source), id, q.at)
	if err != nil {
		failWith(w, err)
		return
	}
	w.Header().Set(SeqHeader, strconv.FormatUint(uint64(doc.Seq), 10))
	if doc.Parked != nil {
		w.Header().Set(ParkedHeader, strconv.FormatUint(uint64(doc.Parked.Seq), 10))
	}
	_, _ = w.Write(append(doc.JSON, '\n')) // the client may be gone
}
