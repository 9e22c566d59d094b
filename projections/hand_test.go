package projections

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
)

func TestHand_HoldsTheRecentAndLetsGoOfTheRest(t *testing.T) {
	t.Parallel()
	h := newHand(diaries.ready(), 10)
	ref := func(i int) events.Ref { return events.Ref{Source: "test", Kind: "diary", ID: strconv.Itoa(i)} }
	first := h.take(ref(0))
	assert.Same(t, first, h.take(ref(0)), "one resource is asked for once")
	assert.Equal(t, []events.Ref{ref(0)}, h.missing)
	for i := range 99 {
		h.take(ref(i + 1))
		h.asked()
		h.rest()
		assert.LessOrEqual(t, h.young.len()+h.old.len(), 20)
	}
	for i, known := range map[int]bool{99: true, 91: true, 85: false} {
		h.take(ref(i))
		assert.Equal(t, known, len(h.missing) == 0, i)
		h.asked()
	}
	h.empty()
	assert.Zero(t, h.young.len())
}

func TestHand_RowsInAnyOrderFindTheirResources(t *testing.T) {
	t.Parallel()
	m := diaries.ready()
	h := newHand(m, handful)
	var rows []Row
	for i := range 3 {
		ref := events.Ref{Source: "test", Kind: "diary", ID: strconv.Itoa(i)}
		f := m.fresh(ref)
		fold(f, nth(i+1, event("ON", strconv.Itoa(i), start)))
		rows = append([]Row{f.row()}, rows...)
		h.take(ref)
	}
	assert.NoError(t, h.fill(rows[:2]))
	for i, want := range []Seq{0, 2, 3} {
		f := h.take(events.Ref{Source: "test", Kind: "diary", ID: strconv.Itoa(i)})
		assert.Equal(t, strconv.Itoa(i), f.ref().ID)
		if want == 0 {
			assert.Nil(t, f.(*owned[diary]).resource, "the store knows nothing of it")
			continue
		}
		assert.Equal(t, want, f.row().Seq)
	}
}

// lender counts the rows that it is asked for, and lends none.
type lender struct {
	*MemoryStore
	asked int
}

func (l *lender) Features() Features { return Features{} }

func (l *lender) Load(ctx context.Context, model string, refs []events.Ref) ([]Row, error) {
	l.asked += len(refs)
	return l.MemoryStore.Load(ctx, model, refs)
}

func TestAtHand_SparesTheStoreAndChangesNothing(t *testing.T) {
	t.Parallel()
	recs, asked := traffic(400, 1), map[int]int{}
	for _, most := range []int{0, 1} {
		s := &lender{MemoryStore: NewMemoryStore()}
		project(t, Config{Log: newTape(recs, 1), Store: s, Models: both, AtHand: most})
		same(t, fresh(t, recs), s.MemoryStore, most)
		asked[most] = s.asked
	}
	assert.Less(t, asked[0], 20, "each resource once")
	assert.Greater(t, asked[1], 5*asked[0])
}
