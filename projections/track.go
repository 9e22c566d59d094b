package projections

import (
	"fmt"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// Region is what is known of one machine of a resource. A view holds one for every machine that it follows.
type Region struct {
	Since     int64   `json:"since,omitempty"`     // Unix seconds: when the published value last changed
	Unknown   *string `json:"unknown,omitempty"`   // an observed value that the machine does not know, verbatim (law 7); nil: none
	State     uint8   `json:"state,omitempty"`     // of the machine; 0: nothing known
	Backed    bool    `json:"backed,omitempty"`    // an observation backs it (law 8)
	Ambiguous bool    `json:"ambiguous,omitempty"` // several claims of one second contend for it (fold rule 7)
}

// Track follows one machine in a view: which event types step it, where the view keeps it, and how it is published.
// Make one with Follow.
type Track[V any] struct {
	name    string
	at      func(*V) *Region
	machine *fsm.Definition
	step    func(v *V, state uint8, c fsm.Column) (to uint8, verdict fsm.Verdict, cell uint16)
	explain func(v *V, state uint8, c fsm.Column) fsm.Explanation
	value   []string                                      // published value of each state
	observe func(state uint8, value string) (uint8, bool) // state after an observed value
	columns map[events.Type]column
	links   map[[2]string]link // from one published value to another
	renames map[string]string
	rank    func(event string) int
	strict  []string
}

// link tells how one published value can follow another. It goes by values and not by states, because an observation
// tells a value.
type link struct {
	applied bool // by one applied cell
	gap     bool // by one gap cell
	reaches bool // by one or more applied cells: x ⇒ v of fold rule 14
}

// column is where an event type stands in a machine, and the value that a claim of it names.
type column struct {
	column fsm.Column
	names  string // "": names no value
	final  bool   // what it names is never left again
}

// Ways says how a machine is followed. The zero value follows a machine whose states are its published values, whose
// events are event types, and whose claims of one instant are ordered by type.
type Ways[V any, S ~uint8, F any] struct {
	Facts   func(V) F                   // what guards see; nil: the zero value
	Aliases map[events.Type]events.Type // event types that are read as another (fold rule 8)
	Value   func(S) string              // published value of a state; nil: its name
	Observe func(S, string) (S, bool)   // state after an observed value; nil: the state of that name; false: unknown
	Renames map[string]string           // other spellings of observed values (fold rule 10)
	Rank    func(event string) int      // a chain: claims of one instant go by rank, then type (fold rule 6)
	// Restrictive makes the machine cyclic: claims of one instant resolve to the least contradictory order, and among
	// those to the earliest of these states (fold rules 6, 7).
	Restrictive []string
}

// Follow tracks a machine under a name, by which lines and observations call it, in the Region that at points to.
func Follow[V any, S ~uint8, F any](name string, m *fsm.Machine[S, F], at func(*V) *Region, w Ways[V, S, F]) Track[V] {
	t := Track[V]{
		name: name, at: at, machine: m.Definition(),
		columns: map[events.Type]column{}, renames: w.Renames, rank: w.Rank, strict: w.Restrictive,
	}
	facts := func(v *V) (f F) {
		if w.Facts != nil {
			f = w.Facts(*v)
		}
		return f
	}
	t.step = func(v *V, state uint8, c fsm.Column) (uint8, fsm.Verdict, uint16) {
		o := m.Step(S(state), c, facts(v))
		return uint8(o.To), o.Verdict, o.Cell
	}
	t.explain = func(v *V, state uint8, c fsm.Column) fsm.Explanation { return m.Explain(S(state), c, facts(v)) }
	for i, s := range t.machine.States {
		if w.Value != nil {
			s = w.Value(S(i))
		}
		t.value = append(t.value, s)
	}
	t.observe = func(state uint8, value string) (uint8, bool) {
		if w.Observe != nil {
			s, ok := w.Observe(S(state), value)
			return uint8(s), ok
		}
		s, ok := m.State(value)
		return uint8(s), ok
	}
	t.addColumns(w.Aliases, m.Column)
	t.addLinks()
	return t
}

// addColumns places every event of the machine and every alias.
func (t *Track[V]) addColumns(aliases map[events.Type]events.Type, find func(string) (fsm.Column, bool)) {
	for _, e := range t.machine.Events {
		c, _ := find(e)
		named := t.named(e)
		t.columns[events.Type(e)] = column{column: c, names: t.valueOf(named), final: t.final(named)}
	}
	for alias, e := range aliases {
		c, ok := t.columns[e]
		if !ok {
			panic(fmt.Sprintf("projections: alias %s of %s, which is no event of machine %s", alias, e, t.machine.Name))
		}
		t.columns[alias] = c
	}
}

// named is the state that an event leads to when nothing was known before.
func (t *Track[V]) named(event string) string {
	for _, c := range t.machine.Cells {
		if c.From == "" && c.Event == event && c.Verdict == fsm.First {
			return c.Next
		}
	}
	return ""
}

// valueOf is the published value of a state.
func (t *Track[V]) valueOf(state string) string {
	return t.value[slices.Index(t.machine.States, state)]
}

// final tells whether no event leaves a state.
func (t *Track[V]) final(state string) bool {
	return state != "" && !slices.ContainsFunc(t.machine.Cells, func(c fsm.Cell) bool { return c.From == state && c.Next != state })
}

// addLinks computes which values follow which.
func (t *Track[V]) addLinks() {
	t.links = map[[2]string]link{}
	for i, from := range t.machine.States {
		for j, to := range t.machine.States {
			pair := [2]string{t.value[i], t.value[j]}
			l := t.links[pair]
			l.applied = l.applied || t.machine.Arrow(from, to, fsm.Applied)
			l.gap = l.gap || t.machine.Arrow(from, to, fsm.Gap)
			l.reaches = l.reaches || t.machine.Reaches(from, to)
			t.links[pair] = l
		}
	}
}

// link tells how one value can follow another.
func (t *Track[V]) link(from, to string) link { return t.links[[2]string{from, to}] }

// published is the value that a region shows.
func (t *Track[V]) published(r *Region) string {
	if r.Unknown != nil {
		return *r.Unknown
	}
	return t.value[r.State]
}

// stands is the state from which a claim is read: after an unknown value, from nothing known (fold rule 10).
func (r *Region) stands() uint8 {
	if r.Unknown != nil {
		return 0
	}
	return r.State
}

// shown is the state that a line shows.
func (t *Track[V]) shown(r *Region) string {
	if r.Unknown != nil {
		return *r.Unknown
	}
	return t.machine.States[r.State]
}
