package proptest

import (
	"context"
	"errors"
	"fmt"

	looplab "github.com/looplab/fsm"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/fsm"
)

// Oracle is law 2 by a second engine: looplab/fsm is built from the expectation table, never from the machine, and must
// agree with Step in every cell and along random walks over whole sequences of events and facts. looplab knows moves
// only, so the verdict is compared with the table.
func Oracle[S ~uint8, F any](t TB, m *fsm.Machine[S, F], want []Want, facts Facts[F]) {
	t.Helper()
	o := newOracle(want)
	var problems []string
	for _, w := range want {
		for _, f := range facts.of(w.Guard) {
			if p := agree(o, m, w, f); p != "" {
				problems = append(problems, p)
			}
		}
	}
	report(t, "law 2, looplab against "+m.Definition().Name, problems)
	if len(problems) > 0 {
		return
	}
	rapid.Check(t, func(t *rapid.T) { walk(t, o, m, facts) })
}

// oracle is an expectation table with looplab's view of it.
type oracle struct {
	want   map[Want]Want // by state, event and guard side
	events looplab.Events
	sides  map[pair][]string
	names  []string
}

// nothing is looplab's name for "nothing known": looplab gives the empty name a meaning of its own.
const nothing = "(nothing known)"

func named(state string) string {
	if state == "" {
		return nothing
	}
	return state
}

func newOracle(want []Want) *oracle {
	o := &oracle{want: map[Want]Want{}, sides: map[pair][]string{}}
	seen := map[string]bool{}
	for _, w := range want {
		o.want[Want{State: w.State, Event: w.Event, Guard: w.Guard}] = w
		o.sides[w.pair()] = append(o.sides[w.pair()], w.Guard)
		if !seen[w.Event] {
			seen[w.Event] = true
			o.names = append(o.names, w.Event)
		}
		if w.Verdict.Moves() {
			o.events = append(o.events, looplab.EventDesc{Name: signal(w.Event, w.Guard), Src: []string{named(w.State)}, Dst: named(w.Next)})
		}
	}
	return o
}

// signal is looplab's event for one side of a guard: looplab knows no guards, so each side is an event of its own.
func signal(event, side string) string { return event + "[" + side + "]" }

// after is what looplab makes of one event.
func (o *oracle) after(f *looplab.FSM, event, side string) (string, error) {
	err := f.Event(context.Background(), signal(event, side))
	var stays looplab.NoTransitionError
	var refused looplab.InvalidEventError
	var unknown looplab.UnknownEventError // no state of the table moves on it
	if errors.As(err, &stays) || errors.As(err, &refused) || errors.As(err, &unknown) {
		err = nil
	}
	return f.Current(), err
}

// agree compares one cell.
func agree[S ~uint8, F any](o *oracle, m *fsm.Machine[S, F], w Want, facts F) string {
	f := looplab.NewFSM(named(w.State), o.events, nil)
	if f.Can(signal(w.Event, w.Guard)) != w.Verdict.Moves() {
		return fmt.Sprintf("%s: looplab and the verdict disagree on whether it moves", w)
	}
	state, okState := m.State(w.State)
	column, okEvent := m.Column(w.Event)
	if !okState || !okEvent {
		return fmt.Sprintf("%s: the machine has no such state or event", w)
	}
	theirs, err := o.after(f, w.Event, w.Guard)
	ours := m.Step(state, column, facts)
	if err != nil || theirs != named(m.Name(ours.To)) || ours.Verdict != w.Verdict {
		return fmt.Sprintf("%s: looplab ends in %s (%v), Step in %s by %s with facts %+v", w, theirs, err, named(m.Name(ours.To)), ours.Verdict, facts)
	}
	return ""
}

// walk steps both engines through one sequence.
func walk[S ~uint8, F any](t *rapid.T, o *oracle, m *fsm.Machine[S, F], facts Facts[F]) {
	f := looplab.NewFSM(nothing, o.events, nil)
	var state S
	for i := range rapid.IntRange(1, 40).Draw(t, "length") {
		event := rapid.SampledFrom(o.names).Draw(t, "event")
		sides := o.sides[pair{m.Name(state), event}]
		if len(sides) == 0 {
			t.Fatalf("step %d: %s in %s is not in the expectation table", i, event, named(m.Name(state)))
		}
		side := rapid.SampledFrom(sides).Draw(t, "guard")
		value := rapid.SampledFrom(facts.of(side)).Draw(t, "facts")
		column, _ := m.Column(event)
		out := m.Step(state, column, value)
		want := o.want[Want{State: m.Name(state), Event: event, Guard: side}]
		theirs, err := o.after(f, event, side)
		if err != nil || theirs != named(m.Name(out.To)) || out.Verdict != want.Verdict {
			t.Fatalf("step %d: %s in %s: looplab ends in %s (%v), Step in %s by %s, the table says %s",
				i, event, named(m.Name(state)), theirs, err, named(m.Name(out.To)), out.Verdict, want)
		}
		state = out.To
	}
}
