package views

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
)

// hookKey gives deliveries and readings to their hook (fold rule 23).
func hookKey(r projections.Record) (events.Ref, bool) {
	e := r.Event
	if e.Basis() == events.Claim {
		return events.Ref{Source: e.Ref.Source, Kind: KindHook, ID: string(e.Type)}, e.Delivery.Origin == events.Webhook
	}
	return e.Ref, e.Ref.Kind == KindHook
}

// hookKeeps leaves of a delivered notification what makes it a delivery of its hook: not whom it was about.
func hookKeeps(r projections.Record) projections.Record {
	e := r.Event
	if e.Basis() == events.Claim {
		ref, _ := hookKey(r)
		d := events.Delivery{Received: e.Delivery.Received, Replica: e.Delivery.Replica, Attempt: e.Delivery.Attempt}
		e = events.Event{Type: e.Type, Ref: ref, Date: floorSecond(d.Received), Delivery: d}
	} else {
		e.Delivery = events.Delivery{}
	}
	return projections.Record{Seq: r.Seq, Event: e}
}

// floorSecond is the second of a millisecond.
func floorSecond(milli int64) int64 {
	s := milli / 1000
	if milli%1000 < 0 {
		s--
	}
	return s
}

// fact is a fact of a hook with what sorts it.
type fact struct {
	at      int64 // Unix milliseconds
	first   int64 // Unix milliseconds of the first failure of an aggregate; otherwise at
	rank    int   // succeeded < failed < updated < alerted
	replica string
	n       uint64
	count   int
	reading events.HookReading
	alert   events.HookAlert
	event   events.Type
	data    string
}

// compare orders the facts of one millisecond (fold rule 23). Different readings that one line numbering gave one n end
// with INVALID, the restrictive one.
func (f fact) compare(g fact) int {
	invalid := func(f fact) bool { return f.reading.Validity == hook.Invalid.String() }
	strict := 0
	if invalid(f) != invalid(g) {
		strict = -1
		if invalid(f) {
			strict = 1
		}
	}
	return cmp.Or(cmp.Compare(f.rank, g.rank), cmp.Compare(f.replica, g.replica), cmp.Compare(f.n, g.n),
		strict, cmp.Compare(f.data, g.data))
}

// factOf reads a record of a hook.
func factOf(r projections.Record) fact {
	e := r.Event
	if e.Basis() == events.Claim {
		d := e.Delivery
		return fact{at: d.Received, replica: d.Replica, n: d.Attempt, count: 1, event: events.DeliverySucceeded}
	}
	f := fact{at: e.Date * 1000, count: 1, event: e.Type, data: string(e.Data)}
	switch e.Type {
	case events.DeliverySucceeded, events.DeliveryFailed:
		var a events.Attempt
		if json.Unmarshal(e.Data, &a) == nil && a.At != 0 {
			f.at, f.first, f.replica, f.n, f.count = a.At, a.First, a.Replica, a.N, max(a.Count, 1)
		}
		if e.Type == events.DeliveryFailed {
			f.rank = 1
		}
	case events.HookUpdated:
		f.rank = 2
		if json.Unmarshal(e.Data, &f.reading) == nil && f.reading.At != 0 {
			f.at, f.replica, f.n = f.reading.At, f.reading.Replica, f.reading.N
		}
	case events.HookAlerted:
		f.rank = 3
		if json.Unmarshal(e.Data, &f.alert) == nil && f.alert.At != 0 {
			f.at = f.alert.At
		}
	default:
		f.rank = 4
	}
	if f.first <= 0 || f.first > f.at {
		f.first = f.at
	}
	return f
}

func hookTime(r projections.Record) int64 {
	if r.Event.Basis() == events.Claim {
		return r.Event.Delivery.Received
	}
	return factOf(r).at
}

// hookIdentity makes a delivery of a notification that was stored twice one success, and a repeated delivery two.
func hookIdentity(r projections.Record) events.ID {
	if r.Event.Basis() != events.Claim {
		return r.Event.ID()
	}
	d := r.Event.Delivery
	b := binary.AppendVarint([]byte("delivery "), d.Received)
	b = binary.AppendUvarint(b, d.Attempt)
	sum := sha256.Sum256(append(b, d.Replica...))
	return events.ID(sum[:16])
}
