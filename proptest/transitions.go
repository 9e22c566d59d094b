package proptest

import (
	"context"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Transitions holds fold rule 22: a transition is a machine whose published value differs between the fold of the records
// admitted up to one record of the log and the fold with it, for each record, also inside a batch and over a restart.
// Nothing else is one: a late arrival that changes only the past makes none. Facts tell the same transitions, each once and
// those of one resource in order.
func Transitions[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event]) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		set := draw(t, histories)
		a := drawArrival(t, arrivalTime(t, set))
		a.memory = false
		a.events = shuffled(t, m, set)
		c := &changes[V]{t: t, model: m, admitted: map[events.Ref][]projections.Record{},
			moved: map[events.Ref][]projections.Transition{}, told: map[events.Ref][]projections.Transition{}}
		if _, err := a.fold(m, c); err != nil {
			t.Fatalf("rule 22: %v", err)
		}
		if !maps.EqualFunc(c.moved, c.told, slices.Equal) {
			t.Errorf("rule 22, model %s: facts tell %+v, the transitions were %+v", m.Name, c.told, c.moved)
		}
	})
}

// changes compares what a projector reports with folds of its own.
type changes[V any] struct {
	watcher
	t        TB
	model    projections.Model[V]
	admitted map[events.Ref][]projections.Record

	moved, told map[events.Ref][]projections.Transition // by the observer, and as facts
}

// Publish takes facts.
func (c *changes[V]) Publish(_ context.Context, facts []projections.Fact) error {
	for _, f := range facts {
		c.told[f.Ref] = append(c.told[f.Ref], f.Transition)
	}
	return nil
}

// Folded compares the transitions of one record.
func (c *changes[V]) Folded(_ string, rec projections.Record, did projections.Effect) {
	ref, _ := c.model.Key(rec)
	before := c.values(ref)
	if did.Fate == projections.Admitted {
		c.admitted[ref] = append(c.admitted[ref], rec)
	}
	if len(did.Transitions) > 0 {
		c.moved[ref] = append(c.moved[ref], did.Transitions...)
	}
	var want []projections.Transition
	for i, after := range c.values(ref) {
		if after != before[i] {
			want = append(want, projections.Transition{Ref: ref, Machine: after.Machine, Seq: rec.Seq, From: before[i].Value, To: after.Value})
		}
	}
	if !slices.Equal(want, did.Transitions) {
		c.t.Errorf("rule 22, model %s, record %d: want the transitions %+v, got %+v", c.model.Name, rec.Seq, want, did.Transitions)
	}
}

// values is what a resource publishes.
func (c *changes[V]) values(ref events.Ref) []projections.Value {
	if c.model.Values == nil {
		return nil
	}
	v := projections.Fold(c.model, ref, c.admitted[ref], projections.AsOf{}).Value
	return c.model.Values(&v, nil)
}
