package projections

import (
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// owned is a resource that one goroutine changes. What it has given away, or was given, it copies before it changes it.
type owned[V any] struct {
	*resource[V] // nil: nothing was ever known of it

	model    *filledModel[V]
	name     events.Ref
	spoiled  bool   // its row cannot be read
	noKeys   string // why its row has no secondary keys
	given    bool   // others look at the resource
	foreign  bool   // it was another owner's, who may append to the same ledger
	dirty    bool   // it changed since it was given away
	turn     uint64
	verdicts Verdicts
	revision Revision
}

func (o *owned[V]) load(row Row) error {
	of := o.model.family(row.Ref)
	r, err := o.model.state(&o.model.desk, of, row)
	if err != nil {
		return err
	}
	o.name, o.resource, o.given, o.foreign, o.dirty, o.revision = row.Ref, r, true, true, false, row.Revision
	o.spoiled = false
	return nil
}

// spoil remembers that the row cannot be read. It is written over when the next record comes, and not before.
func (o *owned[V]) spoil(row Row) { o.name, o.spoiled, o.revision = row.Ref, true, row.Revision }

func (o *owned[V]) begin(turn uint64) bool {
	first := o.turn != turn
	o.turn = turn
	return first
}

// unshare makes the resource one that can be changed.
func (o *owned[V]) unshare() {
	switch {
	case o.resource == nil:
		o.resource = newResource(o.model.family(o.name), o.name.ID)
	case o.given:
		r := *o.resource
		r.shared = true
		if o.foreign {
			r.ledger = r.upTo(r.len())
		}
		o.resource = &r
	}
	o.given, o.foreign = false, false
}

// fold adds a record. One on which the model panics parks the resource as it was before (law 11).
func (o *owned[V]) fold(rec Record, ts []Transition) (fate Fate, _ []Transition) {
	if o.spoiled {
		o.begins(Parked{Seq: rec.Seq, Why: whyUnreadable, Unreadable: true})
		return Waiting, ts
	}
	o.unshare()
	made, d := len(ts), &o.model.desk
	at, admitted := 0, false
	d.before = *o.resource
	o.verdicts = Verdicts{}
	defer func() {
		if why := recover(); why != nil {
			o.undo(at, admitted)
			o.resource.park(Parked{Seq: rec.Seq, Why: fmt.Sprintf("the model failed on the record: %v", why)})
			fate, ts, o.verdicts, o.dirty = Waiting, ts[:made], Verdicts{}, true
		}
	}()
	r := o.resource
	if at, fate = r.admit(&rec, d.kinds); fate != Admitted {
		o.dirty = o.dirty || r.rare != d.before.rare // it was parked
		return fate, ts
	}
	admitted = true
	o.verdicts = r.update(d, at)
	ts = o.transitions(rec.Seq, ts)
	r.compact(d, r.of.model.Terms.Spare)
	o.dirty = true
	return Admitted, ts
}

// undo puts the resource back to what it was before a record was inserted at a place. The record may have been inserted
// in place, where before looks too, so it is taken out first.
func (o *owned[V]) undo(at int, admitted bool) {
	r, before := o.resource, &o.model.desk.before
	if admitted && r.len() > before.len() {
		r.remove(at)
	}
	*r = *before
}

// transitions compares what is published with what was before the record (fold rule 22).
func (o *owned[V]) transitions(seq Seq, ts []Transition) []Transition {
	m, d := o.resource.of.model, &o.model.desk
	if m.Values == nil {
		return ts
	}
	d.values[0] = m.Values(&d.before.value, d.values[0][:0])
	d.values[1] = m.Values(&o.resource.value, d.values[1][:0])
	for i, after := range d.values[1] {
		if before := d.values[0][i]; before.Value != after.Value {
			backs(m.Backed, &o.resource.value, after.Machine) // a fact will ask, when it is too late to park
			ts = append(ts, Transition{Ref: o.name, Machine: after.Machine, Seq: seq, From: before.Value, To: after.Value})
		}
	}
	return ts
}

func (o *owned[V]) told() Verdicts  { return o.verdicts }
func (o *owned[V]) changed() bool   { return o.dirty }
func (o *owned[V]) ref() events.Ref { return o.name }

// row gives the resource away as it stands.
func (o *owned[V]) row() Row {
	r := o.resource
	o.given, o.dirty = true, false
	row := Row{Ref: o.name, Seq: r.reached(), State: r, Revision: o.revision}
	row.Index, o.noKeys = indexed(r.of.model.Index, r.value)
	if r.parked() != nil {
		row.Index = quarantined(row.Index)
	}
	return row
}

func (o *owned[V]) unkeyed() string { return o.noKeys }

// committed remembers what the store noted when it took the row.
func (o *owned[V]) committed(r Revision) { o.revision = r }

func (o *owned[V]) document(at AsOf) (Document, error) {
	v, err := o.resource.view(at)
	if err != nil {
		return Document{}, err
	}
	return o.resource.of.model.render(v)
}

func (o *owned[V]) parked() *Parked {
	if o.resource == nil {
		return nil
	}
	return o.resource.parked()
}

func (o *owned[V]) snapshot() (undo func()) {
	o.given = true // what is changed from here on is a copy
	was := *o
	return func() { *o = was }
}

func (o *owned[V]) forget() {
	*o = owned[V]{model: o.model, name: o.name, turn: o.turn}
}

func (o *owned[V]) stop(at Seq, why string) {
	o.unshare()
	o.verdicts, o.dirty = Verdicts{}, true
	if p := o.resource.parked(); p != nil {
		o.resource.park(Parked{Seq: p.Seq, Why: why, Unreadable: p.Unreadable})
		o.resource.seq = max(o.resource.seq, at) // the decision is heard
		return
	}
	o.resource.park(Parked{Seq: at, Why: why})
}
