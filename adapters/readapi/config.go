package readapi

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Config says what is served.
type Config struct {
	Store  projections.Store
	Models []projections.AnyModel // each under /v1/{its plural name}
	Source string                 // of resources whose source a request does not name (?source=)
	// Derived is what is computed of a resource at a request, by the model's plural name and its own: "hooks/forecast" is
	// served at /v1/hooks/{id}/forecast. nil: nothing.
	Derived map[string]Derived

	// Changes are served at /v1/changes; usually a jetstream.Facts. nil: they are not served.
	Changes Changes
	// Heartbeat is how long a listener of /v1/changes hears nothing at the most; 0: 15 s.
	Heartbeat time.Duration
	// Listeners bounds those of /v1/changes at a time; 0: 64.
	Listeners int
	// Ends ends /v1/changes, so that a server which stops need not wait for its listeners; nil: only they do.
	Ends context.Context
	// Quarantine is served at /v1/quarantine; nil: it is not.
	Quarantine *projections.Quarantine

	// Wait returns when a record is applied; usually Projector.Wait.
	Wait func(context.Context, projections.Seq) error
	// Latest is the newest record that this process knows of: a request without ?wait= waits for it a little, so that
	// whoever was just answered by the ingress reads its own notification. nil: requests do not wait.
	Latest func() projections.Seq
	// Ready returns nil once the read models have caught up with what the log held at the start, and waits for that as long
	// as its context lasts; nil: always ready.
	Ready func(context.Context) error
	// Health returns nil while the process can do its work. Whoever is not healthy is not ready either. nil: always healthy.
	Health func() error
	// Room returns nil while there is room for what is still to come. Only /readyz asks, because nothing has failed yet and
	// everything that is known can still be read. nil: there always is.
	Room func(context.Context) error
	// Status adds counters to /healthz, as a value for encoding/json; nil: none.
	Status func() any

	// WaitMost is the longest wait for Ready, and the longest for ?wait= after that; 0: 4 s. Keep twice this, and ReadMost,
	// below the server's write timeout.
	WaitMost   time.Duration
	WaitLatest time.Duration // longest wait for Latest; 0: 1 s
	// ReadMost is the longest that reading documents may take, after the waits: a store that does not answer is answered
	// 503. Only a quarantine with ?scan=true, which reads every row, takes as long as it takes. 0: 5 s.
	ReadMost time.Duration
}

// ErrConfig is wrapped by every problem of a Config.
var ErrConfig = errors.New("readapi: not completely configured")

// problems lists what is wrong with a configuration.
func (c Config) problems() []string {
	var out []string
	add := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	add(c.Store == nil, "Store is missing: give the store of the read models")
	add(c.Wait == nil, "Wait is missing: give Projector.Wait")
	add(c.Source == "", "Source is empty: name the source of the resources")
	add(len(c.Models) == 0, "Models is empty: give at least one")
	add(c.Heartbeat < 0 || c.Listeners < 0, "Heartbeat or Listeners is negative: give a positive one, or 0 for the default")
	add(c.WaitMost < 0 || c.WaitLatest < 0 || c.ReadMost < 0, "a wait is negative: give a duration, or 0 for the default")
	names := map[string]bool{}
	for _, m := range c.Models {
		add(names[m.Plural()], fmt.Sprintf("model %q is given twice", m.Plural()))
		names[m.Plural()] = true
	}
	return out
}
