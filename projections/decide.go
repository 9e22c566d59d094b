package projections

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// skip is a record that an operator dropped.
type skip struct {
	seq Seq // the record
	at  Seq // the log record that says so
}

// skipped tells whether a record was dropped.
func skipped(skips []skip, seq Seq) bool {
	return slices.ContainsFunc(skips, func(s skip) bool { return s.seq == seq })
}

// decision tells whether a record of this type is an operator's word to the engine, which no model sees.
func decision(t events.Type) bool { return t == events.Skipped || t == events.Retried }

// skipOf reads a decision to drop a record. A record can only be dropped after it was logged.
func skipOf(rec Record) (skip, bool) {
	var said events.Skip
	if rec.Event.Type != events.Skipped || json.Unmarshal(rec.Event.Data, &said) != nil {
		return skip{}, false
	}
	return skip{seq: Seq(said.Seq), at: rec.Seq}, 0 < said.Seq && Seq(said.Seq) < rec.Seq
}

// skipsOf finds what was dropped among records, up to a moment of the log.
func skipsOf(records []Record, at AsOf) []skip {
	var out []skip
	for _, rec := range records {
		if s, ok := skipOf(rec); ok && (at.by != asOfSeq || rec.Seq <= at.seq) {
			out = withSkip(out, s)
		}
	}
	return out
}

// withSkip adds one in its place, to a copy. Of two that drop one record the first counts.
func withSkip(skips []skip, s skip) []skip {
	if skipped(skips, s.seq) {
		return skips
	}
	at, _ := slices.BinarySearchFunc(skips, s, func(a, b skip) int { return cmp.Compare(a.seq, b.seq) })
	return slices.Insert(slices.Clone(skips), at, s)
}

func writeSkips(w *wireWriter, skips []skip) {
	w.count(uint64(len(skips)))
	for _, s := range skips {
		w.count(uint64(s.seq))
		w.count(uint64(s.at - s.seq))
	}
}

func readSkips(in *wireReader) []skip {
	out := make([]skip, in.many(2))
	for i := range out {
		out[i].seq = Seq(in.count())
		out[i].at = out[i].seq + Seq(in.count())
		if i > 0 && out[i].seq <= out[i-1].seq {
			in.fail()
		}
	}
	return out
}

func (r *resource[V]) skips() []skip {
	if r.rare == nil {
		return nil
	}
	return r.rare.skips
}

// holds tells whether a record may be part of the fold.
func (r *resource[V]) holds(seq Seq) bool {
	if b := r.base(); b != nil && seq <= b.Seq {
		return true
	}
	return slices.ContainsFunc(r.held, func(h held) bool { return h.seq == seq })
}

// whyUnreadable is why a resource stands still whose row was damaged.
const whyUnreadable = "what the store held of it could not be read"

// begins makes the resource one of which nothing is known.
func (o *owned[V]) begins(parked Parked) {
	o.resource, o.given, o.foreign, o.spoiled, o.dirty = newResource(o.model.family(o.name), o.name.ID), false, false, false, true
	if parked != (Parked{}) {
		o.resource.park(parked)
	}
	o.verdicts = Verdicts{}
}

// The first record of a log.
const logBegins Seq = 1

// since is the first log record that a decision needs; 0: none. A resource that stands still goes on at the record at
// which it stopped. One whose fold holds what is dropped is folded anew, as is one that could not be read.
func (o *owned[V]) since(rec Record) Seq {
	s, drops := skipOf(rec)
	retries := rec.Event.Type == events.Retried
	if o.spoiled || o.resource == nil {
		return pick(o.spoiled && retries, logBegins, 0)
	}
	r, p := o.resource, o.resource.parked()
	switch {
	case rec.Seq <= r.seq, !drops && !retries:
		return 0 // heard before, or nothing that can be followed
	case p != nil && p.Unreadable:
		return pick(retries, logBegins, 0)
	case drops && r.holds(s.seq):
		return logBegins
	case p != nil && (retries || s.seq == p.Seq):
		return p.Seq
	}
	return 0
}

func pick[T any](is bool, yes, no T) T {
	if is {
		return yes
	}
	return no
}

// decide follows a decision. After it the resource is the fold, in the order of the log, of all its records up to the
// decision but those that were dropped up to it: the same whether it stood still before or not, and whoever folds it.
func (o *owned[V]) decide(rec Record, past []Record, ts []Transition) []Transition {
	from := o.since(rec)
	switch {
	case o.resource == nil && o.spoiled && from == 0:
		o.begins(Parked{Seq: rec.Seq, Why: whyUnreadable, Unreadable: true})
	case o.resource != nil && rec.Seq <= o.seq:
		return ts
	}
	o.unshare()
	before := *o.resource
	s, drops := skipOf(rec)
	switch {
	case from == logBegins && (before.parked() == nil || before.parked().Seq > logBegins || before.parked().Unreadable):
		o.begins(Parked{})
		o.remember(skipsOf(past, AsOf{})...)
	case from > 0:
		o.change(func(x *rare[V]) { x.parked = nil })
		o.resource.seq = from - 1
	}
	if drops {
		o.remember(s)
	}
	if from > 0 {
		o.again(past, from, rec.Seq)
	}
	o.resource.seq, o.dirty, o.verdicts = rec.Seq, true, Verdicts{}
	o.model.desk.before = before
	return o.transitions(rec.Seq, ts)
}

// remember notes what is dropped.
func (o *owned[V]) remember(dropped ...skip) {
	for _, s := range dropped {
		o.change(func(x *rare[V]) { x.skips = withSkip(x.skips, s) })
	}
}

// again folds the records [from, to) but those that were dropped.
func (o *owned[V]) again(past []Record, from, to Seq) {
	for _, rec := range past {
		if from <= rec.Seq && rec.Seq < to && !decision(rec.Event.Type) && !skipped(o.skips(), rec.Seq) {
			o.fold(rec, nil)
		}
	}
}
