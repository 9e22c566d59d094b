package projections

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"sort"

	"github.com/hookfold/hookfold/events"
)

// resource is the fold state of one resource: a base that holds what is behind the horizon, and the records since.
//
// The owner changes it in place; snapshot gives others a value that never changes. Once a snapshot shares the records,
// they are only appended to, cut at the front, or copied.
type resource[V any] struct {
	model *Model[V]
	ref   events.Ref
	seq   Seq // newest log record that it reflects

	newest  int64 // newest time of the records that advance; meaningful when started
	started bool
	base    base[V]
	records []entry // by time, then identity
	folded  int     // how many of them are in the base already and only serve Moment.Recent
	shared  bool    // a snapshot may look at the same records
	cut     int     // how many were cut at the front since the beginning: marks count from there

	value  V       // fold of everything
	counts History // of everything, without lines
	marks  []mark[V]

	parked *Parked
}

// entry is a record with what sorts it.
type entry struct {
	record Record
	when   int64
	id     events.ID
}

// mark is the fold of the records before a place, so that a late record need not be folded in from the base.
type mark[V any] struct {
	upto   int // records before it, those that were cut included; always the beginning of a moment
	value  V
	counts History
}

// markEvery is how many records lie at least between two marks.
const markEvery = 32

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
	r := &resource[V]{model: m, ref: ref}
	r.base.History.keep = m.Terms.Lines
	return r
}

// add judges a record in log order, and folds it if it is admitted (fold rules 1, 3).
func (r *resource[V]) add(rec Record) Fate {
	if r.parked != nil {
		return Waiting
	}
	when := r.model.When(rec)
	if fate := r.judge(rec, when); fate != Admitted {
		return fate
	}
	at, known := r.place(rec, when)
	if known {
		return Copy
	}
	if len(r.records)-r.folded >= r.model.Terms.Limit {
		r.park(rec.Seq, fmt.Sprintf("more than %d records inside the horizon", r.model.Terms.Limit))
		return Waiting
	}
	return r.admit(at, entry{record: rec, when: when, id: r.model.Same(rec)})
}

// admit folds an entry in. A record on which the model panics parks the resource as it was before (law 11).
func (r *resource[V]) admit(at int, e entry) (fate Fate) {
	newest, started := r.newest, r.started
	defer func() {
		if why := recover(); why != nil {
			r.newest, r.started, r.marks = newest, started, nil
			r.remove(e)
			r.refold()
			r.park(e.record.Seq, fmt.Sprintf("the model failed on the record: %v", why))
			fate = Waiting
		}
	}()
	r.insert(at, e)
	r.advance(e.record, e.when)
	r.update(at)
	r.seq = max(r.seq, e.record.Seq)
	return Admitted
}

// remove takes an entry out again.
func (r *resource[V]) remove(e entry) {
	at := slices.IndexFunc(r.records, func(x entry) bool { return x.when == e.when && x.id == e.id })
	if at >= 0 {
		r.records = slices.Concat(r.records[:at], r.records[at+1:])
	}
}

// judge applies fold rule 3.
func (r *resource[V]) judge(rec Record, when int64) Fate {
	t := r.model.Terms
	if t.Future >= 0 && rec.Event.Basis() == events.Claim && !rec.Time.IsZero() && rec.Event.Date > rec.Time.Unix()+t.Future {
		return TooNew
	}
	if r.started && when < r.horizon() {
		return TooOld
	}
	return Admitted
}

// horizon is the time before which records hide behind the base.
func (r *resource[V]) horizon() int64 {
	return r.newest - r.model.Terms.Horizon*r.model.Terms.PerSecond
}

// place finds where a record belongs, and whether it stands there already.
func (r *resource[V]) place(rec Record, when int64) (at int, known bool) {
	n := len(r.records)
	if n == 0 || r.records[n-1].when < when {
		return n, false
	}
	id := r.model.Same(rec)
	at = sort.Search(n, func(i int) bool {
		e := &r.records[i]
		return e.when > when || e.when == when && bytes.Compare(e.id[:], id[:]) >= 0
	})
	return at, at < n && r.records[at].when == when && r.records[at].id == id
}

// insert puts an entry in its place without disturbing snapshots.
func (r *resource[V]) insert(at int, e entry) {
	switch {
	case at == len(r.records):
		r.shared = r.shared && len(r.records) < cap(r.records) // else append copies
		r.records = append(r.records, e)
	case r.shared:
		r.records = slices.Concat(r.records[:at], []entry{e}, r.records[at:])
		r.shared = false
	default:
		r.records = slices.Insert(r.records, at, e)
	}
}

