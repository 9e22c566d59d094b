package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/events"
)

// tool answers one endpoint of the control API. Its error is told as it is, with status 400.
type tool func(r *http.Request, read func(any) error) (any, error)

// toolRoutes are the endpoints of the control API: what only Mangopay and users can do, and what goes wrong on purpose.
func (s *Sandbox) toolRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]tool{
		"GET /_sandbox/clock":              s.tellTime,
		"POST /_sandbox/clock":             s.advance,
		"GET /_sandbox/faults":             s.showFaults,
		"PUT /_sandbox/faults":             s.setFaults,
		"GET /_sandbox/delivery-faults":    s.showDeliveryFaults,
		"PUT /_sandbox/delivery-faults":    s.setDeliveryFaults,
		"POST /_sandbox/tokens/expire":     s.expireTokens,
		"POST /_sandbox/reset":             s.reset,
		"GET /_sandbox/events":             s.showEvents,
		"GET /_sandbox/mails":              s.showMails,
		"GET /_sandbox/attempts":           s.showAttempts,
		"POST /_sandbox/hooks/{hook}/test": s.testHook,
		"POST /_sandbox/idv-sessions/{id}": s.setOutcome,
		"POST /_sandbox/documents/{id}":    s.setDocument,
		"POST /_sandbox/users/{id}":        s.setUser,
		"PUT /_sandbox/users/{id}":         s.makeUser,
		"POST /_sandbox/wallets/{id}":      s.addMoney,
	} {
		mux.HandleFunc(pattern, serveTool(answer))
	}
	return mux
}

// errTool is wrapped by what the control API refuses.
var errTool = errors.New("not done")

// serveTool makes an http.HandlerFunc of a tool.
func serveTool(answer tool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		read := func(v any) error {
			if err != nil || len(data) == 0 {
				return err
			}
			if err := json.Unmarshal(data, v); err != nil {
				return fmt.Errorf("%w: the body is not the JSON that is asked for", errTool)
			}
			return nil
		}
		out, err := answer(r, read)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			out = map[string]string{"error": err.Error()}
		}
		_, _ = w.Write(append(encode(out), '\n')) // the client may be gone
	}
}

// clockBody is where the provider's clock stands.
type clockBody struct {
	Now  time.Time `json:"now"`
	Unix int64     `json:"unix"`
}

func (s *Sandbox) tellTime(*http.Request, func(any) error) (any, error) {
	now := s.now().UTC()
	return clockBody{now, unix(now)}, nil
}

// advance steps the clock, and returns when all that came due is done, deliveries included.
func (s *Sandbox) advance(r *http.Request, read func(any) error) (any, error) {
	var w struct {
		Advance string `json:"advance"` // a duration, such as "10m"
	}
	if err := read(&w); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(w.Advance)
	if err != nil || d < 0 {
		return nil, fmt.Errorf(`%w: advance must be a duration such as "10m" or "8h"`, errTool)
	}
	s.cfg.Timeline.Advance(d)
	return s.tellTime(r, nil)
}

func (s *Sandbox) showFaults(*http.Request, func(any) error) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults, nil
}

// setFaults sets all faults of the API: what the body does not name is off.
func (s *Sandbox) setFaults(_ *http.Request, read func(any) error) (any, error) {
	var f faults
	if err := read(&f); err != nil {
		return nil, err
	}
	if problem := f.problem(); problem != "" {
		return nil, fmt.Errorf("%w: %s", errTool, problem)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.since = s.now()
	s.faults = f
	return f, nil
}

// deliveryBody is sender.Faults, with durations in seconds.
type deliveryBody struct {
	Seed      uint64        `json:"seed"`
	Only      []events.Type `json:"only"`
	Drop      float64       `json:"drop"`
	Delay     float64       `json:"delay"`
	DelayUpTo int64         `json:"delay_up_to"`
	Duplicate float64       `json:"duplicate"`
	Reorder   float64       `json:"reorder"`
	HoldUpTo  int64         `json:"hold_up_to"`
	Fail      float64       `json:"fail"`
}

// setDeliveryFaults sets all faults of notifications: what the body does not name is off.
func (s *Sandbox) setDeliveryFaults(_ *http.Request, read func(any) error) (any, error) {
	var b deliveryBody
	if err := read(&b); err != nil {
		return nil, err
	}
	return b, s.Sender().SetFaults(sender.Faults{
		Seed: b.Seed, Only: b.Only, Drop: b.Drop, Delay: b.Delay, DelayUpTo: time.Duration(b.DelayUpTo) * time.Second,
		Duplicate: b.Duplicate, Reorder: b.Reorder, HoldUpTo: time.Duration(b.HoldUpTo) * time.Second, Fail: b.Fail,
	})
}

// showDeliveryFaults tells what the faults of notifications have met.
func (s *Sandbox) showDeliveryFaults(*http.Request, func(any) error) (any, error) {
	c := s.Sender().FaultCounts()
	return map[string]uint64{
		"dropped": c.Dropped, "delayed": c.Delayed, "duplicated": c.Duplicated, "reordered": c.Reordered, "failed": c.Failed,
	}, nil
}

func (s *Sandbox) expireTokens(*http.Request, func(any) error) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.tokens)
	clear(s.tokens)
	return map[string]int{"expired": n}, nil
}

// reset empties the provider: all but the clock. What its hooks still had to send is not sent.
func (s *Sandbox) reset(*http.Request, func(any) error) (any, error) {
	fresh, err := s.newSender()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sender.Close()
	s.world = newWorld(fresh)
	return map[string]bool{"reset": true}, nil
}

// setOutcome lets a session come out.
func (s *Sandbox) setOutcome(r *http.Request, read func(any) error) (any, error) {
	var o outcome
	if err := read(&o); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.decide(r.PathValue("id"), o); err != nil {
		return nil, err
	}
	return s.sessions.by[r.PathValue("id")].now(), nil
}

// setDocument brings a document to VALIDATED, REFUSED or OUT_OF_DATE.
func (s *Sandbox) setDocument(r *http.Request, read func(any) error) (any, error) {
	var w struct {
		Status  string `json:"status"`
		Reason  string `json:"reason"`
		Message string `json:"message"`
	}
	if err := read(&w); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{validated, denied, outOfDate}, w.Status) {
		return nil, fmt.Errorf("%w: status must be VALIDATED, REFUSED or OUT_OF_DATE", errTool)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, is := s.documents.by[r.PathValue("id")]; !is {
		return nil, fmt.Errorf("%w: there is no such document", errTool)
	}
	s.moveDocument(r.PathValue("id"), w.Status, w.Reason, w.Message)
	return s.documents.by[r.PathValue("id")].now(), nil
}
