package fsm

import (
	"cmp"
	"slices"
)

// Difference tells what changed from one definition of a machine to another. Each pair holds both sides, also where
// they are equal.
type Difference struct {
	Name     Pair[string]
	Version  Pair[int]
	States   Names
	Observed Names
	Events   Names
	Guards   []GuardChange // by name
	Cells    []CellChange  // by state and event, in the order of the tables; guarded before !guarded
}

// Pair is what something was and what it is.
type Pair[T any] struct{ Old, New T }

// Names is a list of names as it was and as it is.
type Names Pair[[]string]

// GuardChange is a guard that was added (Old is ""), removed (New is "") or given another meaning. What the code of a
// guard does is not part of a definition and is not compared: raise the version when it changes.
type GuardChange struct {
	Name string
	Pair[string]
}

// CellChange is one outcome that was added (Old is nil), removed (New is nil) or changed. Where a state × event pair
// has outcomes on both sides, those with the same guard belong together, and then the first that are left over.
type CellChange struct {
	State, Event string
	Old, New     *Cell
}

// Diff compares two definitions. It is pure: it compares what they declare and calls no guard. Diff(b, a) is Diff(a, b)
// with Old and New exchanged.
func Diff(a, b *Definition) Difference {
	d := Difference{
		Name: Pair[string]{a.Name, b.Name}, Version: Pair[int]{a.Version, b.Version},
		States: Names{a.States[1:], b.States[1:]}, Observed: Names{a.Observed(), b.Observed()}, Events: Names{a.Events, b.Events},
	}
	d.Guards = diffGuards(a.Guards, b.Guards)
	for _, s := range append([]string{""}, d.States.union()...) {
		for _, e := range d.Events.union() {
			d.Cells = append(d.Cells, diffCells(a.at(s, e), b.at(s, e))...)
		}
	}
	return d
}

// Empty tells whether the two definitions declare the same.
func (d Difference) Empty() bool { return !d.ChangesOutcomes() && !d.ChangesWords() }

// ChangesOutcomes tells whether the same events may lead to other states or verdicts, so that what was folded with the
// old definition must be rebuilt: another version, states or events that are not in both, states that have another
// number (rows keep numbers), or a cell with another verdict, next state or guard.
func (d Difference) ChangesOutcomes() bool {
	return d.Version.Old != d.Version.New || !d.States.equal() ||
		len(d.Events.Added()) > 0 || len(d.Events.Removed()) > 0 || slices.ContainsFunc(d.Cells, CellChange.Outcome)
}

// ChangesWords tells whether names, orders or sentences differ that no outcome depends on: the machine's name, the order
// of its events, what is declared as reached by observations only, the meaning of a guard, the reason of a cell. They
// show in explanations, histories and pictures.
func (d Difference) ChangesWords() bool {
	return d.Name.Old != d.Name.New || d.Events.reordered() || !d.Observed.equal() || len(d.Guards) > 0 ||
		slices.ContainsFunc(d.Cells, CellChange.reason)
}

// Added lists the names that are new, in their order.
func (n Names) Added() []string { return without(n.New, n.Old) }

// Removed lists the names that are gone, in the order that they had.
func (n Names) Removed() []string { return without(n.Old, n.New) }

// Renumbered lists the names that are in both lists, but not at the same place.
func (n Names) Renumbered() []string {
	var names []string
	for i, name := range n.New {
		if j := slices.Index(n.Old, name); j >= 0 && i != j {
			names = append(names, name)
		}
	}
	return names
}

func (n Names) equal() bool { return slices.Equal(n.Old, n.New) }

// reordered tells whether the names that are in both lists follow each other differently.
func (n Names) reordered() bool {
	return !slices.Equal(without(n.Old, n.Removed()), without(n.New, n.Added()))
}

func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(s string) bool { return slices.Contains(others, s) })
}

// union lists all names by their places, in the middle of both lists, so that it is the same whichever list is old.
func (n Names) union() []string {
	place := func(s string) int {
		i, j := slices.Index(n.Old, s), slices.Index(n.New, s)
		switch {
		case i < 0:
			return 2 * j
		case j < 0:
			return 2 * i
		}
		return i + j
	}
	names := slices.Concat(n.Old, n.Added())
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) })
	return names
}

// diffGuards compares what guards mean. Both lists are sorted by name.
func diffGuards(a, b []GuardInfo) []GuardChange {
	meanings := map[string]Pair[string]{}
	names := Names{}
	for _, g := range a {
		meanings[g.Name] = Pair[string]{Old: g.Meaning}
		names.Old = append(names.Old, g.Name)
	}
	for _, g := range b {
		meanings[g.Name] = Pair[string]{meanings[g.Name].Old, g.Meaning}
		names.New = append(names.New, g.Name)
	}
	var changes []GuardChange
	for _, name := range slices.Sorted(slices.Values(slices.Concat(names.Old, names.Added()))) {
		if m := meanings[name]; m.Old != m.New {
			changes = append(changes, GuardChange{name, m})
		}
	}
	return changes
}

// at returns the outcomes of a pair: none, one, or one for each side of a guard.
func (d *Definition) at(state, event string) []Cell {
	var cells []Cell
	for _, c := range d.of(state) {
		if c.Event == event {
			cells = append(cells, c)
		}
	}
	return cells
}

// diffCells compares the outcomes of one pair.
func diffCells(a, b []Cell) []CellChange {
	var changes []CellChange
	oldLeft, newLeft := leftOver(a, b), leftOver(b, a)
	for _, c := range a {
		if i := slices.IndexFunc(b, func(other Cell) bool { return other.Guard == c.Guard }); i >= 0 && b[i] != c {
			changes = append(changes, CellChange{c.From, c.Event, &c, &b[i]})
		}
	}
	for i := range max(len(oldLeft), len(newLeft)) {
		var change CellChange
		if i < len(oldLeft) {
			change = CellChange{State: oldLeft[i].From, Event: oldLeft[i].Event, Old: &oldLeft[i]}
		}
		if i < len(newLeft) {
			change.State, change.Event, change.New = newLeft[i].From, newLeft[i].Event, &newLeft[i]
		}
		changes = append(changes, change)
	}
	return changes
}

// leftOver lists the cells whose guard the other side does not have.
func leftOver(cells, others []Cell) []Cell {
	var left []Cell
	for _, c := range cells {
		if !slices.ContainsFunc(others, func(other Cell) bool { return other.Guard == c.Guard }) {
			left = append(left, c)
		}
	}
	return left
}

// Fields names what differs in a cell that is on both sides: "verdict", "next", "guard" and "reason", in this order.
func (c CellChange) Fields() []string {
	if c.Old == nil || c.New == nil {
		return nil
	}
	var fields []string
	for _, f := range []struct {
		name    string
		differs bool
	}{
		{"verdict", c.Old.Verdict != c.New.Verdict},
		{"next", c.Old.Next != c.New.Next},
		{"guard", c.Old.Guard != c.New.Guard},
		{"reason", c.Old.Reason != c.New.Reason},
	} {
		if f.differs {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// Outcome tells whether an event may lead elsewhere: the cell is on one side only, or its verdict, next state or guard
// differs.
func (c CellChange) Outcome() bool {
	return c.Old == nil || c.New == nil ||
		c.Old.Verdict != c.New.Verdict || c.Old.Next != c.New.Next || c.Old.Guard != c.New.Guard
}

// reason tells whether the cell is on both sides and its sentence differs.
func (c CellChange) reason() bool { return slices.Contains(c.Fields(), "reason") }
