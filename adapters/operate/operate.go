package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Action is something that an operator may ask for.
type Action struct {
	Path string // such as "/v1/backfill"
	// Do does it. What it tells reaches whoever asked at once; when that is an error, nobody listens any more. An error that
	// wraps ErrAsked, before anything was told, says that the question makes no sense. Do must not tell secrets: neither in
	// lines nor in its error.
	Do func(ctx context.Context, asked url.Values, tell func(line any) error) error
}

// Config says what may be asked for.
type Config struct {
	Actions []Action
	// Ends cuts all actions short, so that a server which stops need not wait for them; nil: only their callers do.
	Ends   context.Context
	Logger *slog.Logger  // nil: silent
	Write  time.Duration // longest time for one line to leave; 0: 10 s
}

// End is the last line of an answer.
type End struct {
	Done  bool   `json:"done"`
	Error string `json:"error,omitempty"` // why it is not done
}

// What an operator can do wrong.
var (
	// ErrConfig is wrapped by every problem of a Config.
	ErrConfig = errors.New("operate: not completely configured")
	// ErrAsked says that a question makes no sense.
	ErrAsked = errors.New("operate: the question makes no sense")
)

// New makes the handler. Its error wraps ErrConfig and names every problem at once.
func New(c Config) (http.Handler, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if c.Write == 0 {
		c.Write = 10 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	mux := http.NewServeMux()
	for _, a := range c.Actions {
		mux.Handle("POST "+a.Path, &runner{Action: a, cfg: c})
	}
	// A page of a foreign site can make an operator's browser post here, with what the browser knows.
	return http.NewCrossOriginProtection().Handler(mux), nil
}

// validate reports every problem at once.
func (c Config) validate() error {
	var problems []string
	seen := map[string]bool{}
	for _, a := range c.Actions {
		if !strings.HasPrefix(a.Path, "/") || strings.ContainsAny(a.Path, " {}") {
			problems = append(problems, fmt.Sprintf("%q is no path: begin it with /, without blanks or braces", a.Path))
		}
		if a.Do == nil {
			problems = append(problems, fmt.Sprintf("%q has no Do", a.Path))
		}
		if seen[a.Path] {
			problems = append(problems, fmt.Sprintf("%q is given twice", a.Path))
		}
		seen[a.Path] = true
	}
	if c.Write < 0 {
		problems = append(problems, "Write is negative: give a duration, or 0 for the default")
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

// runner serves one action, for one operator at a time.
type runner struct {
	Action
	cfg  Config
	busy atomic.Bool
}

func (a *runner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	asked, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		refuse(w, http.StatusBadRequest, "the query of the URL cannot be read")
		return
	}
	if !a.busy.CompareAndSwap(false, true) {
		refuse(w, http.StatusConflict, "this is being done already: wait for its end")
		return
	}
	defer a.busy.Store(false)
	ctx, cancel := a.until(r.Context())
	defer cancel()
	out := &teller{w: w, control: http.NewResponseController(w), write: a.cfg.Write}
	a.end(out, a.Do(ctx, asked, out.tell))
}

// until is the time of an action: while its caller is there and the server does not stop.
func (a *runner) until(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if a.cfg.Ends == nil {
		return ctx, cancel
	}
	forget := context.AfterFunc(a.cfg.Ends, cancel)
	return ctx, func() { forget(); cancel() }
}

// end says the last words.
func (a *runner) end(out *teller, err error) {
	switch {
	case err == nil:
		_ = out.tell(End{Done: true}) // the caller may be gone; it is done all the same
	case errors.Is(err, ErrAsked) && !out.begun:
		refuse(out.w, http.StatusBadRequest, err.Error())
	default:
		a.cfg.Logger.Warn("an operator's action is not done", "path", a.Path, "error", err)
		_ = out.tell(End{Error: err.Error()}) // the log has it too
	}
}

// teller writes lines.
type teller struct {
	w       http.ResponseWriter
	control *http.ResponseController
	write   time.Duration
	begun   bool
}

// tell sends one line at once. The time of the server for a whole answer does not count, only that of the line.
func (t *teller) tell(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("operate: a line does not render as JSON: %w", err)
	}
	if !t.begun {
		t.begun = true
		t.w.Header().Set("Content-Type", "application/x-ndjson")
		t.w.Header().Set("Cache-Control", "no-store")
		t.w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	_ = t.control.SetWriteDeadline(time.Now().Add(t.write)) // a recorder in a test has none
	if _, err := t.w.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("operate: whoever asked is gone: %w", err)
	}
	if err := t.control.Flush(); err != nil {
		return fmt.Errorf("operate: whoever asked is gone: %w", err)
	}
	return nil
}

// refuse answers without having done anything.
func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why}) // the caller may be gone
}
