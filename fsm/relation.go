package fsm

// relation is what holds from one state to another: a bit for each verdict that some cell between them has (1 << v),
// and the lowest bit for reachability. The six verdicts and this bit fill seven of its eight.
type relation uint8

const reachable relation = 1

// relate fills the table of relations.
func (d *Definition) relate() {
	n := len(d.States)
	d.index = make(map[string]uint8, n)
	for i, s := range d.States {
		d.index[s] = uint8(i)
	}
	d.pairs = make([]relation, n*n)
	for _, c := range d.Cells {
		at := &d.pairs[int(d.index[c.From])*n+int(d.index[c.Next])]
		*at |= 1 << c.Verdict
		if c.Verdict == Applied {
			*at |= reachable
		}
	}
	for via := range n {
		for from := range n {
			for to := range n {
				d.pairs[from*n+to] |= d.pairs[from*n+via] & d.pairs[via*n+to] & reachable
			}
		}
	}
}

// Index returns the number of a state: its place in States and the value of the machine's state type. False if the
// machine has no such state.
func (d *Definition) Index(state string) (uint8, bool) {
	i, ok := d.index[state]
	return i, ok
}

// Reaches tells whether one or more applied cells lead from one state to another. Both sides of a guard count as
// possible. A state reaches itself only over an arrow: by a cycle, or by an applied cell that stays. Names that the
// machine does not have reach nothing.
func (d *Definition) Reaches(from, to string) bool {
	f, okFrom := d.index[from]
	t, okTo := d.index[to]
	return okFrom && okTo && d.ReachesIndex(f, t)
}

// ReachesIndex is [Definition.Reaches] for states by number: one look into a table, without allocation. The numbers
// must be the machine's.
func (d *Definition) ReachesIndex(from, to uint8) bool {
	return d.pairs[int(from)*len(d.States)+int(to)]&reachable != 0
}

// Arrow tells whether some cell with this verdict leads from one state to another, also where both are the same and
// the verdict stays.
func (d *Definition) Arrow(from, to string, v Verdict) bool {
	f, okFrom := d.index[from]
	t, okTo := d.index[to]
	return okFrom && okTo && d.ArrowIndex(f, t, v)
}

// ArrowIndex is [Definition.Arrow] for states by number: one look into a table, without allocation. The numbers must be
// the machine's.
func (d *Definition) ArrowIndex(from, to uint8, v Verdict) bool {
	return v != 0 && d.pairs[int(from)*len(d.States)+int(to)]&(1<<v) != 0
}
