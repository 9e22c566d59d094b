package proptest

import (
	"cmp"
	"slices"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// promise is what law 3 speaks of: the records of a set that are admitted in whatever order they come (fold rules 3, 4).
// That leaves out what is dated too far ahead of its arrival, and then what lies behind the horizon of the rest, by age or
// by number.
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
	first := p.firsts(es, stored)
	for _, e := range es {
		ref, ok := p.key(e)
		at, known := first[ref]
		if ok && (p.ahead(e, stored) || known && p.when(e) < at) {
			refused = append(refused, e)
		} else {
			kept = append(kept, e)
		}
	}
	p.sort(kept)
	return kept, refused
}

// firsts is the first time of every resource that is not behind its horizon, where it has one.
func (p promise[V]) firsts(es []events.Event, stored time.Time) map[events.Ref]int64 {
	first := map[events.Ref]int64{}
	times := map[events.Ref][]int64{}
	known := map[events.ID]bool{}
	for _, e := range es {
		ref, ok := p.key(e)
		if !ok || p.ahead(e, stored) {
			continue
		}
		when, id := p.when(e), p.same(e)
		if !known[id] {
			known[id] = true
			times[ref] = append(times[ref], when)
		}
		if p.advances(e) {
			raise(first, ref, when-p.terms.Horizon*p.terms.PerSecond)
		}
	}
	for ref, all := range times {
		slices.Sort(all)
		if n := len(all); p.terms.Newest > 0 && n >= p.terms.Newest {
			raise(first, ref, all[n-p.terms.Newest])
		}
	}
	return first
}

// raise keeps the latest time.
func raise(first map[events.Ref]int64, ref events.Ref, when int64) {
	if at, known := first[ref]; !known || when > at {
		first[ref] = when
	}
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
	return p.model.When(p.record(e))
}

func (p promise[V]) same(e events.Event) events.ID {
	if p.model.Same == nil {
		return e.ID()
	}
	return p.model.Same(p.record(e))
}

func (p promise[V]) advances(e events.Event) bool {
	if p.model.Advances == nil {
		return e.Basis() == events.Claim
	}
	return p.model.Advances(p.record(e))
}

// record is what the model's functions see of an event.
func (p promise[V]) record(e events.Event) projections.Record {
	rec := projections.Record{Event: e}
	if p.model.Keep != nil {
		rec = p.model.Keep(rec)
	}
	return rec
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
