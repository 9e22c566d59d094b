package proptest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookfold/hookfold/fsm"
)

// Facts gives, for each side of each guard ("name" and "!name"), values on which the guard is on that side. Give the
// values on both edges: the last one that holds and the first one that does not. A machine without guards needs none.
type Facts[F any] map[string][]F

// every lists all values; the zero value where there is none. Cells without a guard must not care which it is.
func (f Facts[F]) every() []F {
	var all []F
	for _, side := range sorted(f) {
		all = append(all, f[side]...)
	}
	if len(all) == 0 {
		all = make([]F, 1)
	}
	return all
}

// of lists the values for one side; those of no guard are all.
func (f Facts[F]) of(side string) []F {
	if side == "" {
		return f.every()
	}
	return f[side]
}

// Total is law 2: every state × event cell is declared, and is what the expectation table says. It calls Step for every
// pair of the machine, on each value of facts that the cell's guard side has, and reports every missing, additional and
// wrong cell. It logs "pairs N/N" and returns N: on how many different pairs Step was really called.
//
// want must come from the documents. A table that is computed from the machine proves nothing.
func Total[S ~uint8, F any](t TB, m *fsm.Machine[S, F], want []Want, facts Facts[F]) int {
	t.Helper()
	c := &totality[S, F]{machine: m, facts: facts, stepped: map[pair]bool{}}
	d := m.Definition()
	wanted := c.index(d, want)
	for _, state := range d.States {
		for _, event := range d.Events {
			p := pair{state, event}
			if len(wanted[p]) == 0 {
				c.add("%s is not in the expectation table", p)
				c.step(p, "", nil)
			}
			for _, w := range wanted[p] {
				c.step(p, w.Guard, &w)
			}
		}
	}
	all := len(d.States) * len(d.Events)
	t.Logf("%s: pairs %d/%d, %d cells expected, %d calls of Step", d.Name, len(c.stepped), all, len(want), c.calls)
	if len(c.stepped) != all {
		c.add("only %d of %d pairs were stepped", len(c.stepped), all)
	}
	report(t, "law 2, machine "+d.Name, c.problems)
	return len(c.stepped)
}

// totality collects what is wrong with a machine.
type totality[S ~uint8, F any] struct {
	machine  *fsm.Machine[S, F]
	facts    Facts[F]
	stepped  map[pair]bool
	calls    int
	problems []string
}

func (c *totality[S, F]) add(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// index sorts the expectations by pair and checks that each pair is expected once, or once for each side of one guard.
func (c *totality[S, F]) index(d *fsm.Definition, want []Want) map[pair][]Want {
	out := map[pair][]Want{}
	for _, w := range want {
		if !slices.Contains(d.States, w.State) || !slices.Contains(d.Events, w.Event) {
			c.add("%s is expected and the machine has no such state or event", w.pair())
		}
		if !slices.Contains(d.States, w.Next) {
			c.add("%s is expected to lead to %q, which is no state of the machine", w.pair(), w.Next)
		}
		out[w.pair()] = append(out[w.pair()], w)
	}
	for p, ws := range out {
		if !complete(ws) {
			c.add("%s is expected %d times: expect it once, or once for each side of one guard", p, len(ws))
		}
	}
	slices.Sort(c.problems)
	return out
}

// complete tells whether the expectations of one pair are one, or two that share a guard.
func complete(ws []Want) bool {
	if len(ws) == 1 {
		return ws[0].Guard == ""
	}
	return len(ws) == 2 && ws[0].Guard != "" && (ws[0].Guard == "!"+ws[1].Guard || ws[1].Guard == "!"+ws[0].Guard)
}

// step calls Step on every value of a guard side and compares the outcome.
func (c *totality[S, F]) step(p pair, side string, want *Want) {
	state, okState := c.machine.State(p.state)
	column, okEvent := c.machine.Column(p.event)
	if !okState || !okEvent {
		c.add("%s: the machine lists the names and does not find them", p)
		return
	}
	values := c.facts.of(side)
	if len(values) == 0 {
		c.add("%s depends on %q: give Facts for it", p, side)
	}
	for _, f := range values {
		out := c.machine.Step(state, column, f)
		c.stepped[p] = true
		c.calls++
		c.declared(p, side, out)
		got := Want{State: c.machine.Name(out.From), Event: p.event, Guard: side, Verdict: out.Verdict, Next: c.machine.Name(out.To)}
		if want != nil && got != *want {
			c.add("want %s, got %s with facts %+v", want, got, f)
		}
	}
}

// declared checks that the outcome names the cell that the definition declares for this pair and side.
func (c *totality[S, F]) declared(p pair, side string, out fsm.Outcome[S]) {
	d := c.machine.Definition()
	if int(out.Cell) >= len(d.Cells) {
		c.add("%s: the outcome names cell %d, which does not exist", p, out.Cell)
		return
	}
	cell := d.Cells[out.Cell]
	if cell.From != p.state || cell.Event != p.event || cell.Guard != side || cell.Next != c.machine.Name(out.To) || cell.Verdict != out.Verdict {
		c.add("%s [%s]: the outcome names the cell %q × %q [%s] %s %q", p, dash(side), cell.From, cell.Event, dash(cell.Guard), cell.Verdict, cell.Next)
	}
	if strings.TrimSpace(d.Reason(out.Cell)) == "" {
		c.add("%s has no reason", p)
	}
}

// report fails the test with everything that was found.
func report(t TB, law string, problems []string) {
	t.Helper()
	if len(problems) > 0 {
		t.Errorf("%s: %d problems:\n  %s", law, len(problems), strings.Join(problems, "\n  "))
	}
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
