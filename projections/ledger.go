package projections

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
)

// held is a record in a ledger: its place, and what it says. Everything else a record has in common with its resource.
type held struct {
	when int64 // in the model's resolution
	seq  Seq
	what *what
}

// what is what a record says. It never changes: bare claims of one type share one.
type what struct {
	typ events.Type
	own *own // nil: the record is about its resource, at its time, and says no more
}

// own is what a record has of its own.
type own struct {
	ref      events.Ref
	date     int64
	data     []byte
	delivery events.Delivery
	time     time.Time
}

// whole makes room for what a record says and what it has of its own, in one place.
func whole(t events.Type) *what {
	w := &struct {
		what
		room own
	}{}
	w.what = what{typ: t, own: &w.room}
	return &w.what
}

// kinds shares what bare records say. One goroutine at a time may use it; nil shares nothing.
type kinds map[events.Type]*what

// mostKinds bounds it: types may be forged.
const mostKinds = 1024

// bare is what a bare record of a type says.
func (k kinds) bare(t events.Type) *what {
	if w, ok := k[t]; ok {
		return w
	}
	if k == nil || len(k) >= mostKinds {
		return &what{typ: t}
	}
	t = events.Type(strings.Clone(string(t))) // it may be a part of something long
	w := &what{typ: t}
	k[t] = w
	return w
}

// scale tells what a record about a resource has in common with it.
type scale struct {
	ref       events.Ref
	perSecond int64
}

// hold makes a record into one of a ledger.
func (s *scale) hold(rec *Record, when int64, k kinds) held {
	e := &rec.Event
	if s.bare(rec, when) {
		return held{when: when, seq: rec.Seq, what: k.bare(e.Type)}
	}
	w := whole(e.Type)
	*w.own = own{ref: e.Ref, date: e.Date, data: e.Data, delivery: e.Delivery, time: rec.Time}
	return held{when: when, seq: rec.Seq, what: w}
}

// bare tells whether a record says no more than its type.
func (s *scale) bare(rec *Record, when int64) bool {
	e := &rec.Event
	return len(e.Data) == 0 && e.Ref == s.ref && e.Date == floor(when, s.perSecond) &&
		e.Delivery == (events.Delivery{}) && rec.Time.IsZero()
}

// record makes a record of one in a ledger.
func (s *scale) record(h *held) Record {
	if o := h.what.own; o != nil {
		return Record{Seq: h.seq, Time: o.time, Event: events.Event{
			Type: h.what.typ, Ref: o.ref, Date: o.date, Data: o.data, Delivery: o.delivery,
		}}
	}
	return Record{Seq: h.seq, Event: events.Event{Type: h.what.typ, Ref: s.ref, Date: floor(h.when, s.perSecond)}}
}

// ledger holds the records of one resource by time, then identity. Once a snapshot shares its slice, it is only appended
// to, cut at the front, or copied, so that what the snapshot holds never changes.
type ledger struct {
	held   []held
	shared bool // a snapshot may look at the same slice
}

func (l *ledger) len() int { return len(l.held) }

// find is the place of the first record that is not before a time, and whether it is of this time.
func (l *ledger) find(when int64) (at int, tie bool) {
	n := len(l.held)
	if n == 0 || l.held[n-1].when < when {
		return n, false
	}
	return slices.BinarySearchFunc(l.held, when, func(h held, when int64) int {
		switch {
		case h.when < when:
			return -1
		case h.when > when:
			return 1
		}
		return 0
	})
}

// among finds the place of an identity among the records [from:end), which are of one time, and whether it is there.
func (l *ledger) among(from int, id events.ID, same func(*held) events.ID) (at int, known bool) {
	at, known = sort.Find(l.end(from)-from, func(i int) int {
		other := same(&l.held[from+i])
		return bytes.Compare(id[:], other[:])
	})
	return from + at, known
}

// insert puts a record in its place. Short ledgers grow by one: most resources are spoken of a few times.
func (l *ledger) insert(at int, h held) {
	n := len(l.held)
	switch {
	case at == n && n < cap(l.held):
		l.held = append(l.held, h)
	case l.shared || n == cap(l.held):
		grown := make([]held, n+1, n+1+n/8)
		copy(grown, l.held[:at])
		copy(grown[at+1:], l.held[at:])
		grown[at] = h
		l.held, l.shared = grown, false
	default:
		l.held = slices.Insert(l.held, at, h)
	}
}

// remove takes out the record that was inserted last.
func (l *ledger) remove(at int) { l.held = slices.Delete(l.held, at, at+1) }

// end is the end of the moment that begins at a place.
func (l *ledger) end(from int) int {
	end := from + 1
	for end < len(l.held) && l.held[end].when == l.held[from].when {
		end++
	}
	return end
}

// upTo is the ledger before a place, which nobody can append to.
func (l *ledger) upTo(at int) ledger { return ledger{held: l.held[:at:at], shared: true} }

// cut drops the first records.
func (l *ledger) cut(n int) { l.held = l.held[n:] }

// apart is the distance of two times in order. It is exact for all of them, also where it is no int64.
func apart(older, newer int64) uint64 { return uint64(newer) - uint64(older) }
