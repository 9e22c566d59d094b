package fsm

import "slices"

// Step is one event of a path and the state that it leads to.
type Step struct {
	Event string
	To    string
	Guard string // what the step needs: "", "name" or "!name"
}

// Route is a shortest path to one state.
type Route struct {
	To    string
	Steps []Step
}

// legal tells whether a cell is an arrow that needs no missed event: applied, or first where nothing was known.
func (c Cell) legal() bool { return c.Verdict == Applied || c.Verdict == First }

// of returns the cells of a state, in the order of events.
func (d *Definition) of(state string) []Cell {
	from := slices.IndexFunc(d.Cells, func(c Cell) bool { return c.From == state })
	if from < 0 {
		return nil
	}
	to := from
	for to < len(d.Cells) && d.Cells[to].From == state {
		to++
	}
	return d.Cells[from:to]
}

// Permitted lists the events that a state has an arrow for: those with an applied or first outcome, guarded or not, in
// the order of Events.
func (d *Definition) Permitted(state string) []string {
	var events []string
	for _, c := range d.of(state) {
		if c.legal() && !slices.Contains(events, c.Event) {
			events = append(events, c.Event)
		}
	}
	return events
}

// Path returns the shortest legal sequence of events from one state to another: only applied and first cells, each
// guard taken as it is needed, and among equally short ones the first in the order of Events. It is empty where the
// two are one state, and false where there is none or the machine has no such state.
func (d *Definition) Path(from, to string) ([]Step, bool) {
	var found []Step
	ok := d.walk(from, func(state string, steps []Step) bool {
		found = steps
		return state == to
	})
	if !ok {
		return nil, false
	}
	return found, true
}

// Paths returns the shortest legal path to every state that can be reached legally from one, without the state itself,
// in the order of States.
func (d *Definition) Paths(from string) []Route {
	var routes []Route
	for _, to := range d.States {
		if steps, ok := d.Path(from, to); ok && to != from {
			routes = append(routes, Route{To: to, Steps: steps})
		}
	}
	return routes
}

// walk visits the legally reachable states breadth first, each with its shortest path, until visit says to stop. It
// tells whether it was stopped.
func (d *Definition) walk(from string, visit func(state string, steps []Step) bool) bool {
	if _, known := d.index[from]; !known {
		return false
	}
	seen := map[string]bool{from: true}
	queue := []Route{{To: from}}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if visit(at.To, at.Steps) {
			return true
		}
		for _, c := range d.of(at.To) {
			if c.legal() && !seen[c.Next] {
				seen[c.Next] = true
				queue = append(queue, Route{To: c.Next, Steps: append(slices.Clip(at.Steps), c.step())})
			}
		}
	}
	return false
}

func (c Cell) step() Step { return Step{Event: c.Event, To: c.Next, Guard: c.Guard} }
