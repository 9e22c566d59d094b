package proptest

import (
	"fmt"

	"github.com/hookfold/hookfold/fsm"
)

// PureMachine is law 1 for a machine: Step gives the same outcome for the same arguments, whatever was asked in between,
// and neither the facts nor the definition change by it.
func PureMachine[S ~uint8, F any](t TB, m *fsm.Machine[S, F], facts Facts[F]) {
	t.Helper()
	d := m.Definition()
	before := fingerprint(d)
	first := map[string]string{}
	var problems []string
	for round := range 3 {
		for _, at := range places(m, facts, round%2 == 1) {
			saw := fingerprint(at.facts)
			out := fmt.Sprintf("%+v", m.Step(at.state, at.column, at.facts))
			if fingerprint(at.facts) != saw {
				problems = append(problems, fmt.Sprintf("%s changes its facts %s", at.name, saw))
			}
			key := at.name + saw
			if was, known := first[key]; known && was != out {
				problems = append(problems, fmt.Sprintf("%s gave %s and then %s for the same facts %s", at.name, was, out, saw))
			}
			first[key] = out
		}
	}
	if fingerprint(d) != before {
		problems = append(problems, "the definition changed while the machine was stepped")
	}
	report(t, "law 1, machine "+d.Name, problems)
}

// place is one call of Step.
type place[S ~uint8, F any] struct {
	name   string
	state  S
	column fsm.Column
	facts  F
}

// places lists every state × event × facts, forwards or backwards, so that a hidden memory meets two orders.
func places[S ~uint8, F any](m *fsm.Machine[S, F], facts Facts[F], backwards bool) []place[S, F] {
	var out []place[S, F]
	d := m.Definition()
	for _, s := range d.States {
		for _, e := range d.Events {
			state, _ := m.State(s)
			column, _ := m.Column(e)
			for _, f := range facts.every() {
				out = append(out, place[S, F]{pair{s, e}.String(), state, column, f})
			}
		}
	}
	if backwards {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	return out
}
