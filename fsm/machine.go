package fsm

// Column is the place of an event in a machine's table. Look it up once per event type, not once per step.
type Column uint8

// Machine is a checked, immutable table: safe for all goroutines. S is the caller's state type, whose zero value is
// "nothing known" and whose other values number [Spec].States from 1; F is what guards look at.
type Machine[S ~uint8, F any] struct {
	columns    int
	cells      []cell // state × column
	guards     []Guard[F]
	definition *Definition
	byEvent    map[string]Column
	byState    map[string]S
}

// cell is one row of the table, and where it is guarded the row that its guard chooses.
type cell struct {
	guard uint8 // 1 + index of the guard; 0: none
	rows  [2]row
}

// row is one outcome: rows[0] stands when there is no guard or it holds, rows[1] when it does not.
type row struct {
	next    uint8
	verdict Verdict
	index   uint16 // in Definition.Cells
}

// Outcome is what one step did.
type Outcome[S ~uint8] struct {
	From, To S
	Verdict  Verdict
	Cell     uint16 // which declared cell decided; Definition.Reason tells why
}

// New checks a specification and builds its machine. It reports every problem at once: a missing, double or
// contradictory cell, an unknown name, a state that nothing reaches, a cell without a reason.
func New[S ~uint8, F any](spec Spec[F]) (*Machine[S, F], error) {
	if err := check(spec); err != nil {
		return nil, err
	}
	m := &Machine[S, F]{
		columns:    len(spec.Events),
		cells:      make([]cell, (len(spec.States)+1)*len(spec.Events)),
		definition: define(spec),
		byEvent:    make(map[string]Column, len(spec.Events)),
		byState:    make(map[string]S, len(spec.States)+1),
	}
	for i, s := range m.definition.States {
		m.byState[s] = S(i)
	}
	for i, e := range spec.Events {
		m.byEvent[e] = Column(i)
	}
	guards := map[string]uint8{}
	for i, g := range m.definition.Guards {
		m.guards = append(m.guards, spec.Guards[g.Name])
		guards[g.Name] = uint8(i + 1)
	}
	for i, c := range m.definition.Cells {
		at := &m.cells[int(m.byState[c.From])*m.columns+int(m.byEvent[c.Event])]
		name, denied := guardName(c.Guard)
		at.guard = guards[name]
		r := row{next: uint8(m.byState[c.Next]), verdict: c.Verdict, index: uint16(i)}
		if denied {
			at.rows[1] = r
		} else {
			at.rows[0] = r
		}
	}
	return m, nil
}

// Must is [New] for machines that are program text: it panics on an error, which no input can cause.
func Must[S ~uint8, F any](spec Spec[F]) *Machine[S, F] {
	m, err := New[S, F](spec)
	if err != nil {
		panic(err)
	}
	return m
}

// Column finds the column of an event; false if the machine has none of that name.
func (m *Machine[S, F]) Column(event string) (Column, bool) {
	c, ok := m.byEvent[event]
	return c, ok
}

// State finds a state by its name; "" is nothing known. False if the machine has none of that name.
func (m *Machine[S, F]) State(name string) (S, bool) {
	s, ok := m.byState[name]
	return s, ok
}

// Name returns the name of a state; "" for nothing known and for a number that is no state.
func (m *Machine[S, F]) Name(s S) string {
	if int(s) < len(m.definition.States) {
		return m.definition.States[s]
	}
	return ""
}

// Definition returns the untyped data of the machine: its cells, reasons, paths and renderings.
func (m *Machine[S, F]) Definition() *Definition { return m.definition }

// Step tells what an event does in a state. It is a pure function of its arguments and allocates nothing. The state
// must be one of the machine's and the column one that Column returned.
func (m *Machine[S, F]) Step(s S, c Column, facts F) Outcome[S] {
	at := &m.cells[int(s)*m.columns+int(c)]
	r := &at.rows[0]
	if at.guard != 0 && !m.guards[at.guard-1].Holds(facts) {
		r = &at.rows[1]
	}
	return Outcome[S]{From: s, To: S(r.next), Verdict: r.verdict, Cell: r.index}
}
