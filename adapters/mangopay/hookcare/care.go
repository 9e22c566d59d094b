package hookcare

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// Care keeps our hooks. All methods are safe for concurrent use; those that ask the provider come one after the other.
type Care struct {
	cfg   Config
	door  door
	types []events.Type
	hooks projections.Reader[views.Hook]
	busy  chan struct{} // held by whoever asks the provider, so that no list is a mixture of before and after a change
	alarm *alarm
	n     atomic.Uint64 // of the newest reading that was told: orders those of one millisecond

	mu     sync.Mutex
	counts Counts
	stood  map[events.Type]Standing // as the last poll found them
	ours   map[events.Type]bool     // hooks that pointed at us then, also those that are not wanted
}

// Counts are what a Care has done since it was made.
type Counts struct {
	Polls    uint64 `json:"polls"`    // readings of all hooks
	Failed   uint64 `json:"failed"`   // that could not be made or told
	Readings uint64 `json:"readings"` // of single hooks that the log was told
	Warnings uint64 `json:"warnings"` // given
	Told     uint64 `json:"told"`     // warnings that the log was told
	Revived  uint64 `json:"revived"`  // hooks that were INVALID
}

// New makes a Care. Its error wraps ErrConfig and names every problem at once.
func New(c Config) (*Care, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	care := &Care{
		cfg: c, door: newDoor(c), types: c.Types, hooks: projections.Read(c.Store, views.Hooks, c.Source),
		busy: make(chan struct{}, 1), stood: map[events.Type]Standing{},
	}
	if len(care.types) == 0 {
		care.types = catalogue.Moving()
	}
	care.alarm = newAlarm(care)
	care.n.Store(uint64(max(c.Now().UnixMicro(), 0))) // goes on rising after a restart of this replica
	return care, nil
}

// Counts returns the counters as they stand together.
func (c *Care) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts
}

// count changes the counters.
func (c *Care) count(change func(*Counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.counts)
}

// watches tells whether a hook is one of ours. Of others nothing is said: whoever reaches the ingress can make up types.
func (c *Care) watches(t events.Type) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ours[t] || slices.Contains(c.types, t)
}

// alone waits for its turn to ask the provider. Call done if there is no error.
func (c *Care) alone(ctx context.Context) (done func(), err error) {
	select {
	case c.busy <- struct{}{}:
		return func() { <-c.busy }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reading is what the provider said of one hook, and when it was asked, by the clock by which deliveries are dated.
type reading struct {
	mangopay.Hook
	at time.Time
}

// list reads all hooks, the newest of each type.
func (c *Care) list(ctx context.Context) (map[events.Type]reading, error) {
	at := c.cfg.Now()
	a, err := c.cfg.API.Hooks(ctx)
	if err != nil {
		return nil, fmt.Errorf("hookcare: listing the hooks: %w", err)
	}
	all := make(map[events.Type]reading, len(a.Value))
	for _, h := range a.Value {
		if had, twice := all[h.EventType]; !twice || had.Created <= h.Created {
			all[h.EventType] = reading{Hook: h, at: at}
		}
	}
	return all, nil
}

// stands tells how a hook of a wanted type stands; the zero reading is that there is none.
func (c *Care) stands(r reading) Standing {
	switch {
	case r.ID == "":
		return Missing
	case c.door.outdated(r.URL):
		return Outdated
	case !c.door.ours(r.URL):
		return Elsewhere
	case off(r.Validity):
		return Invalid
	case idle(r.Status):
		return Disabled
	}
	return Right
}

// report says how a hook stands.
func (c *Care) report(t events.Type, r reading) HookReport {
	s := c.stands(r)
	h := HookReport{Type: t, HookID: r.ID, Status: r.Status, Validity: r.Validity, Was: s, Is: s, Actions: []Action{}}
	if r.ID != "" {
		h.Address = c.door.show(r.URL)
	}
	return h
}
