package proptest

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Idempotent is law 4: folding known events again changes nothing. After a set has been folded, the same set arrives
// once more in another order; no record of it may be admitted, move a machine or change a document.
func Idempotent[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event]) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		set := draw(t, histories)
		twice := append(slices.Clone(set), rapid.Permutation(set).Draw(t, "again")...)
		compare(t, "law 4: once and twice, without a log", documents(t, m, set), documents(t, m, twice))

		a := drawArrival(t, arrivalTime(t, set))
		a.memory = false
		a.events = set
		once := read(t, m, a, set)
		a.events = twice
		seen := &watcher{from: projections.Seq(len(set))}
		store, err := a.fold(m, seen)
		if err != nil {
			t.Fatalf("law 4: %v", err)
		}
		compare(t, "law 4: once and twice, by projectors", once, readFrom(t, m, store, set))
		if len(seen.moved) > 0 {
			t.Fatalf("law 4, model %s: records that were known before were taken as new: %v", m.Name, seen.moved)
		}
	})
}

// watcher notes the records after a sequence that a projector admits, or that move a machine.
type watcher struct {
	from  projections.Seq
	moved []events.Event
}

func (w *watcher) Folded(_ string, rec projections.Record, did projections.Effect) {
	if rec.Seq > w.from && (did.Fate == projections.Admitted || len(did.Transitions) > 0) {
		w.moved = append(w.moved, rec.Event)
	}
}

func (w *watcher) Ignored(projections.Record)                    {}
func (w *watcher) Committed(projections.Commit)                  {}
func (w *watcher) Parked(string, events.Ref, projections.Parked) {}
