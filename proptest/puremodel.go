package proptest

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// PureModel is law 1 for a model: Apply gives the same value and lines for the same arguments and changes none of them,
// in every instant of every history; and a fold of the same records gives the same bytes and leaves the records alone.
func PureModel[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event]) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		set := records(draw(t, histories))
		before := fingerprint(set)
		judged := m
		judged.Apply = func(v V, at projections.Moment, h *projections.History) V { return applyTwice(t, m, v, at, h) }
		first, err := projections.Documents([]projections.AnyModel{judged}, set, projections.AsOf{})
		if err != nil {
			t.Fatalf("law 1: %v", err)
		}
		second, err := projections.Documents([]projections.AnyModel{m}, set, projections.AsOf{})
		if err != nil || fingerprint(first) != fingerprint(second) {
			t.Fatalf("law 1, model %s: the same records gave\n %s\nand then\n %s (%v)", m.Name, fingerprint(first), fingerprint(second), err)
		}
		if after := fingerprint(set); after != before {
			t.Fatalf("law 1, model %s changed its records\n from %s\n to   %s", m.Name, before, after)
		}
	})
}

// applyTwice applies one instant twice to the same value and keeps the first result.
func applyTwice[V any](t TB, m projections.Model[V], v V, at projections.Moment, h *projections.History) V {
	t.Helper()
	before, instant := fingerprint(v), fingerprint(at)
	again := *h
	again.Lines = slices.Clone(h.Lines)
	first := m.Apply(v, at, h)
	written, result := fingerprint(*h), fingerprint(first)
	second := m.Apply(v, at, &again)
	switch {
	case fingerprint(v) != before:
		t.Fatalf("law 1, model %s: Apply changed the value that it was given\n from %s\n to   %s", m.Name, before, fingerprint(v))
	case fingerprint(at) != instant:
		t.Fatalf("law 1, model %s: Apply changed the instant that it was given\n from %s\n to   %s", m.Name, instant, fingerprint(at))
	case fingerprint(second) != result || fingerprint(first) != result:
		t.Fatalf("law 1, model %s: Apply gave two values for one instant\n %s\n %s", m.Name, result, fingerprint(second))
	case fingerprint(again) != written:
		t.Fatalf("law 1, model %s: Apply gave two histories for one instant\n %s\n %s", m.Name, written, fingerprint(again))
	}
	return first
}
