package sender

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Event is something that took place at the provider: what is listed by its API, and what notifications tell of.
type Event struct {
	EventType  events.Type
	ResourceID string
	Date       int64 // Unix seconds, on the timeline
}

// query is the query of a notification (S4: "?EventType=EventType&RessourceId=ResourceId&Date=Date").
func (e Event) query() string {
	return "EventType=" + url.QueryEscape(string(e.EventType)) + "&RessourceId=" + url.QueryEscape(e.ResourceID) +
		"&Date=" + strconv.FormatInt(e.Date, 10)
}

// Failure is why an attempt failed; "" when it did not.
type Failure string

const (
	// BadStatus is any answer but 200, redirects and other successes included.
	BadStatus Failure = "status"
	// TooLate is no answer within 2 seconds.
	TooLate Failure = "timeout"
	// Unreachable is no answer at all: no connection, no trusted certificate, or a connection that broke.
	Unreachable Failure = "unreachable"
)

// Attempt is one request to a receiver. It holds no Url, which is secret, and no body.
type Attempt struct {
	Event
	HookID   string
	Number   int       // 1 for the first, then up to 16; 0 for a test of the dashboard
	Copy     bool      // of a notification that a fault has doubled
	At       time.Time // when it was sent, on the timeline
	Status   int       // of the answer; 0 when there was none
	Failure  Failure
	Took     time.Duration // in real time
	Failures int           // the hook's consecutive failures after it
}

// Mail is a warning that the owner of a hook would receive (S4).
type Mail struct {
	At        time.Time // on the timeline
	To        string    // the hook's Email
	HookID    string
	EventType events.Type
	Failures  int  // consecutive ones: 10, 20 … 100
	Invalid   bool // the hook has become INVALID
}

// Events lists what took place, in order.
func (s *Sender) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.listed)
}

// Mails lists the warnings, in order.
func (s *Sender) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Attempts lists the newest requests, Config.Keep of them, in the order in which they ended.
func (s *Sender) Attempts() []Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(newest(s.attempts, s.cfg.Keep))
}

// newest is the end of a list.
func newest[T any](list []T, n int) []T { return list[max(len(list)-n, 0):] }

// record adds an attempt, and lets the oldest go now and then.
func (s *Sender) record(a Attempt) {
	if len(s.attempts) >= 2*s.cfg.Keep {
		s.attempts = slices.Clone(newest(s.attempts, s.cfg.Keep))
	}
	s.attempts = append(s.attempts, a)
}
