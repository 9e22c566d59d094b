package projections

import (
	"cmp"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// refs is a set of references in order. It is kept in short blocks, so that one more costs no move of all the others,
// and a page begins where it begins without a look at what stands before.
type refs struct {
	blocks [][]events.Ref // none is empty
}

// blockful is the length at which a block becomes two.
const blockful = 512

func compareRefs(a, b events.Ref) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
}

// newRefs makes a set of references, each given once. The slice becomes the set's.
func newRefs(all []events.Ref) *refs {
	slices.SortFunc(all, compareRefs)
	r := &refs{}
	for chunk := range slices.Chunk(all, blockful/2) {
		r.blocks = append(r.blocks, slices.Clip(chunk))
	}
	return r
}

// find gives the block in which a reference stands or belongs, and its place there.
func (r *refs) find(ref events.Ref) (block, at int, known bool) {
	block, _ = slices.BinarySearchFunc(r.blocks, ref, func(b []events.Ref, ref events.Ref) int {
		return compareRefs(b[len(b)-1], ref)
	})
	if block == len(r.blocks) {
		if block == 0 {
			return 0, 0, false
		}
		block--
	}
	at, known = slices.BinarySearchFunc(r.blocks[block], ref, compareRefs)
	return block, at, known
}

// add puts a reference in its place.
func (r *refs) add(ref events.Ref) {
	block, at, known := r.find(ref)
	switch {
	case known:
		return
	case len(r.blocks) == 0:
		r.blocks = [][]events.Ref{{ref}}
		return
	}
	b := slices.Insert(r.blocks[block], at, ref)
	r.blocks[block] = b
	if half := len(b) / 2; len(b) >= blockful {
		r.blocks[block] = b[:half:half]
		r.blocks = slices.Insert(r.blocks, block+1, slices.Clone(b[half:]))
	}
}

// remove takes a reference out.
func (r *refs) remove(ref events.Ref) {
	block, at, known := r.find(ref)
	if !known {
		return
	}
	if r.blocks[block] = slices.Delete(r.blocks[block], at, at+1); len(r.blocks[block]) == 0 {
		r.blocks = slices.Delete(r.blocks, block, block+1)
	}
}

// after gives up to n references that follow one, which need not be in the set.
func (r *refs) after(ref events.Ref, n int) []events.Ref {
	block, at, known := r.find(ref)
	if known {
		at++
	}
	var out []events.Ref
	for ; block < len(r.blocks) && len(out) < n; block, at = block+1, 0 {
		b := r.blocks[block][at:]
		out = append(out, b[:min(len(b), n-len(out))]...)
	}
	return out
}
