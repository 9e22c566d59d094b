package projections

import (
	"crypto/sha256"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// base is the fold of all records behind the horizon (fold rule 20).
type base[V any] struct {
	Value   V
	Records int
	Last    int64             // time of the newest of them
	Seq     Seq               // newest log record in it
	Digest  [sha256.Size]byte // of their identities; only where documents show it
	History History
}

// bottom is a copy of the base, to fold on.
func (r *resource[V]) bottom() base[V] {
	lines := r.of.model.Terms.Lines
	if r.base() == nil {
		return base[V]{History: History{keep: lines}}
	}
	b := *r.base()
	b.History = b.History.fork(lines)
	return b
}

// compact moves what is behind the horizon into a new base (fold rule 20) if it is more than so many records. What an
// observation at the horizon can still look back at stays, folded.
func (r *resource[V]) compact(d *desk[V], most int) {
	end, folded := r.inside(), int(r.folded)
	if end == 0 {
		return
	}
	if end > folded+most {
		b := r.bottom()
		b.Value = r.replay(d, b.Value, folded, end, &b.History)
		for i := folded; i < end; i++ {
			b.take(&r.held[i])
			if r.of.model.digests() {
				b.digest(r.same(&r.held[i]))
			}
		}
		b.History.room = nil
		r.change(func(x *rare[V]) { x.base = &b })
		r.folded = int32(end)
	}
	if int(r.folded) == end { // else what is spared looks back too, further than from the horizon
		r.forget()
	}
}

// forget drops the records that are in the base and that no record to come can look back at, and marks that nothing will
// be folded from any more.
func (r *resource[V]) forget() {
	gone := 0
	for gone < int(r.folded) && r.outOfSight(r.held[gone].when) {
		gone++
	}
	r.cut(gone)
	r.folded -= int32(gone)
	marks := r.marks()
	past := 0
	for past < len(marks) && r.behind(marks[past].when) {
		past++
	}
	if past > 0 {
		r.change(func(x *rare[V]) { x.marks = slices.Clip(marks[past:]) })
	}
}

// outOfSight tells whether a time is a window or more behind everything that can still be admitted.
func (r *resource[V]) outOfSight(when int64) bool {
	m := r.of.model
	if r.started && when < r.newest && apart(when, r.newest) >= m.horizon()+m.window() {
		return true
	}
	most := m.Terms.Newest
	if most == 0 || r.len() < most {
		return false
	}
	first := r.held[r.len()-most].when
	return when < first && apart(when, first) >= m.window()
}

// take counts a record.
func (b *base[V]) take(h *held) {
	b.Records++
	b.Last = h.when
	b.Seq = max(b.Seq, h.seq)
}

// digest chains an identity.
func (b *base[V]) digest(id events.ID) {
	b.Digest = sha256.Sum256(append(b.Digest[:], id[:]...))
}
