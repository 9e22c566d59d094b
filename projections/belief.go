package projections

import (
	"cmp"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// Why an observation got its verdict. Only the verdict decides, so the sentences are fixed.
var observedWhy = [...]string{
	fsm.First:     "The API is the first to say so.",
	fsm.Applied:   "The API shows the next documented state.",
	fsm.Duplicate: "The API confirms what was known.",
	fsm.Gap:       "The API shows a later state: a notification in between was missed.",
	fsm.Conflict:  "The API contradicts the documents, and is believed.",
	fsm.Noted:     "Not visible yet: a newer claim says otherwise, so the API is to be read again later.",
}

const (
	whyMissing = "The API knows no such resource."
	whyDiffer  = "Two readings of one instant differ, so neither is believed."
)

// said is what one observation says of one machine.
type said struct {
	value string
	id    events.ID
}

// observe folds the observations of an instant, machine by machine (fold rules 5, 13 to 16).
func (ms Machines[V]) observe(v *V, m Moment, claims [][]claim, rs []reading, h *History) {
	if len(rs) == 0 {
		return
	}
	for _, r := range rs {
		if r.said.Missing {
			h.Add(Line{Date: m.Time, Event: string(events.Observed), Verdict: fsm.Noted, Why: whyMissing})
		}
	}
	for i := range ms.tracks {
		t := &ms.tracks[i]
		if all := t.said(rs); len(all) > 0 {
			heard := t.claimsOf(m.Recent())
			for _, c := range claims[i] {
				heard = append(heard, c.column)
			}
			t.observed(v, m.Time, all, heard, h)
		}
	}
}

// said collects what the readings of one instant say of the machine, in a fixed order.
func (t *Track[V]) said(rs []reading) []said {
	var out []said
	for _, r := range rs {
		value, ok := r.said.Values[t.name]
		if !ok || r.said.Missing {
			continue
		}
		if other, renamed := t.renames[value]; renamed {
			value = other
		}
		out = append(out, said{value, r.record.Event.ID()})
	}
	slices.SortFunc(out, func(a, b said) int {
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(string(a.id[:]), string(b.id[:])))
	})
	return out
}

// observed believes what was said, or notes it.
func (t *Track[V]) observed(v *V, at int64, all []said, heard []column, h *History) {
	differ := all[0].value != all[len(all)-1].value
	for _, s := range all {
		switch {
		case differ:
			t.disbelieve(v, at, whyDiffer, h)
		case !t.believes(s.value, heard):
			t.disbelieve(v, at, observedWhy[fsm.Noted], h)
		default:
			t.believe(v, at, s.value, h)
		}
	}
}

// believes applies fold rule 14: every claim of the window names the value, or one that only leads to it.
func (t *Track[V]) believes(value string, heard []column) bool {
	for _, c := range heard {
		forward := t.link(c.names, value).reaches && !t.link(value, c.names).reaches
		if c.names != "" && c.names != value && !forward {
			return false
		}
	}
	return true
}

// disbelieve notes an observation (fold rule 16).
func (t *Track[V]) disbelieve(v *V, at int64, why string, h *History) {
	r := t.at(v)
	r.Backed = false
	h.Add(Line{
		Date: at, Event: string(events.Observed), Machine: t.name, Verdict: fsm.Noted,
		From: t.shown(r), To: t.shown(r), Why: why,
	})
}

// believe sets the machine to an observed value, whatever the table says (fold rule 15).
func (t *Track[V]) believe(v *V, at int64, value string, h *History) {
	r := t.at(v)
	from, before := t.shown(r), t.published(r)
	verdict := t.judge(before, value)
	if value != before {
		t.set(r, value)
		r.Since = at
	}
	r.Backed, r.Ambiguous = true, false
	h.Add(Line{
		Date: at, Event: string(events.Observed), Machine: t.name, Verdict: verdict,
		From: from, To: t.shown(r), Why: observedWhy[verdict],
	})
}

// set puts the machine into the state of an observed value; one that it does not know is kept verbatim.
func (t *Track[V]) set(r *Region, value string) {
	state, known := uint8(0), value == ""
	if !known {
		state, known = t.observe(r.State, value)
	}
	r.State, r.Unknown = state, nil
	if !known {
		r.Unknown = &value // beside the state, which may hold more than the value
	}
}

// judge is the verdict on a believed observation (fold rule 15).
func (t *Track[V]) judge(before, value string) fsm.Verdict {
	l := t.link(before, value)
	switch {
	case value == before:
		return fsm.Duplicate
	case before == "":
		return fsm.First
	case l.applied:
		return fsm.Applied
	case l.reaches || l.gap:
		return fsm.Gap
	default:
		return fsm.Conflict
	}
}
