package projections

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
)

// stored is a resource as stores keep it.
type stored[V any] struct {
	Seq     Seq            `json:"seq"`
	Newest  int64          `json:"newest"`
	Started bool           `json:"started"`
	Base    *base[V]       `json:"base,omitempty"`
	Folded  int            `json:"folded,omitempty"`
	Records []storedRecord `json:"records,omitempty"`
	Parked  *Parked        `json:"parked,omitempty"`
}

// storedRecord is a record as stores keep it.
type storedRecord struct {
	Seq   Seq          `json:"seq"`
	Time  int64        `json:"time"` // Unix nanoseconds; 0: none
	Event events.Event `json:"event"`
}

// MarshalBinary renders the fold state for a store.
func (r *resource[V]) MarshalBinary() ([]byte, error) {
	s := stored[V]{Seq: r.seq, Newest: r.newest, Started: r.started, Folded: r.folded, Parked: r.parked}
	if r.base.Records > 0 {
		s.Base = &r.base
	}
	for _, e := range r.records {
		rec := storedRecord{Seq: e.record.Seq, Event: e.record.Event}
		if !e.record.Time.IsZero() {
			rec.Time = e.record.Time.UnixNano()
		}
		s.Records = append(s.Records, rec)
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("projections: state of %s %q does not render: %w", r.ref.Kind, r.ref.ID, err)
	}
	return b, nil
}

// restore reads what MarshalBinary wrote.
func restore[V any](m *Model[V], ref events.Ref, b []byte) (*resource[V], error) {
	var s stored[V]
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("projections: stored state of %s %q cannot be read, rebuild the read model: %w", ref.Kind, ref.ID, err)
	}
	r := newResource(m, ref)
	r.seq, r.newest, r.started, r.folded, r.parked = s.Seq, s.Newest, s.Started, s.Folded, s.Parked
	if s.Base != nil {
		r.base = *s.Base
		r.base.History.keep = m.Terms.Lines
	}
	for _, x := range s.Records {
		rec := Record{Seq: x.Seq, Event: x.Event}
		if x.Time != 0 {
			rec.Time = time.Unix(0, x.Time).UTC()
		}
		r.records = append(r.records, entry{record: rec, when: m.When(rec), id: m.Same(rec)})
	}
	r.refold()
	return r, nil
}
