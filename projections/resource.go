package projections

import (
	"fmt"
	"sort"

	"github.com/hookfold/hookfold/events"
)

// resource is the fold state of one resource: a base that holds what is behind the horizon, and the records since.
//
// Its owner changes it until it gives it to a store. From then on it never changes: the owner goes on with a copy, and
// what both point to never changes either. There may be millions, so fields are small, and what few need is in rare.
type resource[V any] struct {
	of     *family[V]
	id     string
	seq    Seq   // newest log record that it reflects
	newest int64 // newest time of the records that advance; meaningful when started
	ledger
	rare    *rare[V] // nil for most
	folded  int32    // how many records of the ledger are in the base already and only serve Moment.Recent
	steps   int32    // moments that were folded since the last mark
	counts  counts   // of everything
	started bool

	value V // fold of everything
}

// family is what the resources of one source have in common.
type family[V any] struct {
	model        *Model[V]
	source, kind string
}

// rare is what only a resource with a long past has, or one that stands still. It never changes: whoever changes it makes
// another one.
type rare[V any] struct {
	base   *base[V] // nil: nothing is behind the horizon yet
	marks  []mark[V]
	parked *Parked
	skips  []skip
}

// counts are those of a History, without its lines.
type counts struct {
	conflicts, gaps uint32
	known           bool
}

// countsOf takes them from a history.
func countsOf(h *History) counts {
	return counts{uint32(h.Conflicts), uint32(h.Gaps), h.Known}
}

// add counts what a history of its own tells.
func (c *counts) add(h *History) {
	c.conflicts += uint32(h.Conflicts)
	c.gaps += uint32(h.Gaps)
	c.known = c.known || h.Known
}

// Parked says why a resource stands still while its later events wait in the log.
type Parked struct {
	Seq Seq    `json:"seq"` // log record at which it stopped
	Why string `json:"why"`
	// Unreadable tells that what the store held of it could not be read, so that nothing is known of it until it is retried:
	// then it is folded anew from the log's beginning.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Fate is what became of a record at one resource.
type Fate uint8

// The fates of a record.
const (
	Admitted Fate = iota // new, and part of the fold
	Copy                 // known already
	TooOld               // behind the horizon (fold rule 3)
	TooNew               // dated further ahead of its arrival than the future bound (fold rule 3)
	Waiting              // its resource is parked
	Decided              // an operator's decision about the resource (fold rule 26)
)

func newResource[V any](of *family[V], id string) *resource[V] {
	return &resource[V]{of: of, id: id}
}

// ref names the resource.
func (r *resource[V]) ref() events.Ref {
	return events.Ref{Source: r.of.source, Kind: r.of.kind, ID: r.id}
}

// scale is what its records have in common with it.
func (r *resource[V]) scale() scale {
	return scale{ref: r.ref(), perSecond: r.of.model.Terms.PerSecond}
}

// base is nil where nothing is behind the horizon yet.
func (r *resource[V]) base() *base[V] {
	if r.rare == nil {
		return nil
	}
	return r.rare.base
}

func (r *resource[V]) marks() []mark[V] {
	if r.rare == nil {
		return nil
	}
	return r.rare.marks
}

// parked is nil where the resource does not stand still.
func (r *resource[V]) parked() *Parked {
	if r.rare == nil {
		return nil
	}
	return r.rare.parked
}

// change changes a copy of what is rare.
func (r *resource[V]) change(f func(*rare[V])) {
	var next rare[V]
	if r.rare != nil {
		next = *r.rare
	}
	f(&next)
	r.rare = &next
}

// park stops the resource.
func (r *resource[V]) park(p Parked) {
	r.change(func(x *rare[V]) { x.parked = &p })
}

// same is the identity of a record of the ledger. It is a digest, so it is only asked for where two records have one time.
func (r *resource[V]) same(h *held) events.ID {
	s := r.scale()
	return r.of.model.Same(s.record(h))
}

// place finds where a record belongs, and whether a copy of it stands there already.
func (r *resource[V]) place(rec *Record, when int64) (at int, known bool) {
	at, tie := r.find(when)
	if !tie {
		return at, false
	}
	return r.among(at, r.of.model.Same(*rec), r.same)
}

// admit judges a record in log order and puts it in its place if it is admitted (fold rules 1, 3). It strips the record
// of what the model does not keep.
func (r *resource[V]) admit(rec *Record, k kinds) (at int, fate Fate) {
	m := r.of.model
	switch {
	case r.parked() != nil:
		return 0, Waiting
	case rec.Seq != 0 && rec.Seq <= r.seq:
		return 0, Copy // a row may be ahead of its checkpoint, and holds every record up to its own sequence
	case m.ahead(rec):
		return 0, TooNew
	}
	m.strip(rec)
	when := m.when(rec)
	if r.behind(when) {
		return 0, TooOld
	}
	at, known := r.place(rec, when)
	if known {
		return 0, Copy
	}
	newest, started := r.newest, r.started
	r.advance(rec, when)
	if r.full() {
		r.newest, r.started = newest, started
		r.park(Parked{Seq: rec.Seq, Why: fmt.Sprintf("more than %d records inside the horizon", m.Terms.Limit)})
		return 0, Waiting
	}
	r.put(at, rec, when, k)
	return at, Admitted
}

// put holds a record at its place.
func (r *resource[V]) put(at int, rec *Record, when int64, k kinds) {
	s := r.scale()
	r.insert(at, s.hold(rec, when, k))
	r.seq = max(r.seq, rec.Seq)
}

// reached is the newest log record that changed the resource, also by parking it.
func (r *resource[V]) reached() Seq {
	if p := r.parked(); p != nil {
		return max(r.seq, p.Seq)
	}
	return r.seq
}

// behind tells whether a time is behind the horizon: too old (fold rule 3), or with Terms.Newest newer records before it.
// It is enough to count the records that are held: of those that left, each is behind the horizon.
func (r *resource[V]) behind(when int64) bool {
	if r.started && when < r.newest && apart(when, r.newest) > r.of.model.horizon() {
		return true
	}
	most := r.of.model.Terms.Newest
	return most > 0 && r.len() >= most && when < r.held[r.len()-most].when
}

// full tells whether there is no room for one more record inside the horizon.
func (r *resource[V]) full() bool {
	limit := r.of.model.Terms.Limit
	return r.len()-int(r.folded) >= limit && r.len()-r.inside() >= limit
}

// inside is the place of the first record that is not behind the horizon.
func (r *resource[V]) inside() int {
	from := int(r.folded)
	if from == r.len() || !r.behind(r.held[from].when) {
		return from
	}
	return from + sort.Search(r.len()-from, func(i int) bool { return !r.behind(r.held[from+i].when) })
}

// advance moves the newest time.
func (r *resource[V]) advance(rec *Record, when int64) {
	if (!r.started || when > r.newest) && r.of.model.advances(rec) {
		r.newest, r.started = when, true
	}
}
