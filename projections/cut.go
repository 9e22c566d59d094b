package projections

import (
	"cmp"
	"iter"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// StateVersion is the layout of the bytes of a State. Bytes of another one are not read: the read model is folded anew.
const StateVersion = rowVersion

// Cut is what a MemoryStore held of one model at one instant. It is not changed by what comes after.
type Cut struct {
	Model string
	Slots map[int]Checkpoint

	families []cutFamily
}

// cutFamily is the rows of one source and kind. What they have in common is told once.
type cutFamily struct {
	source, kind string
	rows         []cutRow
}

type cutRow struct {
	id string
	cell
}

// Cut gives all that the store holds, by model. Commits wait meanwhile: 0.2 to 0.35 s for a million rows on two busy cores.
func (s *MemoryStore) Cut() []Cut {
	s.mu.RLock()
	defer s.mu.RUnlock()
	cuts := map[string]*Cut{}
	for l, c := range s.checkpoints {
		if cuts[l.model] == nil {
			cuts[l.model] = &Cut{Model: l.model, Slots: map[int]Checkpoint{}, families: s.rows[l.model].cut()}
		}
		cuts[l.model].Slots[l.slot] = c
	}
	out := make([]Cut, 0, len(cuts))
	for _, c := range cuts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Cut) int { return cmp.Compare(a.Model, b.Model) })
	return out
}

// cut copies what changes in place; a State never does.
func (s *shelf) cut() []cutFamily {
	if s == nil {
		return nil
	}
	var out []cutFamily
	for name, cells := range s.cells.families {
		f := cutFamily{source: name[0], kind: name[1], rows: make([]cutRow, 0, len(cells))}
		for id, c := range cells {
			f.rows = append(f.rows, cutRow{id, *c})
		}
		out = append(out, f)
	}
	return out
}

// Len counts the rows.
func (c Cut) Len() (n int) {
	for _, f := range c.families {
		n += len(f.rows)
	}
	return n
}

// Rows gives the rows, those of one source and kind after each other, and otherwise in no order.
func (c Cut) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for _, f := range c.families {
			for _, r := range f.rows {
				ref := events.Ref{Source: f.source, Kind: f.kind, ID: r.id}
				if !yield(Row{Ref: ref, Seq: r.seq, State: r.state, Index: r.index}) {
					return
				}
			}
		}
	}
}
