package fsm

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation says what one event does in one state and why, in the words of the table.
type Explanation struct {
	From, Event, To string
	Verdict         Verdict
	Reason          string
	// Guard is set where the cell is guarded and its guard did not hold.
	Guard *GuardFailure
	// Path is set for a conflict and a gap, where the machine has one: the shortest legal sequence of events that ends
	// with this event, from the state PathFrom. It starts at the present state if it can, else at "" (nothing known).
	Path     []Step
	PathFrom string
}

// GuardFailure is a guard that did not hold, and the values that it looked at.
type GuardFailure struct{ Name, Meaning, Saw string }

// Explain is [Machine.Step] with its reasons. It allocates; a fold calls Step and looks the reason up when it is asked.
func (m *Machine[S, F]) Explain(s S, c Column, facts F) Explanation {
	out := m.Step(s, c, facts)
	d := m.definition
	row := d.Cells[out.Cell]
	e := Explanation{From: row.From, Event: row.Event, To: row.Next, Verdict: row.Verdict, Reason: row.Reason}
	if name, denied := guardName(row.Guard); denied {
		g := m.guards[m.cells[int(s)*m.columns+int(c)].guard-1]
		e.Guard = &GuardFailure{Name: name, Meaning: g.Meaning, Saw: g.Saw(facts)}
	}
	if e.Verdict == Conflict || e.Verdict == Gap {
		e.Path, e.PathFrom = d.legalise(row.From, row.Event)
	}
	return e
}

// legalise finds the events that would have made an event legal: from the present state, else from nothing known. From
// nothing known an applied end is preferred, because a first one would only say that the event is alone.
func (d *Definition) legalise(from, event string) (steps []Step, start string) {
	applied := func(c Cell) bool { return c.Verdict == Applied }
	if steps := d.ending(from, event, Cell.legal); steps != nil {
		return steps, from
	}
	if steps := d.ending("", event, applied); steps != nil {
		return steps, ""
	}
	return d.ending("", event, Cell.legal), ""
}

// ending returns the shortest legal path from a state whose last step is the event in a cell that fits; nil: none.
func (d *Definition) ending(from, event string, fits func(Cell) bool) []Step {
	var found []Step
	d.walk(from, func(state string, steps []Step) bool {
		for _, c := range d.of(state) {
			if c.Event == event && fits(c) {
				found = append(slices.Clip(steps), c.step())
				return true
			}
		}
		return false
	})
	return found
}

// String is the explanation as one paragraph.
func (e Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s: %s", e.Event, stateLabel(e.From), e.Verdict)
	if e.To != e.From {
		fmt.Fprintf(&b, " → %s", stateLabel(e.To))
	}
	fmt.Fprintf(&b, ". %s", e.Reason)
	if e.Guard != nil {
		fmt.Fprintf(&b, " Guard %s does not hold (%s): saw %s.", e.Guard.Name, e.Guard.Meaning, e.Guard.Saw)
	}
	if e.Path != nil {
		fmt.Fprintf(&b, " Legal from %s: %s.", stateLabel(e.PathFrom), pathText(e.Path))
	}
	return b.String()
}

// stateLabel names a state for people.
func stateLabel(state string) string {
	if state == "" {
		return "(nothing known)"
	}
	return state
}

func pathText(steps []Step) string {
	words := make([]string, len(steps))
	for i, s := range steps {
		words[i] = s.Event + " → " + stateLabel(s.To)
		if s.Guard != "" {
			words[i] += " [" + s.Guard + "]"
		}
	}
	return strings.Join(words, ", ")
}
