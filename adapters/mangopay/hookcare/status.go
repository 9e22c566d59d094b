package hookcare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// HookStatus is how one hook stands, by the provider and by what we counted. It is also a JSON document. Times are Unix
// seconds, 0 where there is none.
type HookStatus struct {
	Type     events.Type `json:"event_type"`
	Wanted   bool        `json:"wanted"`
	Standing Standing    `json:"standing"` // "" where the provider was not asked
	HookID   string      `json:"hook_id"`
	Address  string      `json:"address"` // where it points: host and path, secrets hidden
	Ours     bool        `json:"ours"`    // it points exactly where it should
	Status   string      `json:"status"`
	Validity string      `json:"validity"`
	Failures int         `json:"failures"` // consecutive ones that we counted
	Limit    int         `json:"limit"`    // at which the hook becomes INVALID (S4)
	Estimate bool        `json:"estimate"` // the provider may have counted otherwise
	Level    int         `json:"level"`    // of warning, in percent of the limit; 0 none
	PerHour  float64     `json:"per_hour"` // failures, in the present run of failures
	// InvalidAt is when the hook becomes INVALID at this rate.
	InvalidAt   int64 `json:"invalid_at"`
	LastSuccess int64 `json:"last_success"`
	LastFailure int64 `json:"last_failure"`
	// NextRetries are the next times at which the provider tries again what failed first or last in this run (S4), provided
	// that this was its first attempt. Empty where none is due.
	NextRetries []int64 `json:"next_retries"`
	Why         string  `json:"why"` // one plain sentence on what is foreseen
	// Advice says what to do; "" nothing.
	Advice string `json:"advice"`
}

// Status is how all hooks stand. It is also a JSON document.
type Status struct {
	At      int64        `json:"at"`      // Unix seconds
	Address string       `json:"address"` // where hooks should point, its secret hidden
	Asked   bool         `json:"asked"`   // the provider was asked and answered; else only what we counted is there
	Hooks   []HookStatus `json:"hooks"`   // the wanted ones, then others that point at us
}

// mostRetries is how many of the next retries are told.
const mostRetries = 5

// Status tells how the hooks stand. Where the provider cannot be asked it tells what we counted, beside the error. Errors:
// the API's and the store's.
func (c *Care) Status(ctx context.Context) (Status, error) {
	now := c.cfg.Now()
	s := Status{At: now.Unix(), Address: c.door.show(c.door.whole), Hooks: []HookStatus{}}
	done, err := c.alone(ctx)
	if err != nil {
		return s, err
	}
	all, asked := c.list(ctx)
	done()
	s.Asked = asked == nil
	types := slices.Clone(c.types)
	for _, t := range slices.Sorted(maps.Keys(all)) {
		if c.door.ours(all[t].URL) && !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	untold := c.cfg.Untold()
	for _, t := range types {
		v, err := c.hooks.Get(ctx, string(t))
		if err != nil && !errors.Is(err, projections.ErrUnknown) {
			return s, errors.Join(asked, fmt.Errorf("hookcare: reading what is known of hooks: %w", err))
		}
		h := counted(v, untold[t], now)
		h.Wanted = slices.Contains(c.types, t)
		if s.Asked {
			c.held(&h, all[t])
		}
		s.Hooks = append(s.Hooks, h)
	}
	return s, asked
}

// counted is what we know of a hook by ourselves.
func counted(v projections.View[views.Hook], u Untold, now time.Time) HookStatus {
	if u.Count > 0 {
		v.Value = with(v.Value, u)
	}
	h, f := v.Value, views.ForecastHook(v, now)
	return HookStatus{
		Type: events.Type(v.Ref.ID), HookID: h.HookID, Status: f.Status, Validity: f.Validity, Failures: f.ConsecutiveFailures,
		Limit: hook.Limit, Estimate: f.Estimate, Level: Level(f.ConsecutiveFailures, f.Validity), PerHour: f.PerHour,
		InvalidAt: f.InvalidAt, LastSuccess: h.Newest / 1000, LastFailure: h.LastFailure / 1000,
		NextRetries: retries(h, f, now), Why: f.Why,
	}
}

// held adds what the provider holds of a hook.
func (c *Care) held(h *HookStatus, r reading) {
	h.Standing, h.Ours, h.Advice = c.stands(r), c.door.ours(r.URL), advice[c.stands(r)]
	h.HookID, h.Address, h.Status, h.Validity = r.ID, "", r.Status, r.Validity
	if r.ID == "" {
		return
	}
	h.Address = c.door.show(r.URL)
	if off(r.Validity) {
		h.Level, h.NextRetries = Exhausted, []int64{}
		if h.Failures < h.Limit { // the provider counted what never reached us (fold rule 24)
			h.Failures, h.Estimate = h.Limit, true
		}
	}
	if h.Standing == Missing || h.Standing == Outdated {
		h.Advice = "run ensure"
	}
}

// retries are the next times at which the provider may try again.
func retries(h views.Hook, f views.HookForecast, now time.Time) []int64 {
	list := []int64{}
	if f.NextRetry == 0 {
		return list
	}
	for _, first := range []int64{h.FirstFailure, h.LastFailure} {
		for _, due := range hook.Schedule(time.UnixMilli(first)) {
			if due.After(now) {
				list = append(list, due.Unix())
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), mostRetries)]
}
