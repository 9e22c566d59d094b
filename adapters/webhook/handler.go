package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Handler receives notifications. It is an [http.Handler], safe for concurrent use; mount it so that it sees the whole
// path, at "/" of a server of its own or as both "/hooks" and "/hooks/" of a mux.
type Handler struct {
	cfg     Config
	path    [sha256.Size]byte // digest of the one right path
	attempt atomic.Uint64
	tally   tally
	quiet   quiet
}

// New makes a Handler. Its error wraps ErrConfig and names every problem at once.
func New(c Config) (*Handler, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	path := "/hooks"
	if c.Token != "" {
		path += "/" + c.Token
	}
	h := &Handler{cfg: c, path: sha256.Sum256([]byte(path))}
	h.cfg.Token = "" // only its digest is needed from here on
	// Attempts must go on rising after a restart of this replica, so they start at the clock.
	h.attempt.Store(uint64(max(c.Now().UnixMicro(), 0)))
	return h, nil
}

// ServeHTTP answers one request by the table in the package comment.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	res := h.receive(r, h.cfg.Now())
	res.Gone = r.Context().Err() != nil
	h.tally.add(res)
	answer(w, r, res)
	h.tell(res)
}

// Refused counts and observes an answer that a server gave by itself because it could not read a request, by its status:
// 414, 431, or 400 for all else. Give it to the server, for instance as listen.Config.Refused.
func (h *Handler) Refused(status int) {
	res := Result{Outcome: Malformed, Received: h.cfg.Now()}
	switch status {
	case http.StatusRequestURITooLong:
		res.Outcome = TooLong
	case http.StatusRequestHeaderFieldsTooLarge:
		res.Outcome = HeadersTooLong
	}
	h.tally.add(res)
	h.tell(res)
}

// receive decides what becomes of a request and keeps what is to be kept.
func (h *Handler) receive(r *http.Request, at time.Time) (res Result) {
	defer func() {
		if p := recover(); p != nil {
			h.defect(p)
			res.Outcome, res.Seq, res.Received = Panicked, 0, at
		}
	}()
	if no := h.refusal(r); no != Accepted {
		return Result{Outcome: no, Type: refusedType(no, r.URL.RawQuery), Received: at}
	}
	got, err := read(h.cfg.Source, r.URL.RawQuery, at)
	res = Result{Outcome: got.outcome, Type: got.name, Known: got.known, Received: at, Err: err}
	if err == nil && got.event.Type != "" {
		res.Seq, res.Err = h.keep(r.Context(), got.event, at)
	}
	if res.Err != nil {
		res.Outcome, res.Seq = Failed, 0
	}
	h.log(res, got.reason)
	return res
}

// refusal is Accepted, or why the request is not looked at. The address comes first: whoever comes from elsewhere is told so
// on every path alike, and cannot try tokens. The path comes next: without the token, nothing about the right path can
// be learned, not even which methods it takes.
func (h *Handler) refusal(r *http.Request) Outcome {
	if !h.allowed(r) {
		return Forbidden
	}
	switch path := sha256.Sum256([]byte(asked(r))); {
	case subtle.ConstantTimeCompare(path[:], h.path[:]) != 1: // digests, so that no length leaks either
		return Stranger
	case r.Method != http.MethodGet:
		return WrongMethod
	case len(r.URL.RawQuery) > h.cfg.MaxQuery:
		return TooLong
	}
	return Accepted
}

// asked is the path that a request asks for. A slash that was percent-encoded does not divide the path (RFC 3986), so it is
// left as it is, and no right path has one.
func asked(r *http.Request) string {
	if raw := r.URL.RawPath; strings.Contains(raw, "%2F") || strings.Contains(raw, "%2f") {
		return raw
	}
	return r.URL.Path
}

// keep appends one event and returns when it is durable. A sender that went away meanwhile does not stop it: what was
// received is worth keeping, and the provider would only send it again.
func (h *Handler) keep(ctx context.Context, e events.Event, at time.Time) (projections.Seq, error) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.Timeout)
	defer done()
	e.Delivery = events.Delivery{
		Origin: events.Webhook, Received: at.UnixMilli(), Replica: h.cfg.Replica, Attempt: h.attempt.Add(1),
	}
	seq, err := h.cfg.Log.Append(ctx, e)
	if err != nil {
		return 0, fmt.Errorf("webhook: a notification was not stored, the provider will send it again: %w", err)
	}
	return seq, nil
}

// answer writes the one response of a result.
func answer(w http.ResponseWriter, r *http.Request, res Result) {
	head, reply := w.Header(), replies[res.Outcome]
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Type", "text/plain; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff")
	if r.TLS != nil {
		head.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if res.Outcome == WrongMethod {
		head.Set("Allow", http.MethodGet)
	}
	if res.Seq > 0 {
		head.Set("Hookfold-Seq", strconv.FormatUint(uint64(res.Seq), 10))
	}
	if r.ContentLength != 0 {
		head.Set("Connection", "close") // a notification has no body: answer without waiting for one
	}
	w.WriteHeader(reply.status)
	_, _ = w.Write([]byte(reply.body + "\n")) // a sender that is gone is told by its own counter
}

// tell hands the result to the observer. A defect there must not cost an answer that was already given.
func (h *Handler) tell(res Result) {
	if h.cfg.Observe == nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			h.defect(p)
		}
	}()
	res.Took = h.cfg.Now().Sub(res.Received)
	h.cfg.Observe(res)
}

// log says what an operator can act on, now and then. Refusals are only counted: strangers must not be able to fill a log.
func (h *Handler) log(res Result, reason string) {
	if res.Outcome != Failed && res.Outcome != Unreadable {
		return
	}
	more, ok := h.quiet.let(res.Outcome, res.Received)
	switch {
	case !ok:
	case res.Outcome == Failed:
		h.cfg.Logger.Error("a notification was not stored; answered 503", "event_type", res.Type, "error", res.Err, "more_since_last", more)
	default:
		h.cfg.Logger.Warn("a notification could not be read and is kept raw", "event_type", res.Type, "reason", reason, "seq", res.Seq, "more_since_last", more)
	}
}

// defect reports a panic with its stack, but never the request.
func (h *Handler) defect(p any) {
	h.cfg.Logger.Error("a defect was met while a notification was received", "panic", bounded(fmt.Sprint(p), maxKept),
		"stack", bounded(string(debug.Stack()), maxKept*2))
}
