package projections

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sort"

	"github.com/hookfold/hookfold/events"
)

// resource is the fold state of one resource: a base that holds what is behind the horizon, and the records since.
//
// The owner changes it in place; a snapshot is a copy that never changes, because what both point to never does.
type resource[V any] struct {
	model *Model[V]
	ref   events.Ref
	seq   Seq // newest log record that it reflects

	newest  int64 // newest time of the records that advance; meaningful when started
	started bool
	base    *base[V] // nil: nothing is behind the horizon yet
	ledger
	folded int // how many records of the ledger are in the base already and only serve Moment.Recent

	value  V       // fold of everything
	counts History // of everything, without lines
	marks  []mark[V]
	steps  int // moments that were folded since the last mark

	parked *Parked
}

// base is the fold of all records behind the horizon (fold rule 20).
type base[V any] struct {
	Value   V                 `json:"value"`
	Records int               `json:"records"`
	Last    int64             `json:"last"`
	Seq     Seq               `json:"seq"` // newest log record in it
	Digest  [sha256.Size]byte `json:"digest"`
	History History           `json:"history"`
}

// Parked says why a resource stands still while its later events wait in the log.
type Parked struct {
	Seq Seq    `json:"seq"` // log record at which it stopped
	Why string `json:"why"`
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
)

func newResource[V any](m *Model[V], ref events.Ref) *resource[V] {
	return &resource[V]{model: m, ref: ref}
}

// admit judges a record in log order and puts it in its place if it is admitted (fold rules 1, 3).
func (r *resource[V]) admit(rec Record) (at int, fate Fate) {
	if r.parked != nil {
		return 0, Waiting
	}
	if rec.Seq != 0 && rec.Seq <= r.seq {
		return 0, Copy // a row may be ahead of its checkpoint, and holds every record up to its own sequence
	}
	if r.model.ahead(rec) {
		return 0, TooNew
	}
	rec = r.model.Keep(rec)
	when := r.model.When(rec)
	if r.behind(when) {
		return 0, TooOld
	}
	at, known := r.place(rec, when, r.model.Same)
	if known {
		return 0, Copy
	}
	newest, started := r.newest, r.started
	r.advance(rec, when)
	if r.full() {
		r.newest, r.started = newest, started
		r.park(rec.Seq, fmt.Sprintf("more than %d records inside the horizon", r.model.Terms.Limit))
		return 0, Waiting
	}
	r.insert(at, rec, when)
	r.seq = max(r.seq, rec.Seq)
	return at, Admitted
}

// reached is the newest log record that changed the resource, also by parking it.
func (r *resource[V]) reached() Seq {
	if r.parked != nil {
		return max(r.seq, r.parked.Seq)
	}
	return r.seq
}

// ahead tells whether a claim is dated further ahead of its arrival than the future bound.
func (m *Model[V]) ahead(rec Record) bool {
	if m.Terms.Future < 0 || rec.Event.Basis() != events.Claim || rec.Time.IsZero() {
		return false
	}
	arrival := rec.Time.Unix()
	return rec.Event.Date > arrival && apart(arrival, rec.Event.Date) > uint64(m.Terms.Future)
}

// behind tells whether a time is behind the horizon: too old (fold rule 3), or with Terms.Newest newer records before it.
// It is enough to count the records that are held: of those that left, each is behind the horizon.
func (r *resource[V]) behind(when int64) bool {
	if r.started && when < r.newest && apart(when, r.newest) > r.model.horizon() {
		return true
	}
	most := r.model.Terms.Newest
	return most > 0 && r.len() >= most && when < r.times[r.len()-most]
}

// full tells whether there is no room for one more record inside the horizon.
func (r *resource[V]) full() bool {
	limit := r.model.Terms.Limit
	return r.len()-r.folded >= limit && r.len()-r.inside() >= limit
}

// inside is the place of the first record that is not behind the horizon.
func (r *resource[V]) inside() int {
	if r.folded == r.len() || !r.behind(r.times[r.folded]) {
		return r.folded
	}
	return r.folded + sort.Search(r.len()-r.folded, func(i int) bool { return !r.behind(r.times[r.folded+i]) })
}

// advance moves the newest time, and tells whether it did.
func (r *resource[V]) advance(rec Record, when int64) bool {
	if !r.model.Advances(rec) || r.started && when <= r.newest {
		return false
	}
	r.newest, r.started = when, true
	return true
}

// replay folds records[from:to], which are whole moments.
func (r *resource[V]) replay(v V, from, to int, h *History) V {
	for from < to {
		end := r.end(from)
		v = r.moment(v, from, end, h)
		from = end
	}
	return v
}

// moment applies records[from:to], all of one time.
func (r *resource[V]) moment(v V, from, to int, h *History) V {
	m := Moment{Time: r.times[from], Records: r.records[from:to:to], before: r.upTo(from), window: r.model.window()}
	return r.model.Apply(v, m, h)
}

// bottom is a copy of the base, to fold on.
func (r *resource[V]) bottom() base[V] {
	if r.base == nil {
		return base[V]{History: History{keep: r.model.Terms.Lines}}
	}
	b := *r.base
	b.History = b.History.fork(r.model.Terms.Lines)
	return b
}

// compact moves what is behind the horizon into a new base (fold rule 20) if it is more than so many records. What an
// observation at the horizon can still look back at stays, folded.
func (r *resource[V]) compact(most int) {
	end := r.inside()
	if end > r.folded+most {
		b := r.bottom()
		b.Value = r.replay(b.Value, r.folded, end, &b.History)
		for i := r.folded; i < end; i++ {
			b.take(r.model.Same(r.records[i]), r.times[i], r.records[i].Seq)
		}
		r.base, r.folded = &b, end
	}
	if r.folded < end {
		return // what is spared looks back too, further than from the horizon
	}
	r.forget()
	for len(r.marks) > 0 && r.behind(r.marks[0].when) {
		r.marks = r.marks[1:]
	}
}

// forget drops the records that are in the base and that no record to come can look back at.
func (r *resource[V]) forget() {
	gone := 0
	for gone < r.folded && r.outOfSight(r.times[gone]) {
		gone++
	}
	r.cut(gone)
	r.folded -= gone
}

// outOfSight tells whether a time is a window or more behind everything that can still be admitted.
func (r *resource[V]) outOfSight(when int64) bool {
	if r.started && when < r.newest && apart(when, r.newest) >= r.model.horizon()+r.model.window() {
		return true
	}
	most := r.model.Terms.Newest
	if most == 0 || r.len() < most {
		return false
	}
	first := r.times[r.len()-most]
	return when < first && apart(when, first) >= r.model.window()
}

// take counts and digests a record.
func (b *base[V]) take(id events.ID, when int64, seq Seq) {
	b.Records++
	b.Last = when
	b.Seq = max(b.Seq, seq)
	b.Digest = sha256.Sum256(append(b.Digest[:], id[:]...))
}

// park stops the resource.
func (r *resource[V]) park(at Seq, why string) { r.parked = &Parked{Seq: at, Why: why} }

// snapshot returns a copy that later additions do not change.
func (r *resource[V]) snapshot() *resource[V] {
	s := *r
	s.ledger, s.marks = r.frozen(), slices.Clip(r.marks)
	return &s
}
