package readapi

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Changes is where facts come from. They are served as server-sent events: the data of each is the envelope that the
// stream of facts holds, its id is the place after it, by which a client goes on: a browser's EventSource by itself, with
// Last-Event-ID, everybody else also with ?from=. Without either a listener hears what happens from now on; ?from=start is
// the oldest that is kept. ?source=, ?kind=, ?id= and ?machine= leave out everything else.
//
// A place after which facts are no longer kept, or of facts that were begun anew, is answered with 410.
type Changes interface {
	// Watch tells every fact after a place, and then waits for more; "" is the oldest that is kept.
	Watch(ctx context.Context, place string) iter.Seq2[projections.Change, error]
	// Check returns the error with which Watch would end at once.
	Check(ctx context.Context, place string) error
	// Newest is the place after everything that there is now.
	Newest(ctx context.Context) (string, error)
}

// errChanges says that a query asks for something else than it could.
var errChanges = errors.New("readapi: of changes only from, source, kind, id and machine can be asked for, each once and percent-encoded")

// longestWrite bounds how long one piece of an endless answer may take to leave. The server's own bound is for whole answers.
const longestWrite = 10 * time.Second

// wanted is what a listener asked for; "" is everything.
type wanted struct{ from, source, kind, id, machine string }

// want reads a query.
func want(raw string) (q wanted, err error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, errChanges
	}
	into := map[string]*string{"from": &q.from, "source": &q.source, "kind": &q.kind, "id": &q.id, "machine": &q.machine}
	for name, all := range values {
		if into[name] == nil || len(all) > 1 {
			return q, errChanges
		}
		*into[name] = all[0]
	}
	return q, nil
}

// takes tells whether a listener wants to hear of a fact.
func (q wanted) takes(f projections.Fact) bool {
	is := func(want, have string) bool { return want == "" || want == have }
	return is(q.source, f.Ref.Source) && is(q.kind, f.Ref.Kind) && is(q.id, f.Ref.ID) && is(q.machine, f.Machine)
}

// changes serves facts until the listener or the server has had enough.
func (a *api) changes(w http.ResponseWriter, r *http.Request) {
	q, err := want(r.URL.RawQuery)
	if err != nil {
		failWith(w, err)
		return
	}
	if a.listeners.Add(1) > int64(a.cfg.Listeners) {
		a.listeners.Add(-1)
		w.Header().Set("Retry-After", "5")
		fail(w, http.StatusServiceUnavailable, "too many listen already: try again later, or read the stream of facts itself")
		return
	}
	defer a.listeners.Add(-1)
	ctx, cancel := a.until(r.Context())
	defer cancel()
	place, err := a.place(ctx, cmp.Or(r.Header.Get("Last-Event-ID"), q.from))
	if err != nil {
		failWith(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	s := &sse{w: w, control: http.NewResponseController(w)}
	if s.comment("listening", place) != nil || r.Method == http.MethodHead {
		return
	}
	a.stream(ctx, s, q, place)
}

// until is the time of a listener: while it is there and the server does not stop.
func (a *api) until(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if a.cfg.Ends == nil {
		return ctx, cancel
	}
	forget := context.AfterFunc(a.cfg.Ends, cancel)
	return ctx, func() { forget(); cancel() }
}

// place is where a listener begins. It is checked before anything is answered, because a client that is answered 200 would
// come again and again with a place that cannot be used.
func (a *api) place(ctx context.Context, asked string) (string, error) {
	switch asked {
	case "":
		return a.cfg.Changes.Newest(ctx)
	case "start":
		return "", nil
	}
	err := a.cfg.Changes.Check(ctx, asked)
	if errors.Is(err, projections.ErrRecreated) || errors.Is(err, projections.ErrRewound) {
		err = errOtherFacts
	}
	return asked, err
}

// errOtherFacts says that the place is one of facts that are no more.
var errOtherFacts = fmt.Errorf("%w: they were begun anew since", projections.ErrForgotten)

// heard is a change, or why there are no more.
type heard struct {
	change projections.Change
	err    error
}

// stream tells changes, and between them that it is still there.
func (a *api) stream(ctx context.Context, s *sse, q wanted, place string) {
	ctx, cancel := context.WithCancel(ctx)
	changes := make(chan heard)
	go func() {
		defer close(changes)
		for c, err := range a.cfg.Changes.Watch(ctx, place) {
			select {
			case changes <- heard{c, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		cancel()
		for range changes { // until nobody watches any more
		}
	}()
	beat := time.NewTicker(a.cfg.Heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case h, more := <-changes:
			if !more || h.err != nil {
				_ = s.failed(h.err) // the listener may be gone, and comes again
				return
			}
			place = h.change.Place
			if q.takes(h.change.Fact) {
				err = s.fact(h.change)
			}
		case <-beat.C:
			err = s.comment("still here", place) // so that who hears little goes on from here
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// sse writes server-sent events.
type sse struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// fact tells a change.
func (s *sse) fact(c projections.Change) error {
	e, err := c.Encode()
	if err != nil {
		return err
	}
	_, data, err := events.Encode(e)
	if err != nil {
		return err
	}
	return s.send("id: %s\ndata: %s\n\n", c.Place, data)
}

// comment tells nothing but a place.
func (s *sse) comment(what, place string) error {
	if place == "" {
		return s.send(": %s\n\n", what)
	}
	return s.send(": %s\nid: %s\n\n", what, place)
}

// failed tells why there are no more changes.
func (s *sse) failed(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	text, _ := json.Marshal(map[string]string{"error": err.Error()}) // a sentence always renders
	return s.send("event: error\ndata: %s\n\n", text)
}

// send writes one piece at once.
func (s *sse) send(format string, args ...any) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(longestWrite)) // a recorder in a test has none
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return fmt.Errorf("readapi: the listener is gone: %w", err)
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("readapi: the listener is gone: %w", err)
	}
	return nil
}
