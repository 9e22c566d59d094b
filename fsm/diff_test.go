package fsm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/fsm"
)

// mutated draws a machine and a second one, which is another machine or the first with a part of its cells drawn anew.
func mutated(t *rapid.T) (a, b *fsm.Definition) {
	a = anyMachine(t)
	if rapid.Bool().Draw(t, "unrelated") {
		return a, anyMachine(t)
	}
	spec := fsm.Spec[int]{Name: a.Name, Version: rapid.IntRange(1, 2).Draw(t, "version"), States: a.States[1:], Events: a.Events, Guards: map[string]fsm.Guard[int]{}}
	spec.States = rapid.Permutation(spec.States).Draw(t, "states")
	spec.Events = rapid.Permutation(spec.Events).Draw(t, "events")
	spec.Observed = spec.States
	for _, c := range a.Cells {
		if c.Guard == "" && rapid.IntRange(0, 4).Draw(t, "guard it") == 0 {
			spec.Cells = append(spec.Cells, anyCell(t, spec.States, c.From, c.Event, "!rich"))
			c.Guard = "rich"
		}
		if rapid.IntRange(0, 3).Draw(t, "redraw") == 0 {
			c = anyCell(t, spec.States, c.From, c.Event, c.Guard)
		}
		if name := strings.TrimPrefix(c.Guard, "!"); name != "" {
			spec.Guards[name] = anyGuard(t)
		}
		spec.Cells = append(spec.Cells, c)
	}
	m, err := fsm.New[uint8](spec)
	if err != nil {
		t.Fatalf("the generator is wrong: %v", err)
	}
	return a, m.Definition()
}

func exchange[T any](p fsm.Pair[T]) fsm.Pair[T] { return fsm.Pair[T]{Old: p.New, New: p.Old} }

func mirror(d fsm.Difference) fsm.Difference {
	d.Name, d.Version = exchange(d.Name), exchange(d.Version)
	for _, n := range []*fsm.Names{&d.States, &d.Observed, &d.Events} {
		*n = fsm.Names(exchange(fsm.Pair[[]string](*n)))
	}
	for i := range d.Guards {
		d.Guards[i].Pair = exchange(d.Guards[i].Pair)
	}
	for i, c := range d.Cells {
		d.Cells[i].Old, d.Cells[i].New = c.New, c.Old
	}
	return d
}

// apply makes the new cells and guards out of the old ones and what is said to have changed.
func apply(t require.TestingT, a *fsm.Definition, d fsm.Difference) (cells []fsm.Cell, guards []fsm.GuardInfo) {
	cells, guards = slices.Clone(a.Cells), slices.Clone(a.Guards)
	for _, c := range d.Cells {
		if c.Old != nil {
			i := slices.Index(cells, *c.Old)
			require.GreaterOrEqual(t, i, 0, "an old cell is one of the old definition")
			cells = slices.Delete(cells, i, i+1)
		}
	}
	for _, c := range d.Cells {
		if c.New != nil {
			require.Equal(t, [2]string{c.State, c.Event}, [2]string{c.New.From, c.New.Event})
			cells = append(cells, *c.New)
		}
	}
	for _, g := range d.Guards {
		guards = slices.DeleteFunc(guards, func(info fsm.GuardInfo) bool { return info.Name == g.Name })
		if g.New != "" {
			guards = append(guards, fsm.GuardInfo{Name: g.Name, Meaning: g.New})
		}
	}
	return cells, guards
}

func TestDiffOfAMachineWithItselfIsEmpty(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		diff := fsm.Diff(d, d)
		require.True(t, diff.Empty())
		require.Empty(t, diff.Cells)
		require.Equal(t, "machine "+d.Name+": no difference\n", diff.Text())
	}
	rapid.Check(t, func(t *rapid.T) {
		d := anyMachine(t)
		require.True(t, fsm.Diff(d, d).Empty())
	})
}

func TestDiffMirrorsAndApplies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := mutated(t)
		d := fsm.Diff(a, b)
		require.Equal(t, fsm.Diff(b, a), mirror(fsm.Diff(a, b)))
		require.Equal(t, d.Text(), fsm.Diff(a, b).Text())

		cells, guards := apply(t, a, d)
		require.ElementsMatch(t, b.Cells, cells)
		require.ElementsMatch(t, b.Guards, guards)
		require.Equal(t, b.States[1:], d.States.New)
		require.Equal(t, b.Events, d.Events.New)
		for _, c := range d.Cells {
			require.True(t, c.Outcome() || slices.Equal([]string{"reason"}, c.Fields()), "nothing that is equal is reported: %v", c)
		}
	})
}

