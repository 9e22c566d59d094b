package projections

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// Machines folds the instants of a resource that consists of independent machines, by fold rules 5 to 17: claims step
// their machine, observations that are believed set it, everything else is noted. Its Apply is a Model's.
type Machines[V any] struct {
	tracks []Track[V]
	learn  func(*V, Moment)
	why    func(events.Type) string
	byType map[events.Type]place
}

// place is the track and column of an event type.
type place struct {
	track  int
	column column
}

// NewMachines follows machines, in the order in which claims of one instant are folded. After each instant learn, if
// given, may take attributes from its records. why, if given, is the sentence for events that belong to the resource
// and move none of its machines.
func NewMachines[V any](learn func(*V, Moment), why func(events.Type) string, tracks ...Track[V]) Machines[V] {
	ms := Machines[V]{tracks: tracks, learn: learn, why: why, byType: map[events.Type]place{}}
	for i, t := range tracks {
		for e, c := range t.columns {
			ms.byType[e] = place{track: i, column: c}
		}
	}
	return ms
}

// Moves tells whether a type steps one of the machines.
func (ms Machines[V]) Moves(t events.Type) bool {
	_, ok := ms.byType[t]
	return ok
}

// Values appends what every machine publishes.
func (ms Machines[V]) Values(v *V, to []Value) []Value {
	for i := range ms.tracks {
		t := &ms.tracks[i]
		to = append(to, Value{Machine: t.name, Value: t.published(t.at(v))})
	}
	return to
}

// Published is the value that the machine of this name publishes; "" is unknown.
func (ms Machines[V]) Published(v V, name string) string {
	for i := range ms.tracks {
		if t := &ms.tracks[i]; t.name == name {
			return t.published(t.at(&v))
		}
	}
	return ""
}

// Backed tells whether an observation backs what the machine of this name publishes.
func (ms Machines[V]) Backed(v *V, name string) bool {
	for i := range ms.tracks {
		if t := &ms.tracks[i]; t.name == name {
			return t.at(v).Backed && t.published(t.at(v)) != ""
		}
	}
	return false
}

// Apply folds one instant.
func (ms Machines[V]) Apply(v V, m Moment, h *History) V {
	at, ok := h.room.(*V)
	if !ok { // the tracks want a pointer, for which the value would have to be made anew every time
		at = new(V)
		h.room = at
	}
	*at = v
	if len(m.Records) == 1 && m.Records[0].Event.Basis() == events.Claim {
		ms.single(at, m, h)
	} else {
		ms.several(at, m, h)
	}
	if ms.learn != nil {
		ms.learn(at, m)
	}
	return *at
}

// single folds the usual instant: one claim.
func (ms Machines[V]) single(v *V, m Moment, h *History) {
	e := &m.Records[0].Event
	if p, ok := ms.byType[e.Type]; ok {
		ms.tracks[p.track].claim(v, m.Time, claim{e.Type, p.column}, h)
		return
	}
	ms.note(e.Type, m.Time, h)
}

// several folds any instant, in the order of fold rule 5.
func (ms Machines[V]) several(v *V, m Moment, h *History) {
	claims := make([][]claim, len(ms.tracks))
	var noted []events.Type
	var readings []reading
	for _, rec := range m.Records {
		e := rec.Event
		p, moves := ms.byType[e.Type]
		switch {
		case moves:
			claims[p.track] = append(claims[p.track], claim{e.Type, p.column})
		case e.Basis() == events.Claim:
			noted = append(noted, e.Type)
		case e.Basis() == events.Observation:
			readings = append(readings, readingOf(rec))
		}
	}
	for i := range ms.tracks {
		ms.tracks[i].claims(v, m.Time, claims[i], h)
	}
	slices.Sort(noted)
	for _, t := range noted {
		ms.note(t, m.Time, h)
	}
	ms.observe(v, m, claims, readings, h)
}

