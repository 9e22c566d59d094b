package proptest

import (
	"fmt"
	"strings"

	"github.com/hookfold/hookfold/fsm"
)

// ExplainedMachine is law 9 for a machine, in every cell: there is a reason; a guard that did not hold is named with its
// meaning and what it saw; and a conflict or a gap comes with the shortest legal path that ends with the event, from the
// present state where there is one, else from nothing known. Every path is walked: each step must really be legal, and
// no shorter path may exist.
func ExplainedMachine[S ~uint8, F any](t TB, m *fsm.Machine[S, F], facts Facts[F]) {
	t.Helper()
	var problems []string
	explained := 0
	for _, at := range places(m, facts, false) {
		e := m.Explain(at.state, at.column, at.facts)
		x := explanation[S, F]{machine: m, facts: facts, at: at, e: e}
		problems = append(problems, x.problems()...)
		if e.Path != nil {
			explained++
		}
	}
	t.Logf("%s: %d explanations with a path were walked", m.Definition().Name, explained)
	report(t, "law 9, machine "+m.Definition().Name, problems)
}

// explanation is one explanation under judgement.
type explanation[S ~uint8, F any] struct {
	machine *fsm.Machine[S, F]
	facts   Facts[F]
	at      place[S, F]
	e       fsm.Explanation
}

func (x explanation[S, F]) problems() []string {
	var out []string
	add := func(bad bool, what string, args ...any) {
		if bad {
			out = append(out, fmt.Sprintf("%s: %s", x.at.name, fmt.Sprintf(what, args...)))
		}
	}
	o := x.machine.Step(x.at.state, x.at.column, x.at.facts)
	cell := x.machine.Definition().Cells[o.Cell]
	add(x.e.Verdict != o.Verdict || x.e.To != x.machine.Name(o.To), "Explain says %s → %s, Step %s → %s", x.e.Verdict, x.e.To, o.Verdict, x.machine.Name(o.To))
	add(!sentence(x.e.Reason), "the reason %q is no sentence", x.e.Reason)
	denied := strings.HasPrefix(cell.Guard, "!")
	add(denied != (x.e.Guard != nil), "the guard is %q and the explanation says %v", cell.Guard, x.e.Guard)
	if g := x.e.Guard; g != nil {
		add("!"+g.Name != cell.Guard || g.Meaning == "" || g.Saw == "", "the failed guard is not told: %+v", *g)
	}
	if x.e.Verdict == fsm.Conflict || x.e.Verdict == fsm.Gap {
		wrong := x.path()
		add(wrong != "", "%s", wrong)
	}
	return out
}

// sentence tells whether a reason can be read: it is not blank, begins with a capital or a name, and ends.
func sentence(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 10 && strings.Contains(s, " ") && strings.HasSuffix(s, ".")
}

// path walks the path and says what is wrong with it.
func (x explanation[S, F]) path() string {
	from, length := x.shortest()
	switch {
	case from == nil && x.e.Path == nil:
		return "" // nothing in this machine ever makes the event legal, and the explanation does not claim otherwise
	case from == nil:
		return "a path is told where none exists"
	case x.e.Path == nil:
		return fmt.Sprintf("no path is told; there is one of %d steps from %q", length, *from)
	case x.e.PathFrom != *from || len(x.e.Path) != length:
		return fmt.Sprintf("the path has %d steps from %q; the shortest has %d from %q", len(x.e.Path), x.e.PathFrom, length, *from)
	}
	return x.walk()
}

// walk steps the machine along the path.
func (x explanation[S, F]) walk() string {
	state, _ := x.machine.State(x.e.PathFrom)
	for i, step := range x.e.Path {
		column, ok := x.machine.Column(step.Event)
		values := x.facts.of(step.Guard)
		if !ok || len(values) == 0 {
			return fmt.Sprintf("step %d of the path needs the event %s with guard %q, which cannot be had", i+1, step.Event, step.Guard)
		}
		o := x.machine.Step(state, column, values[0])
		legal := o.Verdict == fsm.Applied || o.Verdict == fsm.First
		if !legal || x.machine.Name(o.To) != step.To {
			return fmt.Sprintf("step %d of the path, %s in %q, is %s → %q", i+1, step.Event, x.machine.Name(state), o.Verdict, x.machine.Name(o.To))
		}
		state = o.To
	}
	if last := x.e.Path[len(x.e.Path)-1]; last.Event != x.e.Event {
		return fmt.Sprintf("the path ends with %s and not with the event", last.Event)
	}
	return ""
}

// shortest finds, by steps of the machine alone, where the shortest legal path begins and how long it is: from the
// present state, else from nothing known to an arrow, else from nothing known to a first word. nil: there is none.
func (x explanation[S, F]) shortest() (from *string, length int) {
	present, unknown := x.machine.Name(x.at.state), ""
	for _, way := range []struct {
		from *string
		fits func(fsm.Verdict) bool
	}{
		{&present, func(v fsm.Verdict) bool { return v == fsm.Applied || v == fsm.First }},
		{&unknown, func(v fsm.Verdict) bool { return v == fsm.Applied }},
		{&unknown, func(v fsm.Verdict) bool { return v == fsm.Applied || v == fsm.First }},
	} {
		if n := x.distance(*way.from, way.fits); n > 0 {
			return way.from, n
		}
	}
	return nil, 0
}

// distance is the number of events, the last one the event itself, of the shortest legal path; 0: there is none.
func (x explanation[S, F]) distance(from string, fits func(fsm.Verdict) bool) int {
	start, _ := x.machine.State(from)
	level, seen := []S{start}, map[S]bool{start: true}
	for n := 1; len(level) > 0; n++ {
		var next []S
		for _, s := range level {
			for _, e := range x.machine.Definition().Events {
				column, _ := x.machine.Column(e)
				for _, f := range x.facts.every() {
					o := x.machine.Step(s, column, f)
					if e == x.e.Event && fits(o.Verdict) {
						return n
					}
					if (o.Verdict == fsm.Applied || o.Verdict == fsm.First) && !seen[o.To] {
						seen[o.To], next = true, append(next, o.To)
					}
				}
			}
		}
		level = next
	}
	return 0
}
