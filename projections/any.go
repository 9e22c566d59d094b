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
	// FieldOf is the field of the document that shows a secondary key; "" where none is known to.
	FieldOf(key string) string

	problems() []string
	ready() runner
	documents([]Record, AsOf) ([]Document, error)
	blank() ([]byte, error)
	fields() (fields, error)
	keyOf(field string) string
	tells() bool
}

// Plural is the model's name, under which it is served.
func (m Model[V]) Plural() string { return m.Name }

// Singular is the kind of the model's resources.
func (m Model[V]) Singular() string { return m.Kind }

// SecondaryKey names the secondary key by which a single document is found too; "" none.
func (m Model[V]) SecondaryKey() string { return m.AlsoBy }

// FieldOf is the field of the document that shows a secondary key; "" where none is known to.
func (m Model[V]) FieldOf(key string) string { return m.IndexFields[key] }

// tells tells whether the model's machines publish anything of which there are facts.
func (m Model[V]) tells() bool { return m.Values != nil }

// keyOf is the secondary key that a field of the document shows; "" none.
func (m Model[V]) keyOf(field string) string {
	for key, shown := range m.IndexFields {
		if shown == field {
			return key
		}
	}
	return ""
}

// runner is a model with its defaults in place, as the projector and readers drive it. One goroutine at a time may use it.
type runner interface {
	ID() string
	key(Record) (events.Ref, bool)
	// fresh makes a resource of which nothing is known, or gives one back that was released.
	fresh(events.Ref) folder
	// release takes back a resource that nobody uses any more.
	release(folder)
}

// folder is one resource of any model.
type folder interface {
	// load makes it that of a row, which is not changed by what follows.
	load(Row) error
	// begin tells whether this is the first time that it is asked in a turn, and that nothing was folded in it yet.
	begin(turn uint64) bool
	// fold adds a record, and appends the transitions that it made.
	fold(Record, []Transition) (Fate, []Transition)
	// fact completes a transition of the record that was folded last.
	fact(Record, Transition) Fact
	// spoil says that the resource's row cannot be read.
	spoil(Row)
	// since is the first record of the log that an operator's decision needs; 0: none.
	since(Record) Seq
	// decide follows an operator's decision, with the resource's records from since on, up to the decision.
	decide(Record, []Record, []Transition) []Transition
	// snapshot gives what puts the resource back to what it is now.
	snapshot() (undo func())
	// forget makes it a resource of which nothing is known.
	forget()
	// stop parks it at a log record; where it stood still already, it is told why anew.
	stop(at Seq, why string)
	// told counts the verdicts of the record that was folded last.
	told() Verdicts
	// changed tells whether it has to be written.
	changed() bool
	ref() events.Ref
	row() Row
	// unkeyed is why the row that was given last has no secondary keys though it should; "" where nothing is wrong.
	unkeyed() string
	committed(Revision)
	document(AsOf) (Document, error)
	parked() *Parked
}

// Transition is a machine whose published value differs before and after one log record (fold rule 22).
type Transition struct {
	Ref      events.Ref
	Machine  string
	Seq      Seq // the log record that made it
	From, To string
}

// filledModel is a Model with its defaults in place, and room to work.
type filledModel[V any] struct {
	Model[V]
	desk     desk[V]
	families map[[2]string]*family[V]
	free     []*owned[V]
}

func (m Model[V]) ready() runner { return m.fill() }

func (m Model[V]) fill() *filledModel[V] {
	return &filledModel[V]{
		Model: m.filled(), desk: desk[V]{kinds: kinds{}}, families: map[[2]string]*family[V]{},
	}
}

func (m *filledModel[V]) key(r Record) (events.Ref, bool) { return m.route(r) }

// mostFamilies bounds those that are shared.
const mostFamilies = 1024

// family is that of a resource.
func (m *filledModel[V]) family(ref events.Ref) *family[V] {
	name := [2]string{ref.Source, ref.Kind}
	f := m.families[name]
	if f == nil {
		f = &family[V]{model: &m.Model, source: ref.Source, kind: ref.Kind}
		if len(m.families) < mostFamilies {
			m.families[name] = f
		}
	}
	return f
}

func (m *filledModel[V]) fresh(ref events.Ref) folder {
	if n := len(m.free); n > 0 {
		o := m.free[n-1]
		m.free = m.free[:n-1]
		o.name = ref
		return o
	}
	return &owned[V]{model: m, name: ref}
}

func (m *filledModel[V]) release(f folder) {
	o := f.(*owned[V])
	*o = owned[V]{model: m}
	m.free = append(m.free, o)
}

// state is the resource of a row. It is not to be changed.
func (m *Model[V]) state(d *desk[V], of *family[V], row Row) (*resource[V], error) {
	switch s := row.State.(type) {
	case *resource[V]:
		return s, nil
	case encoding.BinaryMarshaler:
		b, err := s.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("projections: stored state of %s %q: %w", row.Ref.Kind, row.Ref.ID, err)
		}
		return restore(d, of, row.Ref.ID, b)
	default:
		return nil, fmt.Errorf("projections: row of %s %q holds no state", row.Ref.Kind, row.Ref.ID)
	}
}