// note records an event that moves nothing (fold rule 8).
func (ms Machines[V]) note(t events.Type, at int64, h *History) {
	why := "It belongs to the resource and moves none of its machines."
	if ms.why != nil {
		why = ms.why(t)
	}
	h.Add(Line{Date: at, Event: string(t), Verdict: fsm.Noted, Why: why})
}

// claim is one claim of a track.
type claim struct {
	event  events.Type
	column column
}

// claims folds the claims that one instant holds for the machine (fold rules 6, 7).
func (t *Track[V]) claims(v *V, at int64, cs []claim, h *History) {
	if len(cs) > 1 {
		cs = t.order(v, cs)
	}
	contend := len(cs) > 1 && t.strict != nil && !slices.ContainsFunc(cs, func(c claim) bool { return c.column.final })
	for _, c := range cs {
		t.claim(v, at, c, h)
	}
	if contend {
		r := t.at(v)
		r.Ambiguous, r.Backed = true, false
	}
}

// claim steps the machine and says so (fold rules 8, 10, 17).
func (t *Track[V]) claim(v *V, at int64, c claim, h *History) {
	r := t.at(v)
	from, before := t.shown(r), t.published(r)
	to, verdict, cell := t.step(v, r.stands(), c.column.column)
	why := ""
	if h.keep != 0 {
		why = t.why(v, r.stands(), c.column.column, verdict, cell)
	}
	if verdict.Moves() {
		r.Ambiguous = r.Ambiguous && to == r.State && r.Unknown == nil
		r.State, r.Unknown = to, nil
	}
	after := t.published(r)
	if after != before {
		r.Since = at
	}
	if after != before || verdict == fsm.Conflict {
		r.Backed = false
	}
	h.Add(Line{
		Date: at, Event: string(c.event), Machine: t.name, Verdict: verdict,
		From: from, To: t.shown(r), Why: why,
	})
}

// why is the reason of a cell, and where a guard failed what it saw (law 9).
func (t *Track[V]) why(v *V, state uint8, c fsm.Column, verdict fsm.Verdict, cell uint16) string {
	if verdict != fsm.Conflict && verdict != fsm.Gap {
		return t.machine.Reason(cell)
	}
	e := t.explain(v, state, c)
	if e.Guard == nil {
		return e.Reason
	}
	return fmt.Sprintf("%s It would need that %s, but saw %s.", e.Reason, e.Guard.Meaning, e.Guard.Saw)
}

// reading is an observation that was read.
type reading struct {
	record Record
	said   events.Reading
}

// readingOf decodes an observation. Data that is not a Reading says nothing, and is kept in the log.
func readingOf(rec Record) reading {
	out := reading{record: rec}
	if err := json.Unmarshal(rec.Event.Data, &out.said); err != nil {
		out.said = events.Reading{}
	}
	return out
}

// Readings decodes the observations of an instant that found the resource, in the order of their data, for a model's
// learn function.
func Readings(m Moment) []events.Reading {
	var all []reading
	for _, rec := range m.Records {
		if rec.Event.Basis() == events.Observation {
			all = append(all, readingOf(rec))
		}
	}
	slices.SortFunc(all, func(a, b reading) int {
		return cmp.Compare(string(a.record.Event.Data), string(b.record.Event.Data))
	})
	var out []events.Reading
	for _, r := range all {
		if !r.said.Missing {
			out = append(out, r.said)
		}
	}
	return out
}

// Range is what one machine publishes.
type Range struct {
	Machine string
	// Values are all that are known, without "", which stands for what is not known. An observation may tell others, which are
	// published verbatim (law 7).
	Values []string
}

// Ranges tells what each machine publishes.
func (ms Machines[V]) Ranges() []Range {
	out := make([]Range, len(ms.tracks))
	for i := range ms.tracks {
		out[i].Machine = ms.tracks[i].name
		for _, v := range ms.tracks[i].value {
			if v != "" && !slices.Contains(out[i].Values, v) {
				out[i].Values = append(out[i].Values, v)
			}
		}
	}
	return out
}
