package sender

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Sender keeps hooks and sends notifications. It is safe for concurrent use, and calls nobody while it is called: what it
// sends is sent by the Timeline.
type Sender struct {
	cfg    Config
	client *http.Client
	slots  chan struct{}   // one for each request under way
	open   context.Context // ends by Close
	close  context.CancelFunc

	mu       sync.Mutex
	hooks    []*registered // in the order of their creation
	listed   []Event
	mails    []Mail
	attempts []Attempt
	faults   Faults
	counts   FaultCounts
	held     []*notification // until a later one has overtaken them
}

// New makes a Sender without hooks. Its error wraps ErrConfig and names every problem at once.
func New(c Config) (*Sender, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Sender{cfg: c, client: client(c.Transport), slots: make(chan struct{}, c.Connections)}
	s.open, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Create registers a hook: ENABLED and VALID (S4). Its error joins all that apply of ErrEventType, ErrURL, ErrTag and ErrTaken.
func (s *Sender) Create(n NewHook) (Hook, error) {
	if err := n.validate(); err != nil {
		return Hook{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of(n.EventType) != nil {
		return Hook{}, ErrTaken
	}
	h := &registered{Hook: Hook{
		ID: s.cfg.IDs("hook_m_"), URL: n.URL, Status: Enabled, Validity: Valid, EventType: n.EventType,
		Tag: n.Tag, Email: n.Email, Created: s.cfg.Timeline.Now().Unix(),
	}}
	s.hooks = append(s.hooks, h)
	return h.Hook, nil
}

// Update changes a hook and returns it as it then stands. A new Url does not reset the counter, and is used from the next
// attempt on; VALID revives an INVALID hook for future notifications, with a counter of 0 (S4). Its error is ErrUnknown, or
// joins all that apply of ErrURL, ErrStatus, ErrValidity and ErrTag; then nothing has changed.
func (s *Sender) Update(id string, c Change) (Hook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.withID(id)
	if h == nil {
		return Hook{}, ErrUnknown
	}
	if err := c.validate(); err != nil {
		return Hook{}, err
	}
	h.change(c)
	return h.Hook, nil
}

// Hook returns the hook with an id; its error is ErrUnknown.
func (s *Sender) Hook(id string) (Hook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.withID(id); h != nil {
		return h.Hook, nil
	}
	return Hook{}, ErrUnknown
}

// Hooks lists all hooks, disabled and invalid ones too, in the order of their creation.
func (s *Sender) Hooks() []Hook {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Hook, len(s.hooks))
	for i, h := range s.hooks {
		list[i] = h.Hook
	}
	return list
}

// Emit says that an event takes place now: it is listed, and notified if there is a hook for it that is ENABLED and VALID. The
// first attempt is made by whatever drives the Timeline.
func (s *Sender) Emit(t events.Type, resource string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Timeline.Now()
	e := Event{EventType: t, ResourceID: resource, Date: now.Unix()}
	s.listed = append(s.listed, e)
	if h := s.of(t); h != nil && h.sends(h.era) {
		s.notify(&notification{Event: e, hook: h, era: h.era, n: len(s.listed)}, now)
	}
}

// Test sends the test of the dashboard to a hook: an empty RessourceId, and as Date midnight (UTC) of the day. It is sent
// whatever the hook's Status and Validity, once, and counts neither way. Its error is ErrUnknown.
func (s *Sender) Test(hookID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.withID(hookID)
	if h == nil {
		return ErrUnknown
	}
	now := s.cfg.Timeline.Now()
	e := Event{EventType: h.EventType, Date: now.UTC().Truncate(24 * time.Hour).Unix()}
	s.cfg.Timeline.At(now, func(time.Time) { s.cfg.Timeline.Go(func() { s.test(h, e) }) })
	return nil
}

// Close ends all sending: what is under way is broken off and counts neither way, and nothing is sent any more. A Timeline that
// is about to end then need not wait for receivers that hang.
func (s *Sender) Close() {
	s.close()
	s.client.CloseIdleConnections()
}

// of finds the hook of an EventType.
func (s *Sender) of(t events.Type) *registered {
	return s.find(func(h *registered) bool { return h.EventType == t })
}

// withID finds a hook by its id.
func (s *Sender) withID(id string) *registered {
	return s.find(func(h *registered) bool { return h.ID == id })
}

// find finds the hook that is meant; nil when there is none. There are as many as EventTypes: few.
func (s *Sender) find(meant func(*registered) bool) *registered {
	for _, h := range s.hooks {
		if meant(h) {
			return h
		}
	}
	return nil
}
