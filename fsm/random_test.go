package fsm_test

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/fsm"
)

// word draws a name as providers make them, long ones too.
func word() *rapid.Generator[string] {
	return rapid.StringMatching(`[A-Z]{1,9}([_.+][A-Za-z]{1,9}){0,4}`)
}

// anyMachine draws a complete machine. Its states are all declared as observed, so that the cells may be any.
func anyMachine(t *rapid.T) *fsm.Definition {
	unique := func(n int, label string) []string {
		return rapid.SliceOfNDistinct(word(), 1, n, rapid.ID[string]).Draw(t, label)
	}
	spec := fsm.Spec[int]{
		Name: "any", Version: rapid.IntRange(1, 3).Draw(t, "version"),
		States: unique(6, "states"), Events: unique(5, "events"), Guards: map[string]fsm.Guard[int]{},
	}
	spec.Observed = spec.States
	for _, s := range append([]string{""}, spec.States...) {
		for _, e := range spec.Events {
			guard := rapid.SampledFrom([]string{"", "", "", "rich", "kyc_known"}).Draw(t, "guard")
			if guard == "" {
				spec.Cells = append(spec.Cells, anyCell(t, spec.States, s, e, ""))
				continue
			}
			spec.Guards[guard] = anyGuard(t)
			spec.Cells = append(spec.Cells, anyCell(t, spec.States, s, e, guard), anyCell(t, spec.States, s, e, "!"+guard))
		}
	}
	m, err := fsm.New[uint8](spec)
	if err != nil {
		t.Fatalf("the generator is wrong: %v", err)
	}
	return m.Definition()
}

func anyGuard(t *rapid.T) fsm.Guard[int] {
	return fsm.Guard[int]{
		Meaning: fmt.Sprintf("the amount is at least %d", rapid.IntRange(1, 2).Draw(t, "limit")),
		Holds:   func(int) bool { return true },
		Saw:     func(int) string { return "" },
	}
}

// anyCell draws one outcome that the engine accepts.
func anyCell(t *rapid.T, states []string, from, event, guard string) fsm.Cell {
	c := fsm.Cell{From: from, Event: event, Guard: guard, Next: from, Reason: rapid.SampledFrom([]string{"So it is.", "It must."}).Draw(t, "reason")}
	next := rapid.SampledFrom(states).Draw(t, "next")
	verdicts := []fsm.Verdict{fsm.Conflict, fsm.Noted}
	if from != "" {
		verdicts = append(verdicts, fsm.Duplicate)
	}
	if next != from {
		verdicts = append(verdicts, fsm.First, fsm.Gap)
	}
	verdicts = append(verdicts, fsm.Applied)
	c.Verdict = rapid.SampledFrom(verdicts).Draw(t, "verdict")
	if c.Verdict.Moves() {
		c.Next = next
	}
	return c
}
