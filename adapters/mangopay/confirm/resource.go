package confirm

import (
	"bytes"
	"container/list"
	"math"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const (
	// slack is how long records are kept beyond the window, in seconds, for answers that were on their way.
	slack = 60
	// mostSaid bounds the records that are held of one resource. A claim beyond it is answered like one that the read
	// models refuse: by an answer that starts a window after it.
	mostSaid = 500
)

// place is the log record after which something begins.
type place struct {
	seq  projections.Seq
	time int64 // Unix nanoseconds of that record; meaningless at sequence 0
}

// said is a record of a resource, as far as the fold needs it.
type said struct {
	typ    events.Type
	date   int64
	data   []byte
	logged bool  // it is in the log; else it was appended and has not come back yet
	before place // in the log
}

// resource is all that is known of one resource while it has an open claim, and as long after as its records may still
// weigh.
type resource struct {
	ref  events.Ref
	says []said

	claims   set             // machines that the claims among them are about
	open     set             // those of them that no answer backs, and those that are asked for
	newest   [machines]int64 // dates of their newest claims
	asking   set             // machines that are to be read for a reason that no read model sees
	asked    [machines]int64 // when the reasons came up; an answer from a window later settles them
	read     [machines]int64 // starts of the newest answers that told of them, by the provider\'s clock; 0: none did
	pin      place           // before the record that first asked
	since    int64           // when the oldest open claim arrived, Unix milliseconds; 0: none is open
	heat     int             // how often it was read lately
	fails    int             // calls in a row that said nothing
	absences int             // in a row, none of them final
	last     int64           // when it was last read, Unix milliseconds
	free     int64           // not to be read before, Unix milliseconds
	spot     spot            // in the queue
	lane     lane
	flight   bool // a job works on it
	let      bool // it no longer holds the mark back
}

// spot is where the queue keeps a resource.
type spot struct {
	due   int64
	index int           // in the heap of those that wait; -1: not there
	ready *list.Element // in a lane; nil: not there
}

// claimed is a claim that asks something.
type claimed struct {
	ref     events.Ref
	typ     events.Type
	date    int64
	arrived int64 // Unix seconds; 0 unknown
}

// early tells whether the read models refuse the claim because it is dated too far ahead of its arrival (fold rule 3).
func (c *claimed) early() bool {
	return c.arrived != 0 && c.date-projections.DefaultFuture > c.arrived
}

// claim takes a claim about a machine. A copy of one that is held changes nothing; false then.
func (r *resource) claim(c *claimed, m machine, at place) bool {
	switch {
	case m == document || c.early():
		r.ask(m, asof(c), at)
	case r.holds(c.typ, c.date, nil) >= 0:
		return false
	case len(r.says) >= mostSaid:
		r.ask(m, c.date, at)
	default:
		r.says = append(r.says, said{typ: c.typ, date: c.date, logged: true, before: at})
		r.about(m, c.date)
		r.open |= setOf(m)
	}
	return true
}

// about notes that a claim that is held is about a machine.
func (r *resource) about(m machine, date int64) {
	if !r.claims.has(m) || date > r.newest[m] {
		r.newest[m] = date
	}
	r.claims |= setOf(m)
}

// asof is when a claim that no read model sees came up: a date to come is nobody's.
func asof(c *claimed) int64 {
	if c.arrived == 0 {
		return c.date
	}
	return min(c.date, c.arrived)
}

// ask has a machine read although no claim that a read model sees is open.
func (r *resource) ask(m machine, when int64, at place) {
	if r.asking == 0 {
		r.pin = at
	}
	if !r.asking.has(m) || when > r.asked[m] {
		r.asked[m] = when
	}
	r.asking |= setOf(m)
	r.open |= setOf(m)
}

// answer takes an observation, from the log or on its way there.
func (r *resource) answer(e events.Event, logged bool, at place) {
	if i := r.holds(e.Type, e.Date, e.Data); i >= 0 {
		if logged && !r.says[i].logged {
			r.says[i].logged, r.says[i].before = true, at
		}
		return
	}
	r.says = append(r.says, said{typ: e.Type, date: e.Date, data: bytes.Clone(e.Data), logged: logged, before: at})
}

// holds finds a record; -1: it is not held.
func (r *resource) holds(t events.Type, date int64, data []byte) int {
	return slices.IndexFunc(r.says, func(s said) bool { return s.date == date && s.typ == t && bytes.Equal(s.data, data) })
}

// records are what the resource holds, for the fold.
func (r *resource) records() []projections.Record {
	out := make([]projections.Record, 0, len(r.says)+1)
	for _, s := range r.says {
		out = append(out, projections.Record{Event: events.Event{Type: s.typ, Ref: r.ref, Date: s.date, Data: s.data}})
	}
	return out
}

// stands asks the models how the resource stands.
func (r *resource) stands() standings { return fold(r.ref, r.records()) }

// judge tells which machines are open still.
func (r *resource) judge() {
	if r.open == 0 {
		return
	}
	unbacked := r.claims & r.open
	if unbacked != 0 {
		all := r.stands()
		r.doubt(unbacked&all.backed(), all)
		unbacked &^= all.backed()
	}
	r.open = unbacked | r.asking
	r.calm()
}

// doubt has those of the backed machines read once more, a window after their newest claim, that show something else than
// claims alone would. A reading is believed where documented arrows lead on from what was claimed (fold rule 14), but the
// provider also goes ways that no document shows, and a stale reading looks the same.
func (r *resource) doubt(backed set, all standings) {
	if backed == 0 {
		return
	}
	claims := fold(r.ref, slices.DeleteFunc(r.records(), func(rec projections.Record) bool { return rec.Event.Type == events.Observed }))
	at, _ := r.held()
	for m := range backed.each {
		if claims[m].value != "" && claims[m].value != all[m].value && r.read[m] < r.newest[m]+window {
			r.ask(m, r.newest[m], at)
		}
	}
}

// rejudge tells which machines are open, when something came to be known that may open one again.
func (r *resource) rejudge(now int64) {
	r.open |= r.claims
	if r.judge(); r.open != 0 && r.since == 0 {
		r.since = now
	}
}

// calm forgets since when a claim is open where none is.
func (r *resource) calm() {
	if r.open == 0 {
		r.since = 0
	}
}

// settle takes note that an answer from a time tells of machines. It closes what it settles whatever it says, because it
// started a window after it was asked for.
func (r *resource) settle(ms set, t int64) {
	for m := range ms.each {
		r.read[m] = max(r.read[m], t)
		if t >= r.final(m) || m == document && t >= r.asked[m] {
			r.asking &^= setOf(m)
		}
	}
}

// final is the time from which an answer of a machine is believed whatever it says, as far as is known now.
func (r *resource) final(m machine) int64 {
	switch {
	case !r.claims.has(m):
		return r.asked[m] + window
	case !r.asking.has(m):
		return r.newest[m] + window
	}
	return max(r.newest[m], r.asked[m]) + window
}

// latest is the time from which the API's not knowing the resource is believed.
func (r *resource) latest() int64 {
	t := int64(math.MinInt64)
	for m := range (r.claims | r.asking).each {
		t = max(t, r.final(m))
	}
	return t
}

// trim drops the records that no answer to come can be judged by, where nothing is open and the provider's clock is at now. It
// tells whether any are left.
func (r *resource) trim(now int64) bool {
	old := now/1000 - window - slack
	r.says = slices.DeleteFunc(r.says, func(s said) bool { return s.date < old })
	r.claims = 0
	for _, s := range r.says {
		if m, ok := asks(&claimed{ref: r.ref, typ: s.typ}); ok {
			r.about(m, s.date)
		}
	}
	return len(r.says) > 0
}

// expires is when all of its records are old by a clock that is so far behind ours, and it is forgotten how often it was read; Unix milliseconds.
func (r *resource) expires(lag int64) int64 {
	ms := r.free
	for _, s := range r.says {
		ms = max(ms, (s.date+window+slack+1)*1000+lag)
	}
	return ms
}

// held is the place after which the log must be read again to know what the resource knows; false where it does not
// matter.
func (r *resource) held() (place, bool) {
	low, holds := r.pin, r.asking != 0
	for i := range r.says {
		if s := &r.says[i]; s.logged && (!holds || s.before.seq < low.seq) {
			low, holds = s.before, true
		}
	}
	return low, holds
}
