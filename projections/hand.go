package projections

import (
	"errors"

	"github.com/hookfold/hookfold/events"
)

// hand keeps the resources of a model that were folded in the last turns, so that a busy one is not loaded, and its
// records not copied, for every batch. It holds what was committed or is about to be; after a failed commit it is emptied.
type hand struct {
	model      runner
	most       int // how many recent ones it holds before it lets go of those that are not
	young, old byRef[folder]
	missing    []events.Ref // of this turn: what the store is to be asked for
	blank      []folder     // those that are to be filled with it
}

// handful is Config.AtHand when nothing else is said.
const handful = 100_000

func newHand(m runner, most int) *hand {
	return &hand{model: m, most: most}
}

// take returns a resource, which the store has to be asked for if it is among the missing.
func (h *hand) take(ref events.Ref) folder {
	young := h.young.of(ref)
	if f, ok := young[ref.ID]; ok {
		return f
	}
	old := h.old.family(ref)
	f, ok := old[ref.ID]
	if ok {
		delete(old, ref.ID)
	} else {
		f = h.model.fresh(ref)
		h.missing, h.blank = append(h.missing, ref), append(h.blank, f)
	}
	young[ref.ID] = f
	return f
}

// fill gives the missing resources what the store knows of them. As a rule rows come in the order in which they were
// asked for.
func (h *hand) fill(rows []Row) error {
	next := 0
	for _, row := range rows {
		for next < len(h.missing) && h.missing[next] != row.Ref {
			next++
		}
		var f folder
		if next < len(h.missing) {
			f = h.blank[next]
			next++
		} else {
			f = h.young.of(row.Ref)[row.Ref.ID]
		}
		switch err := f.load(row); {
		case errors.Is(err, errNewerRow):
			return err // it is not damaged: all rows are so
		case err != nil:
			f.spoil(row)
		}
	}
	h.asked()
	return nil
}

// asked forgets what was missing.
func (h *hand) asked() {
	clear(h.blank)
	h.missing, h.blank = h.missing[:0], h.blank[:0]
}

// rest ends a turn. When the young ones are many, they become the old ones, and the old ones go.
func (h *hand) rest() {
	if h.young.len() < h.most {
		return
	}
	h.old.each(func(_ events.Ref, f folder) { h.model.release(f) })
	h.old.clear()
	h.young, h.old = h.old, h.young
}

// empty ends a turn and lets go of everything, for a store that gives it back at no cost.
func (h *hand) empty() {
	h.young.each(func(_ events.Ref, f folder) { h.model.release(f) })
	h.young.clear()
}
