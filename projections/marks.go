package projections

import "slices"

// mark is the fold of everything before a time, so that a late record need not be folded in from the base.
type mark[V any] struct {
	when   int64
	value  V
	counts counts
}

// markEvery is how many moments lie between two marks.
const markEvery = 32

// update brings value up to date after an insertion at a place, and counts the verdicts that its instant gave. Only what
// is later than all others spares it folding others again.
func (r *resource[V]) update(d *desk[V], at int) Verdicts {
	when := r.held[at].when
	if at == r.len()-1 && (at == 0 || r.held[at-1].when < when) {
		r.forward(d, at)
		return d.history.tell
	}
	r.unmark(when)
	return r.refold(d, when)
}

// forward folds the moment that begins at a place, after everything before it, and marks its time if it is time to.
func (r *resource[V]) forward(d *desk[V], from int) (end int) {
	if r.steps >= markEvery {
		m := mark[V]{when: r.held[from].when, value: r.value, counts: r.counts}
		r.change(func(x *rare[V]) { x.marks = append(slices.Clip(x.marks), m) })
		r.steps = 0
	}
	r.steps++
	end = r.end(from)
	d.history = History{room: d.history.room}
	r.value = r.moment(d, r.value, from, end, &d.history)
	r.counts.add(&d.history)
	return end
}

// unmark drops the marks that know nothing of a record of this time.
func (r *resource[V]) unmark(when int64) {
	marks := r.marks()
	n := len(marks)
	for n > 0 && marks[n-1].when > when {
		n--
	}
	if n < len(marks) {
		r.change(func(x *rare[V]) { x.marks = slices.Clip(marks[:n]) })
	}
}

// refold computes value from the last mark, or from the base, and counts the verdicts of one instant.
func (r *resource[V]) refold(d *desk[V], when int64) (own Verdicts) {
	from := int(r.folded)
	if marks := r.marks(); len(marks) > 0 {
		m := marks[len(marks)-1]
		from, _ = r.find(m.when)
		r.value, r.counts = m.value, m.counts
	} else {
		b := r.bottom()
		r.value, r.counts = b.Value, countsOf(&b.History)
	}
	r.steps = 0
	for from < r.len() {
		here := r.held[from].when == when
		if from = r.forward(d, from); here {
			own = d.history.tell
		}
	}
	return own
}