// advance moves the newest time.
func (r *resource[V]) advance(rec Record, when int64) {
	if r.model.Advances(rec) && (!r.started || when > r.newest) {
		r.newest, r.started = when, true
	}
}

// update brings value up to date after an insertion at a place.
func (r *resource[V]) update(at int) {
	if at == len(r.records)-1 && (at == r.folded || r.records[at-1].when < r.records[at].when) {
		r.forward(at)
		r.compact()
		return
	}
	r.unmark(at)
	r.compact()
	r.refold()
}

// forward folds the moment that begins at a place, after everything before it, and marks the place if it is time to.
func (r *resource[V]) forward(from int) (end int) {
	last := r.folded
	if n := len(r.marks); n > 0 {
		last = r.marks[n-1].upto - r.cut
	}
	if from-last >= markEvery {
		r.marks = append(r.marks, mark[V]{upto: from + r.cut, value: r.value, counts: r.counts})
	}
	end = r.momentEnd(from)
	r.value = r.moment(r.value, from, end, &r.counts)
	return end
}

// unmark drops the marks that know nothing of a record that was inserted at a place.
func (r *resource[V]) unmark(at int) {
	for at > 0 && r.records[at-1].when == r.records[at].when {
		at--
	}
	n := len(r.marks)
	for n > 0 && r.marks[n-1].upto-r.cut > at {
		n--
	}
	r.marks = slices.Clip(r.marks[:n])
}

// refold computes value from the last mark, or from the base.
func (r *resource[V]) refold() {
	from := r.folded
	r.value, r.counts = r.base.Value, r.base.History.fork(0)
	if n := len(r.marks); n > 0 {
		m := r.marks[n-1]
		from, r.value, r.counts = m.upto-r.cut, m.value, m.counts
	}
	for from < len(r.records) {
		from = r.forward(from)
	}
}

// replay folds records[from:to], which are whole moments.
func (r *resource[V]) replay(v V, from, to int, h *History) V {
	for from < to {
		end := r.momentEnd(from)
		v = r.moment(v, from, end, h)
		from = end
	}
	return v
}

// momentEnd is the end of the moment that begins at a place.
func (r *resource[V]) momentEnd(from int) int {
	end := from + 1
	for end < len(r.records) && r.records[end].when == r.records[from].when {
		end++
	}
	return end
}

// moment applies records[from:to], all of one time.
func (r *resource[V]) moment(v V, from, to int, h *History) V {
	when := r.records[from].when
	m := Moment{Time: when, before: r.records[:from], since: when - r.model.Terms.Window*r.model.Terms.PerSecond}
	for _, e := range r.records[from:to] {
		m.Records = append(m.Records, e.record)
	}
	return r.model.Apply(v, m, h)
}

// compact moves what is behind the horizon into the base (fold rule 20). What an observation at the horizon can still
// look back at stays, folded.
func (r *resource[V]) compact() {
	if !r.started {
		return
	}
	horizon := r.horizon()
	for r.folded < len(r.records) && r.records[r.folded].when < horizon {
		end := r.momentEnd(r.folded)
		r.base.Value = r.moment(r.base.Value, r.folded, end, &r.base.History)
		r.base.take(r.records[r.folded:end])
		r.folded = end
	}
	old := horizon - r.model.Terms.Window*r.model.Terms.PerSecond
	for r.folded > 0 && r.records[0].when <= old {
		r.records = r.records[1:]
		r.folded--
		r.cut++
	}
	for len(r.marks) > 0 && r.marks[0].upto-r.cut <= r.folded {
		r.marks = r.marks[1:]
	}
}

// take counts and digests the entries of one moment.
func (b *base[V]) take(entries []entry) {
	for _, e := range entries {
		b.Records++
		b.Last = e.when
		b.Seq = max(b.Seq, e.record.Seq)
		b.Digest = sha256.Sum256(append(b.Digest[:], e.id[:]...))
	}
}

// park stops the resource.
func (r *resource[V]) park(at Seq, why string) { r.parked = &Parked{Seq: at, Why: why} }

// snapshot returns a copy that later additions do not change.
func (r *resource[V]) snapshot() *resource[V] {
	if !r.shared { // a snapshot is shared from the start: many goroutines may copy it at once
		r.shared = true
	}
	s := *r
	s.records, s.marks = slices.Clip(r.records), slices.Clip(r.marks)
	s.base.History = r.base.History.fork(r.base.History.keep)
	return &s
}
