package projections

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// Fold is the pure function that everything else agrees with: the view of one resource that a set of records gives, in
// whatever order they come and however often they are repeated. It admits every record (fold rule 4); records that the
// model's Key gives to another resource are the caller's mistake. An invalid model panics.
func Fold[V any](m Model[V], ref events.Ref, records []Record, at AsOf) View[V] {
	if p := m.problems(); len(p) > 0 {
		panic(fmt.Errorf("%w: %v", ErrModel, p))
	}
	m = m.filled()
	r := newResource(&family[V]{model: &m, source: ref.Source, kind: ref.Kind}, ref.ID)
	es := make([]entry, 0, len(records))
	dropped := skipsOf(records, at)
	for _, rec := range records {
		if decision(rec.Event.Type) || skipped(dropped, rec.Seq) {
			continue
		}
		rec = m.Keep(rec)
		if when := m.When(rec); at.keeps(rec.Seq, when, m.Terms.PerSecond) {
			es = append(es, entry{record: rec, when: when})
		}
	}
	r.settle(es)
	if at.by == asOfTime {
		r.hear(m.tick(ref, at.time))
	}
	v, _ := r.view(AsOf{})
	return v
}

// entry is a record with its time.
type entry struct {
	record Record
	when   int64
}

// settle takes entries in any order. Of copies the first of the log stands.
func (r *resource[V]) settle(es []entry) {
	identity := func(a, b entry) int {
		x, y := r.of.model.Same(a.record), r.of.model.Same(b.record)
		return bytes.Compare(x[:], y[:])
	}
	slices.SortStableFunc(es, func(a, b entry) int {
		if a.when != b.when {
			return cmp.Compare(a.when, b.when)
		}
		return cmp.Or(identity(a, b), cmp.Compare(a.record.Seq, b.record.Seq))
	})
	es = slices.CompactFunc(es, func(a, b entry) bool { return a.when == b.when && identity(a, b) == 0 })
	r.ledger = ledger{held: make([]held, 0, len(es))}
	shared := kinds{}
	for i := range es {
		r.put(r.len(), &es[i].record, es[i].when, shared)
		r.advance(&es[i].record, es[i].when)
	}
}
