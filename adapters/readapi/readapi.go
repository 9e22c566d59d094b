// Package readapi serves read models over HTTP: single documents under /v1, as they are, as they were (?at=), and not
// before a record has been applied (?wait=), lists of them, and the health of the process. It is an http.Handler for a
// private listener: what it shows is not public.
//
// Every model that is given is served alike:
//
//	/v1/{plural}                   its documents, page by page: ?limit= and ?cursor=, the next of the page before
//	/v1/{plural}?status=PENDING    those with this value in a field, one of a nested object as ?confirmed.kyc=true
//	/v1/{plural}/{id}              one document
//	/v1/{plural}/{id}/{other}      documents of another model that belong to it, e.g. the sessions of a user; or what
//	                               Config.Derived computes of it, e.g. the forecast of a hook
//	/v1/changes                    what changes, as server-sent events, from Last-Event-ID or ?from= on; see [Changes]
//
// With Config.Quarantine also what stands still (law 11):
//
//	/v1/quarantine                 page by page: ?limit=, ?cursor=, and ?scan=true, which reads every row
//	/v1/quarantine/{kind}/{id}     why one resource does
//
// A list answers with a [Listing]. A filter reads a bounded number of rows for one page, so that a page may hold fewer
// documents than its limit, even none: only an empty next is the end. A field called limit, cursor, wait, source or at
// cannot be asked for.
package readapi

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
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
	c.ReadMost = cmp.Or(c.ReadMost, 5*time.Second)
	c.Heartbeat = cmp.Or(c.Heartbeat, 15*time.Second)
	c.Listeners = cmp.Or(c.Listeners, 64)
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

	listeners atomic.Int64
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
	case len(path) > 1 && path[0] == "v1":
		a.v1(w, r, path[1:])
	default:
		a.nowhere(w)
	}
}

// v1 serves a document or a list: the path is a model, perhaps an id, and perhaps a model again.
func (a *api) v1(w http.ResponseWriter, r *http.Request, path []string) {
	if path[0] == "quarantine" && a.cfg.Quarantine != nil {
		a.quarantine(w, r, path[1:])
		return
	}
	m, ok := a.models[path[0]]
	if len(path) == 1 && path[0] == "changes" && a.cfg.Changes != nil {
		a.changes(w, r)
		return
	}
	if !ok || len(path) > 3 {
		a.nowhere(w)
		return
	}
	if len(path) == 1 {
		a.list(w, r, m, nil)
		return
	}
	id, err := url.PathUnescape(path[1])
	if err != nil || id == "" {
		a.nowhere(w)
		return
	}
	if len(path) == 2 {
		a.document(w, r, m, id)
		return
	}
	if d := a.cfg.Derived[path[0]+"/"+path[2]]; d != nil {
		a.derived(w, r, d, id)
		return
	}
	if other, ok := a.models[path[2]]; ok {
		if where, ok := belongs(other, m, id); ok {
			a.list(w, r, other, where)
			return
		}
	}
	a.nowhere(w)
}

// nowhere answers a path that is none.
func (a *api) nowhere(w http.ResponseWriter) {
	plurals := strings.Join(a.plurals(), "|")
	fail(w, http.StatusNotFound, "no such path: documents are at /v1/"+plurals+"/{id}, lists at /v1/"+plurals)
}

func (a *api) plurals() []string {
	out := make([]string, len(a.cfg.Models))
	for i, m := range a.cfg.Models {
		out[i] = m.Plural()
	}
	return out
}

// document serves one resource.
func (a *api) document(w http.ResponseWriter, r *http.Request, m projections.AnyModel, id string) {
	q, err := ask(r.URL.RawQuery)
	if err == nil {
		err = a.wait(r.Context(), q.wait)
	}
	if err != nil {
		failWith(w, err)
		return
	}
	ctx, cancel := a.reading(r)
	defer cancel()
	doc, err := projections.ReadDocument(ctx, a.cfg.Store, m, cmp.Or(q.source, a.cfg.Source), id, q.at)
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
