package proptest

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// promise is what law 3 speaks of: the records of a set that are admitted in whatever order they come (fold rules 3, 4).
// That leaves out what is dated too far ahead of its arrival, and then what lies behind the horizon of the rest.
type promise[V any] struct {
	model projections.Model[V]
	terms projections.Terms
}

func promiseOf[V any](m projections.Model[V]) promise[V] {
	t := m.Terms
	t.PerSecond = cmp.Or(t.PerSecond, 1)
	t.Horizon = cmp.Or(t.Horizon, projections.DefaultHorizon)
	t.Future = cmp.Or(t.Future, projections.DefaultFuture)
	t.Limit = cmp.Or(t.Limit, projections.DefaultLimit)
	return promise[V]{m, t}
}

// kept splits a set into the records that every order admits and those that it may refuse. The first come back in the
// order of their time.
func (p promise[V]) kept(es []events.Event, stored time.Time) (kept, refused []events.Event) {
	newest := map[events.Ref]int64{}
	for _, e := range es {
		if ref, ok := p.key(e); ok && !p.ahead(e, stored) && p.advances(e) {
			at, known := newest[ref]
			if !known {
				at = math.MinInt64
			}
			newest[ref] = max(at, p.when(e))
		}
	}
	for _, e := range es {
		ref, ok := p.key(e)
		at, known := newest[ref]
		old := ok && known && p.when(e) < at-p.terms.Horizon*p.terms.PerSecond
		if ok && p.ahead(e, stored) || old {
			refused = append(refused, e)
		} else {
			kept = append(kept, e)
		}
	}
	p.sort(kept)
	return kept, refused
}

// sort orders events by time.
func (p promise[V]) sort(es []events.Event) {
	slices.SortStableFunc(es, func(a, b events.Event) int { return cmp.Compare(p.when(a), p.when(b)) })
}

func (p promise[V]) key(e events.Event) (events.Ref, bool) {
	return p.model.Key(projections.Record{Event: e})
}

func (p promise[V]) when(e events.Event) int64 {
	if p.model.When == nil {
		return e.Date
	}
	return p.model.When(projections.Record{Event: e})
}

func (p promise[V]) advances(e events.Event) bool {
	if p.model.Advances == nil {
		return e.Basis() == events.Claim
	}
	return p.model.Advances(projections.Record{Event: e})
}

// ahead tells whether a claim is dated too far ahead of its arrival.
func (p promise[V]) ahead(e events.Event, stored time.Time) bool {
	return p.terms.Future >= 0 && e.Basis() == events.Claim && e.Date > stored.Unix()+p.terms.Future
}

// records makes records of events, without a log.
func records(es []events.Event) []projections.Record {
	out := make([]projections.Record, len(es))
	for i, e := range es {
		out[i] = projections.Record{Event: e}
	}
	return out
}
