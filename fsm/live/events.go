package live

import (
	"errors"
	"fmt"

	looplab "github.com/looplab/fsm"

	"github.com/hookfold/hookfold/fsm"
)

// ErrGuarded says that a table cannot be exported without facts: what one of its events does in one state depends on a
// guard, and looplab knows one target for an event and a state. Export it with [EventsFor], under fixed facts.
var ErrGuarded = errors.New("live: looplab cannot express a guarded cell")

// Events exports the moving cells of a definition (first, applied, gap) as looplab's transitions, one for each event and
// target, in the order of the definition. An applied cell that stays becomes a transition to its own state, which looplab
// answers with NoTransitionError. Cells that do not move are left out: looplab refuses those events.
//
// A guarded cell whose two sides differ in whether or where they move is refused with [ErrGuarded], because exporting
// either side would let looplab do what the table forbids. All such cells are named in the error.
//
// The state "" (nothing known) keeps its name. looplab takes that name for "every state" in its callbacks, so give
// callbacks to an object of [New], which avoids it, and not to one made of these transitions.
func Events(d *fsm.Definition) (looplab.Events, error) {
	var problems []error
	moves := newTransitions()
	for i, c := range d.Cells {
		if i+1 < len(d.Cells) && c.Guard != "" {
			other := d.Cells[i+1]
			if other.From == c.From && other.Event == c.Event && (moving(c) != moving(other) || c.Next != other.Next) {
				problems = append(problems, fmt.Errorf("%w: %s: %q × %s depends on %s: use EventsFor with fixed facts",
					ErrGuarded, d.Name, c.From, c.Event, c.Guard))
			}
		}
		if moving(c) {
			moves.add(c.Event, c.From, c.Next)
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return moves.events, nil
}

// EventsFor exports the moving cells of a machine as they are under fixed facts: of a guarded cell, the side that its
// guard chooses. The result is looplab's view of the machine for as long as the facts stay what they are.
func EventsFor[S ~uint8, F any](m *fsm.Machine[S, F], facts F) looplab.Events {
	d := m.Definition()
	moves := newTransitions()
	for i, from := range d.States {
		for _, event := range d.Events {
			column, _ := m.Column(event)
			if c := d.Cells[m.Step(S(i), column, facts).Cell]; moving(c) {
				moves.add(event, from, c.Next)
			}
		}
	}
	return moves.events
}

func moving(c fsm.Cell) bool { return c.Verdict.Moves() }

// transitions gathers the sources of each event and target.
type transitions struct {
	events looplab.Events
	at     map[[2]string]int
}

func newTransitions() *transitions { return &transitions{at: map[[2]string]int{}} }

func (t *transitions) add(event, from, to string) {
	i, known := t.at[[2]string{event, to}]
	if !known {
		i = len(t.events)
		t.at[[2]string{event, to}] = i
		t.events = append(t.events, looplab.EventDesc{Name: event, Dst: to})
	}
	for _, src := range t.events[i].Src {
		if src == from {
			return
		}
	}
	t.events[i].Src = append(t.events[i].Src, from)
}
