package fsm

import (
	"encoding/json"
	"fmt"
	"slices"
)

// ReadJSON reads back what [Definition.JSON] wrote, and checks it as [New] checks a specification. The definition can
// be drawn, compared and asked for paths. What JSON does not hold is lost: the version is 0, the meaning of a guard
// "not told", and a state counts as reached by observations only if no events lead to it from nothing known.
func ReadJSON(name string, data []byte) (*Definition, error) {
	var rows []cellJSON
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("fsm: machine %s is not an array of cells, as its JSON rendering is: %w", name, err)
	}
	spec := Spec[struct{}]{Name: name, Guards: map[string]Guard[struct{}]{}}
	for _, r := range rows {
		spec.Cells = append(spec.Cells, Cell{From: r.State, Event: r.Event, Guard: r.Guard, Verdict: r.Verdict, Next: r.Next, Reason: r.Reason})
		spec.States = include(spec.States, r.State)
		spec.Events = include(spec.Events, r.Event)
		if guard, _ := guardName(r.Guard); guard != "" {
			spec.Guards[guard] = Guard[struct{}]{
				Meaning: "not told", Holds: func(struct{}) bool { return false }, Saw: func(struct{}) string { return "" },
			}
		}
	}
	spec.States = slices.DeleteFunc(spec.States, func(s string) bool { return s == "" })
	spec.Observed = unreached(spec.States, spec.Cells)
	if err := check(spec); err != nil {
		return nil, err
	}
	return define(spec), nil
}

// include adds a name that is not yet listed.
func include(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

// unreached lists the states to which no cells lead from nothing known.
func unreached(states []string, cells []Cell) []string {
	reached := reachedFrom(map[string]bool{"": true}, cells)
	return slices.DeleteFunc(slices.Clone(states), func(s string) bool { return reached[s] })
}
