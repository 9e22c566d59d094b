package projections

import (
	"encoding/json"
	"errors"
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
	s := stored[V]{Seq: r.seq, Newest: r.newest, Started: r.started, Base: r.base, Folded: r.folded, Parked: r.parked}
	for _, rec := range r.records {
		x := storedRecord{Seq: rec.Seq, Event: rec.Event}
		if !rec.Time.IsZero() {
			x.Time = rec.Time.UnixNano()
		}
		s.Records = append(s.Records, x)
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("projections: state of %s %q does not render: %w", r.ref.Kind, r.ref.ID, err)
	}
	return b, nil
}

// restore reads what MarshalBinary wrote.
func restore[V any](m *Model[V], ref events.Ref, b []byte) (r *resource[V], err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("the model failed on its records: %v", why)
		}
		if err != nil {
			r, err = nil, fmt.Errorf("projections: stored state of %s %q cannot be read, rebuild the read model: %w", ref.Kind, ref.ID, err)
		}
	}()
	var s stored[V]
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	r = newResource(m, ref)
	r.seq, r.newest, r.started, r.base, r.parked = s.Seq, s.Newest, s.Started, s.Base, s.Parked
	for _, x := range s.Records {
		rec := Record{Seq: x.Seq, Event: x.Event}
		if x.Time != 0 {
			rec.Time = time.Unix(0, x.Time).UTC()
		}
		when := m.When(rec)
		if at, known := r.place(rec, when, m.Same); known || at < r.len() {
			return nil, errors.New("its records are not in order")
		}
		r.insert(r.len(), rec, when)
	}
	r.folded = s.Folded
	r.refold()
	return r, nil
}

// check finds what JSON cannot know to be wrong.
func (s *stored[V]) check() error {
	switch {
	case s.Base == nil && len(s.Records) == 0 && s.Parked == nil:
		return errors.New("it holds nothing")
	case s.Folded < 0 || s.Folded > len(s.Records) || s.Folded > 0 && s.Base == nil:
		return fmt.Errorf("%d of its %d records cannot be behind its horizon", s.Folded, len(s.Records))
	}
	return nil
}
