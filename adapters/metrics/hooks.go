package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// hooks tells how many failures each hook may still have (S4: the 100th in a row switches it off). It follows the commits
// of this process; what was there before is read from the store once, at the first scrape.
type hooks struct {
	left     *prometheus.Desc
	end      *prometheus.Desc
	now      func() time.Time
	store    projections.Store
	source   string
	model    string // "": hooks are not told
	reader   projections.Reader[views.Hook]
	patience time.Duration

	mu     sync.Mutex
	read   bool // the store was read
	known  map[events.Type]projections.View[views.Hook]
	others map[events.Type]int // failures left, of types that the catalogue does not know and that have failures; at most so many
	heard  bool                // of any such type
}

// The bounds of what is read and kept: whoever reaches the ingress can make hooks of types of his own.
const (
	mostRead   = 2000
	mostOthers = 1000
)

func newHooks(c Config) *hooks {
	h := &hooks{
		left: desc("hook_failures_left", "Consecutive failures until the provider switches the hook of an EventType off (S4: INVALID at 100); 0 once it is off.", "event_type"),
		end:  desc("hook_invalid_in_seconds", "Time until then at the rate of the present run of failures; not there where there is none.", "event_type"),
		now:  c.Now, store: c.Store, source: c.Source, patience: c.Patience,
		known: map[events.Type]projections.View[views.Hook]{}, others: map[events.Type]int{},
	}
	for _, m := range c.Models {
		if m.ID() == views.Hooks.ID() && c.Source != "" {
			h.model, h.reader = m.ID(), projections.Read(c.Store, views.Hooks, c.Source)
		}
	}
	return h
}

// committed looks at the hooks of a commit.
func (h *hooks) committed(c projections.Commit) {
	if h.model == "" || c.Model != h.model {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, row := range c.Rows {
		h.note(row)
	}
}

// note takes in what a row says of its hook.
func (h *hooks) note(row projections.Row) {
	v, err := h.reader.Brief(row)
	if err != nil || row.Ref.Source != h.source {
		return
	}
	t := events.Type(row.Ref.ID)
	if _, known := mangopay.Lookup(t); known {
		h.known[t] = v
		return
	}
	h.heard = true
	left := hook.Limit - v.Value.Counter.Failures
	if left == hook.Limit {
		delete(h.others, t)
		return
	}
	if _, has := h.others[t]; has || len(h.others) < mostOthers {
		h.others[t] = left
	}
}

// Describe lists what is measured.
func (h *hooks) Describe(to chan<- *prometheus.Desc) {
	to <- h.left
	to <- h.end
}

// Collect tells the budget of every known hook, and the smallest of all others.
func (h *hooks) Collect(to chan<- prometheus.Metric) {
	if h.model == "" {
		return
	}
	h.first()
	h.mu.Lock()
	defer h.mu.Unlock()
	gauge := func(d *prometheus.Desc, name string, v int64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), name)
	}
	for t, v := range h.known {
		f := views.ForecastHook(v, h.now())
		gauge(h.left, string(t), int64(f.FailuresLeft))
		if f.InvalidAt != 0 {
			gauge(h.end, string(t), f.InvalidAt-h.now().Unix())
		}
	}
	if h.heard {
		least := hook.Limit
		for _, left := range h.others {
			least = min(least, left)
		}
		gauge(h.left, other, int64(least))
	}
}

// first reads what the store holds, unless it was read: all hooks that the catalogue knows, and as many others as may be.
// What a commit has told meanwhile is newer.
func (h *hooks) first() {
	if h.done() {
		return
	}
	rows, err := h.stored()
	if err != nil {
		return // at the next scrape again
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, row := range rows {
		if _, told := h.known[events.Type(row.Ref.ID)]; !told {
			h.note(row)
		}
	}
	h.read = true
}

func (h *hooks) done() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.read
}

// stored reads the rows.
func (h *hooks) stored() ([]projections.Row, error) {
	ctx, cancel := context.WithTimeout(context.Background(), h.patience)
	defer cancel()
	var refs []events.Ref
	for info := range mangopay.Catalogue() {
		refs = append(refs, events.Ref{Source: h.source, Kind: views.KindHook, ID: string(info.Type)})
	}
	rows, err := h.store.Load(ctx, h.model, refs)
	if err != nil {
		return nil, err
	}
	page, err := h.store.List(ctx, projections.Query{Model: h.model, Limit: mostRead})
	return append(rows, page.Rows...), err
}
