package sandbox

import (
	"net/http"
	"sync"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/events"
)

// Sandbox is the provider. It is an http.Handler and safe for concurrent use.
type Sandbox struct {
	cfg   Config
	ids   *ids
	api   []endpoint     // what the provider documents
	pages *http.ServeMux // what users open in a browser
	tools *http.ServeMux // the control API

	mu sync.Mutex // held while a request reads or changes what follows, never while anything waits
	world
}

// world is everything that the provider holds.
type world struct {
	sender    *sender.Sender // hooks, events and what is sent
	tokens    map[string]token
	quotas    map[string]quota
	answers   map[string]stored // by client and idempotency key
	faults    faults
	users     shelf[user]
	sessions  shelf[session]
	enrolling map[string]*enrolment // by the token of their page
	documents shelf[document]
	wallets   shelf[wallet]
	transfers shelf[transfer]
}

// newWorld is a provider with nothing in it.
func newWorld(sender *sender.Sender) world {
	return world{
		sender: sender, tokens: map[string]token{}, quotas: map[string]quota{}, answers: map[string]stored{},
		users: newShelf[user](), sessions: newShelf[session](), enrolling: map[string]*enrolment{},
		documents: newShelf[document](), wallets: newShelf[wallet](), transfers: newShelf[transfer](),
	}
}

// New makes a Sandbox. Its error wraps ErrConfig, or is that of the sender's configuration.
func New(c Config) (*Sandbox, error) {
	cfg, err := c.complete()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{cfg: cfg, ids: &ids{random: cfg.Random}}
	sends, err := s.newSender()
	if err != nil {
		return nil, err
	}
	s.world = newWorld(sends)
	s.api, s.pages, s.tools = endpoints(), s.pageRoutes(), s.toolRoutes()
	return s, nil
}

// newSender makes a sender that lives with the sandbox.
func (s *Sandbox) newSender() (*sender.Sender, error) {
	c := s.cfg.Sender
	c.Timeline = s.cfg.Timeline
	c.IDs = func(prefix string) string { return s.ids.ulid(prefix, s.now()) }
	return sender.New(c)
}

// Sender holds the hooks of the sandbox and sends its notifications, until the control API resets it.
func (s *Sandbox) Sender() *sender.Sender {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sender
}

// Close ends the sending of notifications at once: a Timeline that is about to end then need not wait for receivers that hang.
func (s *Sandbox) Close() { s.Sender().Close() }

// now is the provider's time.
func (s *Sandbox) now() time.Time { return s.cfg.Timeline.Now() }

// emit lets an event take place now: it is listed, and notified where there is a hook for it.
func (s *Sandbox) emit(t events.Type, resource string) { s.sender.Emit(t, resource) }

// later runs do after d on the timeline, with the world held.
func (s *Sandbox) later(d time.Duration, do func(now time.Time)) {
	s.cfg.Timeline.At(s.now().Add(max(d, 0)), func(now time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		do(now)
	})
}

// shelf holds the objects of one kind, in the order of their creation.
type shelf[T any] struct {
	by    map[string]*kept[T]
	order []string
}

func newShelf[T any]() shelf[T] { return shelf[T]{by: map[string]*kept[T]{}} }

// add puts a new object on the shelf.
func (s *shelf[T]) add(id string, at time.Time, v T) {
	s.by[id] = keep(at, v)
	s.order = append(s.order, id)
}

// all are the objects that keep says yes to, as they were at an instant.
func (s *shelf[T]) all(at time.Time, keep func(T) bool) []T {
	out := []T{}
	for _, id := range s.order {
		if v := s.by[id].at(at); keep(v) {
			out = append(out, v)
		}
	}
	return out
}
