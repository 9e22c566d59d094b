package fsm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrSpec is wrapped by every problem that New finds in a specification.
var ErrSpec = errors.New("fsm: the machine is not completely declared")

// check reports all problems of a specification, joined.
func check[F any](spec Spec[F]) error {
	c := &checker{name: spec.Name, states: append([]string{""}, spec.States...), events: spec.Events}
	c.names(spec.Observed)
	guards := map[string]bool{}
	for name, g := range spec.Guards {
		guards[name] = false
		if g.Holds == nil || g.Saw == nil || g.Meaning == "" {
			c.add("guard %q lacks Meaning, Holds or Saw", name)
		}
	}
	byPair := map[[2]string][]Cell{}
	for _, cell := range spec.Cells {
		c.cell(cell, guards)
		pair := [2]string{cell.From, cell.Event}
		byPair[pair] = append(byPair[pair], cell)
	}
	for _, s := range c.states {
		for _, e := range c.events {
			c.pair(s, e, byPair[[2]string{s, e}])
		}
	}
	for name, used := range guards {
		if !used {
			c.add("guard %q is used by no cell: remove it", name)
		}
	}
	c.reach(spec.Cells, spec.Observed)
	if len(c.problems) == 0 {
		return nil
	}
	slices.Sort(c.problems)
	return fmt.Errorf("%w: %s: %s", ErrSpec, spec.Name, strings.Join(c.problems, "; "))
}

// checker collects problems.
type checker struct {
	name     string
	states   []string
	events   []string
	problems []string
}

func (c *checker) add(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// names checks the lists of names.
func (c *checker) names(observed []string) {
	if c.name == "" {
		c.add("the machine has no name")
	}
	if len(c.states) < 2 || len(c.events) == 0 {
		c.add("a machine needs at least one state and one event")
	}
	if len(c.states) > 255 || len(c.events) > 255 {
		c.add("a machine holds at most 254 states and 255 events")
	}
	for kind, list := range map[string][]string{"state": c.states[1:], "event": c.events} {
		seen := map[string]bool{}
		for _, n := range list {
			if n == "" || seen[n] {
				c.add("%s %q is empty or listed twice", kind, n)
			}
			seen[n] = true
		}
	}
	for _, s := range observed {
		if s == "" || !slices.Contains(c.states, s) {
			c.add("observed state %q is not listed among the states", s)
		}
	}
}

// cell checks one declaration by itself.
func (c *checker) cell(cell Cell, guards map[string]bool) {
	at := fmt.Sprintf("cell %q × %q", cell.From, cell.Event)
	if !slices.Contains(c.states, cell.From) || !slices.Contains(c.events, cell.Event) || !slices.Contains(c.states, cell.Next) {
		c.add("%s → %q names a state or event that is not listed", at, cell.Next)
		return
	}
	if cell.Guard != "" {
		name, _ := guardName(cell.Guard)
		if _, known := guards[name]; !known {
			c.add("%s names the unknown guard %q", at, name)
		}
		guards[name] = true
	}
	if strings.TrimSpace(cell.Reason) == "" {
		c.add("%s has no reason", at)
	}
	c.verdict(at, cell)
}

// verdict checks that the verdict and the move agree.
func (c *checker) verdict(at string, cell Cell) {
	stays := cell.Next == cell.From
	switch cell.Verdict {
	case First, Gap:
		if stays {
			c.add("%s is %s and must move", at, cell.Verdict)
		}
	case Duplicate, Conflict, Noted:
		if !stays {
			c.add("%s is %s and must stay, not move to %q", at, cell.Verdict, cell.Next)
		}
	case Applied: // may stay: the arrow's effect can lie outside the state, as a counter does
	default:
		c.add("%s has no verdict", at)
	}
	if cell.Next == "" && cell.Verdict != Noted && cell.Verdict != Conflict {
		c.add("%s leads to nothing known with verdict %s", at, cell.Verdict)
	}
}

// pair checks that one state × event pair is declared exactly once, or once for each side of one guard.
func (c *checker) pair(state, event string, cells []Cell) {
	at := fmt.Sprintf("cell %q × %q", state, event)
	switch {
	case len(cells) == 0:
		c.add("%s is missing", at)
	case len(cells) == 1 && cells[0].Guard != "":
		c.add("%s declares only the side %q of its guard", at, cells[0].Guard)
	case len(cells) == 2:
		a, deniedA := guardName(cells[0].Guard)
		b, deniedB := guardName(cells[1].Guard)
		if a == "" || a != b || deniedA == deniedB {
			c.add("%s is declared twice", at)
		}
	case len(cells) > 2:
		c.add("%s is declared %d times", at, len(cells))
	}
}

// reach checks that events or observations lead to every state.
func (c *checker) reach(cells []Cell, observed []string) {
	reached := map[string]bool{"": true}
	for _, s := range observed {
		reached[s] = true
	}
	reachedFrom(reached, cells)
	for _, s := range c.states {
		if !reached[s] {
			c.add("the cells of state %q are unreachable: nothing leads to it", s)
		}
	}
}

// reachedFrom adds every state to which cells lead from those that are reached.
func reachedFrom(reached map[string]bool, cells []Cell) map[string]bool {
	for grew := true; grew; {
		grew = false
		for _, cell := range cells {
			if reached[cell.From] && !reached[cell.Next] {
				reached[cell.Next], grew = true, true
			}
		}
	}
	return reached
}
