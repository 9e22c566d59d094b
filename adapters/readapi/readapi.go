// Package readapi serves read models over HTTP: single documents under /v1, as they are, as they were (?at=), and not
// before a record has been applied (?wait=), and the health of the process. It is an http.Handler for a private
// listener: what it shows is not public.
package readapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Config says what is served.
type Config struct {
	Store  projections.Store
	Models []projections.AnyModel // each under /v1/{its plural name}/{id}
	Source string                 // of resources whose source a request does not name (?source=)

	// Wait returns when a record is applied; usually Projector.Wait.
	Wait func(context.Context, projections.Seq) error
	// Latest is the newest record that this process knows of: a request without ?wait= waits for it a little, so that
	// whoever was just answered by the ingress reads its own notification. nil: requests do not wait.
	Latest func() projections.Seq
	// Ready is nil when the read models have caught up with the log; nil: always ready.
	Ready func(context.Context) error
	// Health is nil while the process can do its work; nil: always healthy.
	Health func() error
	// Status adds counters to /healthz, as a value for encoding/json; nil: none.
	Status func() any

	WaitMost   time.Duration // longest wait for ?wait=; 0: 10 s
	WaitLatest time.Duration // longest wait for Latest; 0: 1 s
}

// SeqHeader names the newest log record that a document reflects.
const SeqHeader = "Hookfold-Seq"

// ErrConfig is wrapped by every problem of a Config.
var ErrConfig = errors.New("readapi: not completely configured")

// New makes the handler. It reports every problem of the configuration at once.
func New(c Config) (http.Handler, error) {
	if c.Store == nil || c.Wait == nil || c.Source == "" || len(c.Models) == 0 {
		return nil, fmt.Errorf("%w: Store, Wait, Source and at least one model are needed", ErrConfig)
	}
	if c.WaitMost == 0 {
		c.WaitMost = 10 * time.Second
	}
	if c.WaitLatest == 0 {
		c.WaitLatest = time.Second
	}
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
	q := r.URL.Query()
	at, err := projections.ParseAsOf(q.Get("at"))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := a.wait(r.Context(), q.Get("wait")); err != nil {
		failWith(w, err)
		return
	}
	source := q.Get("source")
	if source == "" {
		source = a.cfg.Source
	}
	doc, err := projections.ReadDocument(r.Context(), a.cfg.Store, m, source, id, at)
	if err != nil {
		failWith(w, err)
		return
	}
	w.Header().Set(SeqHeader, strconv.FormatUint(uint64(doc.Seq), 10))
	_, _ = w.Write(append(doc.JSON, '\n')) // the client may be gone
}

// errWait says that ?wait= is not a sequence.
var errWait = errors.New("readapi: wait is not a log sequence: give the number of a Hookfold-Seq header")

// wait holds a request until the read models have come far enough.
func (a *api) wait(ctx context.Context, asked string) error {
	if a.cfg.Ready != nil {
		ready, cancel := context.WithTimeout(ctx, a.cfg.WaitMost)
		defer cancel()
		if err := a.cfg.Ready(ready); err != nil {
			return err
		}
	}
	if asked == "" {
		return a.waitLatest(ctx)
	}
	seq, err := strconv.ParseUint(asked, 10, 64)
	if err != nil {
		return errWait
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.WaitMost)
	defer cancel()
	return a.cfg.Wait(ctx, projections.Seq(seq))
}

// waitLatest waits for what this process has seen, but shows what there is when that takes long.
func (a *api) waitLatest(ctx context.Context) error {
	if a.cfg.Latest == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.WaitLatest)
	defer cancel()
	_ = a.cfg.Wait(ctx, a.cfg.Latest()) // lag is no error here: the header tells what is shown
	return nil
}

// health says whether the process can do its work, and what it has counted.
func (a *api) health(w http.ResponseWriter) {
	body := map[string]any{"status": "ok"}
	if a.cfg.Status != nil {
		body["counts"] = a.cfg.Status()
	}
	if a.cfg.Health != nil {
		if err := a.cfg.Health(); err != nil {
			body["status"] = err.Error()
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// ready says whether the read models have caught up.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	if a.cfg.Ready != nil {
		ctx, cancel := context.WithCancel(r.Context())
		cancel() // ask, do not wait
		if err := a.cfg.Ready(ctx); err != nil {
			failWith(w, err)
			return
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "ready"}) // the client may be gone
}

// failWith answers with the status that an error calls for.
func failWith(w http.ResponseWriter, err error) {
	var lag *projections.LagError
	switch {
	case errors.Is(err, projections.ErrUnknown):
		fail(w, http.StatusNotFound, err.Error())
	case errors.Is(err, projections.ErrArchived):
		fail(w, http.StatusGone, err.Error())
	case errors.Is(err, errWait):
		fail(w, http.StatusBadRequest, err.Error())
	case errors.As(err, &lag):
		fail(w, http.StatusServiceUnavailable, err.Error())
	default:
		fail(w, http.StatusServiceUnavailable, "the read model cannot be read now: "+err.Error())
	}
}

// fail answers with a sentence.
func fail(w http.ResponseWriter, status int, sentence string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence}) // the client may be gone
}