// Where no outcome is said to change, every state × event pair that both machines have leads to the same.
func TestDiffMissesNoOutcome(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := mutated(t)
		same := len(a.Cells) == len(b.Cells) && slices.Equal(a.States, b.States) && a.Version == b.Version
		for _, c := range a.Cells {
			same = same && slices.ContainsFunc(b.Cells, func(other fsm.Cell) bool {
				other.Reason = c.Reason
				return c == other
			})
		}
		require.Equal(t, !same, fsm.Diff(a, b).ChangesOutcomes())
	})
}

// changed returns the turnstile with one change.
func changed(change func(*fsm.Spec[int])) fsm.Difference {
	spec := turnstile()
	change(&spec)
	return fsm.Diff(fsm.Must[uint8](turnstile()).Definition(), fsm.Must[uint8](spec).Definition())
}

func TestDiffNamesEachChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change   func(*fsm.Spec[int])
		line     string
		outcomes bool
	}{
		"version":  {func(s *fsm.Spec[int]) { s.Version = 2 }, "  ~ version: 1 → 2\n", true},
		"verdict":  {func(s *fsm.Spec[int]) { s.Cells[4].Verdict = fsm.Noted }, "  ~ LOCKED × push: verdict conflict → noted\n", true},
		"next":     {func(s *fsm.Spec[int]) { s.Cells[0].Next = "LOCKED" }, "  ~ (nothing known) × coin: next OPEN → LOCKED\n", true},
		"guard":    {reguard, "  ~ LOCKED × coin [enough]: guard enough → paid\n", true},
		"number":   {func(s *fsm.Spec[int]) { slices.Reverse(s.States) }, "  ~ number of state BROKEN: 3 → 1\n", true},
		"reason":   {func(s *fsm.Spec[int]) { s.Cells[3].Reason = "z" }, "  ~ LOCKED × coin [!enough]: reason\n      - d\n      + z\n", false},
		"name":     {func(s *fsm.Spec[int]) { s.Name = "gate" }, "  ~ name: turnstile → gate\n", false},
		"meaning":  {remean, "  ~ guard enough\n      - the coin is worth at least 2\n      + the coin will do\n", false},
		"events":   {func(s *fsm.Spec[int]) { slices.Reverse(s.Events) }, "  ~ order of events\n", false},
		"observed": {func(s *fsm.Spec[int]) { s.Observed = []string{"OPEN", "BROKEN"} }, "  + reached by observations only: OPEN\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := changed(c.change)
			require.Contains(t, d.Text(), c.line)
			require.False(t, d.Empty())
			require.Equal(t, c.outcomes, d.ChangesOutcomes())
		})
	}
}

func reguard(s *fsm.Spec[int]) {
	s.Guards["paid"] = s.Guards["enough"]
	delete(s.Guards, "enough")
	s.Cells[2].Guard, s.Cells[3].Guard = "paid", "!paid"
}

func remean(s *fsm.Spec[int]) {
	g := s.Guards["enough"]
	g.Meaning = "the coin will do"
	s.Guards["enough"] = g
}

func TestDiffOfAddedAndRemovedNames(t *testing.T) {
	t.Parallel()
	d := changed(func(s *fsm.Spec[int]) {
		s.States, s.Observed, s.Cells = []string{"LOCKED", "OPEN"}, nil, s.Cells[:7]
		s.Events = append(s.Events, "kick")
		for _, state := range []string{"", "LOCKED", "OPEN"} {
			s.Cells = append(s.Cells, fsm.Cell{From: state, Event: "kick", Verdict: fsm.Noted, Next: state, Reason: "k"})
		}
	})
	require.Equal(t, `machine turnstile: outcomes differ, what was folded before must be rebuilt

Outcomes
  - state BROKEN
  + event kick
  + (nothing known) × kick: noted
  + LOCKED × kick: noted
  + OPEN × kick: noted
  - BROKEN × coin: noted
  - BROKEN × push: noted

Words
  - reached by observations only: BROKEN
`, d.Text())
}
