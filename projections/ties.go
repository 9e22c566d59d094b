package projections

import (
	"cmp"
	"iter"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// order puts several claims of one machine and one instant into the order in which they are folded (fold rule 6).
func (t *Track[V]) order(v *V, cs []claim) []claim {
	slices.SortFunc(cs, func(a, b claim) int { return cmp.Compare(a.event, b.event) })
	switch {
	case t.strict != nil:
		return t.least(v, cs)
	case t.rank != nil:
		slices.SortStableFunc(cs, func(a, b claim) int { return cmp.Compare(t.rankOf(a), t.rankOf(b)) })
	}
	return cs
}

// rankOf ranks a claim by the event that it is read as.
func (t *Track[V]) rankOf(c claim) int { return t.rank(t.machine.Events[c.column.column]) }

// score weighs one order of claims: fewer conflicts, then gaps, then duplicates, then the more restrictive end.
type score struct{ conflicts, gaps, duplicates, end int }

func (a score) compare(b score) int {
	return cmp.Or(
		cmp.Compare(a.conflicts, b.conflicts), cmp.Compare(a.gaps, b.gaps),
		cmp.Compare(a.duplicates, b.duplicates), cmp.Compare(a.end, b.end))
}

// least tries all orders, from the state before. They come in the order of their lists of types, so that the first of
// equal ones is the least.
func (t *Track[V]) least(v *V, cs []claim) []claim {
	var best []claim
	var bestScore score
	permute(cs, func(order []claim) {
		s := t.weigh(v, order)
		if best == nil || s.compare(bestScore) < 0 {
			best, bestScore = slices.Clone(order), s
		}
	})
	return best
}

// weigh judges one order.
func (t *Track[V]) weigh(v *V, order []claim) score {
	var s score
	state := t.at(v).stands()
	for _, c := range order {
		to, verdict, _ := t.step(v, state, c.column.column)
		switch verdict {
		case fsm.Conflict:
			s.conflicts++
		case fsm.Gap:
			s.gaps++
		case fsm.Duplicate:
			s.duplicates++
		}
		state = to
	}
	s.end = slices.Index(t.strict, t.machine.States[state])
	if s.end < 0 {
		s.end = len(t.strict)
	}
	return s
}

// permute calls f with every order of sorted claims, in lexical order. At most four event types move one machine of a
// provider, which makes 24 orders; a machine with more is cut to the order by type.
func permute(cs []claim, f func([]claim)) {
	const most = 6
	if len(cs) > most {
		f(cs)
		return
	}
	used := make([]bool, len(cs))
	order := make([]claim, 0, len(cs))
	var next func()
	next = func() {
		if len(order) == len(cs) {
			f(order)
			return
		}
		for i, c := range cs {
			if used[i] {
				continue
			}
			used[i], order = true, append(order, c)
			next()
			used[i], order = false, order[:len(order)-1]
		}
	}
	next()
}

// claimsOf lists what earlier records claim of the machine.
func (t *Track[V]) claimsOf(records iter.Seq[Record]) []column {
	var out []column
	for rec := range records {
		if rec.Event.Basis() != events.Claim {
			continue
		}
		if c, ok := t.columns[rec.Event.Type]; ok {
			out = append(out, c)
		}
	}
	return out
}
