package fsm

import (
	"slices"
	"sort"
)

// Definition is a checked machine without its Go types: what tools, diagrams, documents and oracles read. Treat it as
// read-only.
type Definition struct {
	Name    string
	Version int
	States  []string // States[0] is "": nothing known
	Events  []string
	Cells   []Cell // sorted by state, then event, in the order of States and Events; guarded before !guarded
	Guards  []GuardInfo

	observed map[string]bool
	index    map[string]uint8 // of States
	pairs    []relation       // from × to
}

// GuardInfo names a guard and says what holds when it does.
type GuardInfo struct{ Name, Meaning string }

// define sorts what a checked specification declares.
func define[F any](spec Spec[F]) *Definition {
	d := &Definition{
		Name: spec.Name, Version: spec.Version,
		States:   append([]string{""}, spec.States...),
		Events:   slices.Clone(spec.Events),
		Cells:    slices.Clone(spec.Cells),
		observed: map[string]bool{},
	}
	for name, g := range spec.Guards {
		d.Guards = append(d.Guards, GuardInfo{Name: name, Meaning: g.Meaning})
	}
	sort.Slice(d.Guards, func(i, j int) bool { return d.Guards[i].Name < d.Guards[j].Name })
	for _, s := range spec.Observed {
		d.observed[s] = true
	}
	rank := func(c Cell) int {
		_, denied := guardName(c.Guard)
		n := slices.Index(d.States, c.From)*len(d.Events) + slices.Index(d.Events, c.Event)
		if denied {
			return 2*n + 1
		}
		return 2 * n
	}
	sort.SliceStable(d.Cells, func(i, j int) bool { return rank(d.Cells[i]) < rank(d.Cells[j]) })
	d.relate()
	return d
}

// guardName splits "!name" into name and true.
func guardName(guard string) (name string, denied bool) {
	if len(guard) > 0 && guard[0] == '!' {
		return guard[1:], true
	}
	return guard, false
}

// Reason returns the sentence of a cell.
func (d *Definition) Reason(cell uint16) string { return d.Cells[cell].Reason }

// Observed lists the states that only an observation leads to, or an event in such a state, in the order of States.
func (d *Definition) Observed() []string {
	var states []string
	for _, s := range d.States {
		if d.observed[s] {
			states = append(states, s)
		}
	}
	return states
}
