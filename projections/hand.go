package projections

import "github.com/hookfold/hookfold/events"

// hand keeps the resources of the last batches at hand, so that a busy one is not loaded, and its records not copied, for
// every batch. It holds what was committed or is about to be; after a failed commit it is emptied.
type hand struct {
	most       int // how many it holds at least before it lets go of the oldest half
	young, old map[handle]folder
}

// handle names a resource of a model.
type handle struct {
	model string
	ref   events.Ref
}

// handful is how many resources are at hand at the most, about.
const handful = 20_000

func newHand() *hand { return &hand{most: handful / 2, young: map[handle]folder{}} }

// take returns a resource, or nil.
func (h *hand) take(model string, ref events.Ref) folder {
	if f, ok := h.young[handle{model, ref}]; ok {
		return f
	}
	if f, ok := h.old[handle{model, ref}]; ok {
		return f
	}
	return nil
}

// keep puts a resource among the young ones. When those are many, they become the old ones, and the old ones go.
func (h *hand) keep(model string, ref events.Ref, f folder) {
	if len(h.young) >= h.most {
		h.young, h.old = map[handle]folder{}, h.young
	}
	h.young[handle{model, ref}] = f
}
