package projections

import (
	"encoding"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// AnyModel is a Model of any value, for lists of them. Only Model implements it.
type AnyModel interface {
	// ID names the model with its version, as stores know it.
	ID() string
	// Plural is the model's name, under which it is served.
	Plural() string
	// Singular is the kind of the model's resources.
	Singular() string
	// SecondaryKey names the secondary key by which a single document is found too; "" none.
	SecondaryKey() string

	problems() []string
	ready() runner
	documents([]Record, AsOf) ([]Document, error)
}

// Plural is the model's name, under which it is served.
func (m Model[V]) Plural() string { return m.Name }

// Singular is the kind of the model's resources.
func (m Model[V]) Singular() string { return m.Kind }

// SecondaryKey names the secondary key by which a single document is found too; "" none.
func (m Model[V]) SecondaryKey() string { return m.AlsoBy }

// runner is a model with its defaults in place, as the projector and readers drive it.
type runner interface {
	ID() string
	key(Record) (events.Ref, bool)
	fresh(events.Ref) folder
	load(Row) (folder, error)
}

// folder is one resource of any model.
type folder interface {
	// fold adds a record and returns its fate and the transitions that it made.
	fold(Record) (Fate, []Transition)
	row() Row
	committed(Revision)
	// told counts the verdicts of the record that was folded last.
	told() Verdicts
	document(AsOf) (Document, error)
	stuck() *Parked
}

// Transition is a machine whose published value differs before and after one log record (fold rule 22).
type Transition struct {
	Ref      events.Ref
	Machine  string
	Seq      Seq // the log record that made it
	From, To string
}

// filledModel is a Model with its defaults in place.
type filledModel[V any] struct{ Model[V] }

func (m Model[V]) ready() runner { return &filledModel[V]{m.filled()} }

func (m *filledModel[V]) key(r Record) (events.Ref, bool) { return m.Key(r) }

func (m *filledModel[V]) fresh(ref events.Ref) folder {
	return &owned[V]{resource: newResource(&m.Model, ref)}
}

// load makes a row's state workable. The row itself is not changed by what follows.
func (m *filledModel[V]) load(row Row) (folder, error) {
	r, err := m.state(row)
	if err != nil {
		return nil, err
	}
	return &owned[V]{resource: r.snapshot(), revision: row.Revision}, nil
}

func (m *filledModel[V]) state(row Row) (*resource[V], error) {
	switch s := row.State.(type) {
	case *resource[V]:
		return s, nil
	case encoding.BinaryMarshaler:
		b, err := s.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("projections: stored state of %s %q: %w", row.Ref.Kind, row.Ref.ID, err)
		}
		return restore(&m.Model, row.Ref, b)
	default:
		return nil, fmt.Errorf("projections: row of %s %q holds no state", row.Ref.Kind, row.Ref.ID)
	}
}

// owned is a resource that one goroutine changes.
type owned[V any] struct {
	*resource[V]
	published []Value // of the value as it stands; nil: not asked for yet
	verdicts  Verdicts
	revision  Revision
}

// fold adds a record. One on which the model panics parks the resource as it was before (law 11).
func (o *owned[V]) fold(rec Record) (fate Fate, ts []Transition) {
	before, at := *o.resource, 0
	o.verdicts = Verdicts{}
	defer func() {
		if why := recover(); why != nil {
			o.undo(before, at)
			o.park(rec.Seq, fmt.Sprintf("the model failed on the record: %v", why))
			fate, ts, o.verdicts = Waiting, nil, Verdicts{}
		}
	}()
	if at, fate = o.admit(rec); fate != Admitted {
		return fate, nil
	}
	o.verdicts = o.update(at)
	if o.model.Values != nil {
		ts = o.transitions(before.value, rec.Seq)
	}
	o.compact(o.model.Terms.Spare)
	return Admitted, ts
}

// undo puts the resource back to what it was before a record was inserted at a place. The record may have been inserted
// in place, where before looks too, so it is taken out first.
func (o *owned[V]) undo(before resource[V], at int) {
	if o.len() > before.len() {
		o.remove(at)
	}
	*o.resource = before
}

// transitions compares what is published with what was before a record (fold rule 22).
func (o *owned[V]) transitions(before V, seq Seq) []Transition {
	if o.published == nil {
		o.published = o.model.Values(before)
	}
	var out []Transition
	values := o.model.Values(o.value)
	for i, after := range values {
		if from := o.published[i]; after != from {
			out = append(out, Transition{Ref: o.ref, Machine: after.Machine, Seq: seq, From: from.Value, To: after.Value})
		}
	}
	o.published = values
	return out
}

func (o *owned[V]) row() Row {
	row := Row{Ref: o.ref, Seq: o.reached(), State: o.snapshot(), Revision: o.revision}
	if o.model.Index != nil {
		row.Index = o.model.Index(o.value)
	}
	return row
}

// committed remembers what the store noted when it took the row.
func (o *owned[V]) committed(r Revision) { o.revision = r }

func (o *owned[V]) document(at AsOf) (Document, error) {
	v, err := o.view(at)
	if err != nil {
		return Document{}, err
	}
	return o.model.render(v)
}

func (o *owned[V]) told() Verdicts { return o.verdicts }

func (o *owned[V]) stuck() *Parked { return o.parked }
