package projections

import (
	"encoding"

	"github.com/hookfold/hookfold/events"
)

// shelf holds the rows of a model in memory. A nil shelf is empty.
type shelf struct{ cells byRef[*cell] }

// cell holds a row, less what its place tells.
type cell struct {
	shelf *shelf
	state encoding.BinaryMarshaler
	index map[string]string
	seq   Seq
}

// rows are those that are there.
func (s *shelf) rows(refs []events.Ref) []Row {
	if s == nil || len(refs) == 0 {
		return nil
	}
	out := make([]Row, 0, len(refs))
	var family map[string]*cell
	for i, ref := range refs {
		if i == 0 || ref.Source != refs[i-1].Source || ref.Kind != refs[i-1].Kind {
			family = s.cells.family(ref)
		}
		if c, ok := family[ref.ID]; ok {
			out = append(out, Row{Ref: ref, Seq: c.seq, State: c.state, Index: c.index, Revision: Revision{cell: c}})
		}
	}
	return out
}

// put stores a row, notes its cell on it, and gives the keys that it had before, if it was there. A row that comes back
// with its note need not be looked for.
func (s *shelf) put(row *Row) (old map[string]string, had bool) {
	c := row.Revision.cell
	had = c != nil && c.shelf == s
	if !had {
		family := s.cells.of(row.Ref)
		if c, had = family[row.Ref.ID]; !had {
			c = &cell{shelf: s}
			family[row.Ref.ID] = c
		}
		row.Revision.cell = c
	}
	old = c.index
	c.state, c.index, c.seq = row.State, row.Index, row.Seq
	return old, had
}

func (s *shelf) len() int {
	if s == nil {
		return 0
	}
	return s.cells.len()
}

func (s *shelf) each(f func(events.Ref, *cell)) {
	if s != nil {
		s.cells.each(f)
	}
}
