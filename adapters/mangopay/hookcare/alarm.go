package hookcare

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// alarm warns of every run of failures once at each level. What was warned of is in the log, and from there in the read
// model; until it is, also where the log is away, it is remembered here.
type alarm struct {
	care *Care
	wake chan struct{} // a commit told of a hook with failures

	mu      sync.Mutex
	dirty   map[events.Type]bool
	given   map[events.Type]warned
	seen    map[events.Type]projections.View[views.Hook] // hooks with failures as they were last read, for when the store is away
	checked sync.Mutex                                   // one check at a time
}

// warned is what was warned of in one run of failures.
type warned struct {
	level int   // the log line was written
	told  int   // the log was told
	last  int64 // Unix milliseconds of the newest failure then; 0 unknown
}

func newAlarm(c *Care) *alarm {
	return &alarm{
		care: c, wake: make(chan struct{}, 1), dirty: map[events.Type]bool{}, given: map[events.Type]warned{},
		seen: map[events.Type]projections.View[views.Hook]{},
	}
}

// Committed takes note of what a commit says of hooks, so that Run warns at once. It is for a projections.Observer, and quick.
func (c *Care) Committed(commit projections.Commit) {
	if commit.Model != views.Hooks.ID() {
		return
	}
	for _, row := range commit.Rows {
		if row.Ref.Source != c.cfg.Source || !c.watches(events.Type(row.Ref.ID)) {
			continue
		}
		if v, err := c.hooks.Brief(row); err == nil {
			c.alarm.note(v)
		}
	}
}

// note remembers how a hook stands, and that it is to be looked at.
func (a *alarm) note(v projections.View[views.Hook]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t, h := events.Type(v.Ref.ID), v.Value
	a.keep(v)
	if _, had := a.given[t]; !had && Level(h.Counter.Failures, h.Validity()) <= h.Alerted {
		return
	}
	a.dirty[t] = true
	select {
	case a.wake <- struct{}{}:
	default: // it is already awake
	}
}

// keep remembers a hook with failures, and forgets one without. Hold the mutex.
func (a *alarm) keep(v projections.View[views.Hook]) {
	v.History = nil
	if a.seen[events.Type(v.Ref.ID)] = v; v.Value.Counter.Failures == 0 {
		delete(a.seen, events.Type(v.Ref.ID))
	}
}

// view is how a hook stands: as the store has it, or where that is away as it was last read, which err tells.
func (a *alarm) view(ctx context.Context, t events.Type) (projections.View[views.Hook], error) {
	v, err := a.care.hooks.Get(ctx, string(t))
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil || errors.Is(err, projections.ErrUnknown) {
		a.keep(v)
		return v, nil
	}
	a.dirty[t] = true
	if had, there := a.seen[t]; there {
		v = had
	}
	return v, err
}

// due are the hooks to be looked at: of which a commit told, of which the log does not know, and of whose warnings it does not.
func (a *alarm) due(untold map[events.Type]Untold) []events.Type {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.dirty
	a.dirty = map[events.Type]bool{}
	for t, w := range a.given {
		if w.told < w.level {
			all[t] = true
		}
	}
	for t := range untold {
		if a.care.watches(t) {
			all[t] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// check warns where it is time to.
func (a *alarm) check(ctx context.Context, more ...events.Type) error {
	a.checked.Lock()
	defer a.checked.Unlock()
	untold := a.care.cfg.Untold()
	types := append(a.due(untold), more...)
	slices.Sort(types)
	var errs []error
	for _, t := range slices.Compact(types) {
		v, err := a.view(ctx, t)
		errs = append(errs, err, a.look(ctx, v, untold[t], err == nil))
	}
	return errors.Join(errs...)
}

// look warns of one hook. Only a view that is sure tells that a run of failures is over.
func (a *alarm) look(ctx context.Context, v projections.View[views.Hook], u Untold, sure bool) error {
	alert, first, last := judge(v, u, a.care.cfg.Now())
	w := a.of(alert.Type)
	if sure && (alert.Level == 0 || first > w.last && w.last != 0) {
		w = warned{} // the run that was warned of is over
	}
	known := v.Value.Alerted
	fresh := alert.Level > max(known, w.level)
	if alert.Level > 0 {
		w.level, w.last, w.told = max(w.level, alert.Level), max(w.last, last), max(w.told, known)
	}
	a.set(alert.Type, w)
	if fresh {
		a.say(alert)
	}
	if alert.Level == 0 || w.told >= w.level {
		return nil
	}
	if err := a.tell(ctx, alert, last); err != nil {
		return err
	}
	w.told = w.level
	a.set(alert.Type, w)
	return nil
}

func (a *alarm) of(t events.Type) warned {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.given[t]
}

func (a *alarm) set(t events.Type, w warned) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.given[t] = w; w == (warned{}) {
		delete(a.given, t)
	}
}

// say warns whoever is there.
func (a *alarm) say(alert Alert) {
	c := a.care
	c.count(func(n *Counts) { n.Warnings++ })
	c.cfg.Alerted(alert)
	level, text := slog.LevelWarn, "a hook keeps failing: at 100 failures in a row the provider stops sending to it"
	switch {
	case alert.Level >= Exhausted:
		level, text = slog.LevelError, "a hook is INVALID: the provider sends nothing more to it until it is revived"
	case alert.Level >= 75:
		level = slog.LevelError
	}
	c.cfg.Logger.Log(context.Background(), level, text, "event_type", alert.Type, "level", alert.Level, "failures", alert.Failures,
		"left", alert.Left, "invalid_at", alert.InvalidAt)
}

// tell notes a warning in the log. Whoever else warns of the same failures tells the same.
func (a *alarm) tell(ctx context.Context, alert Alert, last int64) error {
	c := a.care
	if last == 0 {
		last = c.cfg.Now().UnixMilli() // only the API told of the failures
	}
	data, err := events.Canonical(events.HookAlert{At: last, Level: alert.Level, Failures: alert.Failures})
	if err != nil {
		return err
	}
	_, err = c.cfg.Log.Append(ctx, events.Event{
		Type: events.HookAlerted, Date: last / 1000, Data: data,
		Ref: events.Ref{Source: c.cfg.Source, Kind: views.KindHook, ID: string(alert.Type)},
	})
	if err != nil {
		return fmt.Errorf("hookcare: a warning was given and not noted in the log: %w", err)
	}
	c.count(func(n *Counts) { n.Told++ })
	return nil
}
