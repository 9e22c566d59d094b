package proptest

import (
	"context"
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// AsOf holds fold rule 19: the past that a store tells is the past that was. A document as of a log sequence equals the
// fold of the records admitted up to it, and one as of a time the fold of those dated up to it with a tick of that time,
// byte for byte; or the store says projections.ErrArchived, because that moment lies behind its base. It must not say so
// while nothing lies behind the horizon.
func AsOf[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event]) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		set := draw(t, histories)
		a := drawArrival(t, newestClaim(set))
		a.memory, a.stops, a.events = false, nil, rapid.Permutation(set).Draw(t, "arrival")
		heard := &admissions{}
		store, err := a.fold(m, heard)
		if err != nil {
			t.Fatalf("rule 19: %v", err)
		}
		seq := projections.Seq(rapid.IntRange(1, len(set)).Draw(t, "sequence"))
		asOf(t, m, store, heard.records, projections.AtSeq(seq))
		date := rapid.SampledFrom(set).Draw(t, "as of the date of").Date + rapid.Int64Range(-1, 1).Draw(t, "and")
		asOf(t, m, store, heard.records, projections.AtTime(date))
	})
}

// admissions keeps the records that a projector admits.
type admissions struct {
	watcher
	records []projections.Record
}

func (a *admissions) Folded(_ string, rec projections.Record, did projections.Effect) {
	if did.Fate == projections.Admitted {
		a.records = append(a.records, rec)
	}
}

// asOf compares every resource as of one moment.
func asOf[V any](t TB, m projections.Model[V], store projections.Store, admitted []projections.Record, at projections.AsOf) {
	t.Helper()
	docs, err := projections.Documents([]projections.AnyModel{m}, admitted, at)
	if err != nil {
		t.Fatalf("rule 19: %v", err)
	}
	var refs []events.Ref
	for _, rec := range admitted {
		if ref, ok := m.Key(rec); ok && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	for _, ref := range refs {
		want, seq := "", projections.Seq(0)
		for _, d := range docs {
			if d.Ref == ref {
				want, seq = string(d.JSON), d.Seq
			}
		}
		got, err := projections.ReadDocument(context.Background(), store, m, ref.Source, ref.ID, at)
		switch {
		case errors.Is(err, projections.ErrArchived) && hides(m, admitted, ref):
		case errors.Is(err, projections.ErrUnknown) && want == "":
		case err != nil:
			t.Fatalf("rule 19, %s %q as of %+v: %v\n want %s", ref.Kind, ref.ID, at, err, want)
		case string(got.JSON) != want || got.Seq != seq:
			t.Fatalf("rule 19, %s %q as of %+v differs\n want at %d %s\n got at  %d %s", ref.Kind, ref.ID, at, seq, want, got.Seq, got.JSON)
		}
	}
}

// hides tells whether something of a resource lies behind its horizon.
func hides[V any](m projections.Model[V], admitted []projections.Record, ref events.Ref) bool {
	var es []events.Event
	for _, rec := range admitted {
		if r, ok := m.Key(rec); ok && r == ref {
			es = append(es, rec.Event)
		}
	}
	_, old := promiseOf(m).kept(es, newestClaim(es))
	return len(old) > 0
}
