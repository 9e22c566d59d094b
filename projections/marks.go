package projections

import "slices"

// mark is the fold of everything before a time, so that a late record need not be folded in from the base.
type mark[V any] struct {
	when   int64
	value  V
	counts History
}

// markEvery is how many moments lie between two marks.
const markEvery = 32

// update brings value up to date after an insertion at a place, and counts the verdicts that its instant gave. Only what
// is later than all others spares it folding others again.
func (r *resource[V]) update(at int) Verdicts {
	if at == r.len()-1 && (at == 0 || r.times[at-1] < r.times[at]) {
		r.forward(at)
		return r.counts.tell
	}
	r.unmark(r.times[at])
	return r.refoldFor(r.times[at])
}

// forward folds the moment that begins at a place, after everything before it, and marks its time if it is time to.
func (r *resource[V]) forward(from int) (end int) {
	if r.steps >= markEvery {
		r.marks = append(r.marks, mark[V]{when: r.times[from], value: r.value, counts: r.counts})
		r.steps = 0
	}
	r.steps++
	end = r.end(from)
	r.counts.tell = Verdicts{}
	r.value = r.moment(r.value, from, end, &r.counts)
	return end
}

// unmark drops the marks that know nothing of a record of this time.
func (r *resource[V]) unmark(when int64) {
	n := len(r.marks)
	for n > 0 && r.marks[n-1].when > when {
		n--
	}
	r.marks = slices.Clip(r.marks[:n])
}

// refold computes value from the last mark, or from the base.
func (r *resource[V]) refold() { r.refoldFor(0) }

// refoldFor does so and counts the verdicts of one instant.
func (r *resource[V]) refoldFor(when int64) (own Verdicts) {
	from := r.folded
	if n := len(r.marks); n > 0 {
		m := r.marks[n-1]
		from, _ = slices.BinarySearch(r.times, m.when)
		r.value, r.counts = m.value, m.counts
	} else {
		b := r.bottom()
		r.value, r.counts = b.Value, b.History.fork(0)
	}
	r.steps = 0
	for from < r.len() {
		here := r.times[from] == when
		if from = r.forward(from); here {
			own = r.counts.tell
		}
	}
	return own
}
