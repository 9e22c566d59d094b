package proptest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// StorePlace is where a store under test keeps its rows.
type StorePlace struct {
	// Open opens the store, with nothing in it at first. Every later call gives another worker's handle on the same rows;
	// it may be the same store where all workers share it.
	Open func() projections.Store
	// Restart ends what keeps the rows, in good order, and starts it again. The handles from before are not used any more.
	// It is needed where Features are Durable.
	Restart func()
}

// StoreCase is one promise of the Store port.
type StoreCase struct {
	Name string
	Run  func(TB, StorePlace)
}

// Store holds a store to everything that the port promises, and to what it declares in its Features. Every case runs in a
// place of its own. It prints how many cases ran and returns it: compare that number, so that a case which silently no
// longer runs is noticed.
func Store(t *testing.T, place func(testing.TB) StorePlace) int {
	t.Helper()
	cases := StoreCases(place(t).Open().Features())
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, place(t))
		})
	}
	t.Logf("store conformance: %d cases", len(cases))
	return len(cases)
}

// StoreCases lists the cases for a store with these features.
func StoreCases(f projections.Features) []StoreCase {
	all := slices.Concat(commitCases(), rowCases(), listCases(), workerCases(), quarantineCases())
	if f.Atomic {
		all = append(all, StoreCase{"Atomic: nothing of a fenced commit is there", nothingOfAFencedCommit})
	}
	if f.Sorted {
		all = append(all, StoreCase{"Sorted: a list goes by source, kind and id", sortedList})
	}
	if f.Indexed {
		all = append(all, indexCases()...)
	}
	if f.Durable {
		all = append(all, durableCases()...)
	}
	if f.StateBytes > 0 {
		all = append(all, StoreCase{"StateBytes: a state as large as promised is kept", largestState})
	}
	return all
}

// model is the read model of the cases.
const model = "things_v1"

// thing names a resource.
func thing(id string) events.Ref { return events.Ref{Source: "s", Kind: "k", ID: id} }

// at is a checkpoint.
func at(seq projections.Seq, epoch uint64) projections.Checkpoint {
	c := projections.Checkpoint{Epoch: epoch}
	if seq > 0 {
		made := time.Date(2026, 11, 24, 20, 0, 0, 123456789, time.UTC)
		c.Position = projections.Position{Stream: "LOG", Created: made, Seq: seq, Time: made.Add(time.Duration(seq))}
	}
	return c
}

// rowOf is a row whose state says how far it is.
func rowOf(id string, seq projections.Seq) projections.Row {
	return projections.Row{Ref: thing(id), Seq: seq, State: projections.Bytes(fmt.Sprintf("%s as of %d", id, seq))}
}

// hand is a worker's hand on one store, in one case.
type hand struct {
	TB
	store projections.Store
	ctx   context.Context
}

func handOn(t TB, s projections.Store) hand { return hand{t, s, context.Background()} }

// commit commits and must succeed.
func (h hand) commit(c projections.Commit) []projections.Row {
	h.Helper()
	if c.Model == "" {
		c.Model = model
	}
	require.NoError(h, h.store.Commit(h.ctx, c))
	return c.Rows
}

// fenced commits and must be fenced.
func (h hand) fenced(c projections.Commit) {
	h.Helper()
	if c.Model == "" {
		c.Model = model
	}
	require.ErrorIs(h, h.store.Commit(h.ctx, c), projections.ErrFenced)
}

// stands checks where a slot stands.
func (h hand) stands(slot int, want projections.Checkpoint) {
	h.Helper()
	have, err := h.store.Checkpoint(h.ctx, model, slot)
	require.NoError(h, err)
	require.Equal(h, want, have)
}

// load loads rows by id.
func (h hand) load(ids ...string) map[string]projections.Row {
	h.Helper()
	refs := make([]events.Ref, len(ids))
	for i, id := range ids {
		refs[i] = thing(id)
	}
	rows, err := h.store.Load(h.ctx, model, refs)
	require.NoError(h, err)
	out := map[string]projections.Row{}
	for _, row := range rows {
		if _, twice := out[row.Ref.ID]; twice {
			h.Fatalf("row %q came twice", row.Ref.ID)
		}
		out[row.Ref.ID] = row
	}
	return out
}

// holds checks that exactly these rows are there, of those that are asked for.
func (h hand) holds(want []projections.Row, ids ...string) {
	h.Helper()
	have := h.load(ids...)
	require.Len(h, have, len(want))
	for _, w := range want {
		require.Equal(h, text(h, w), text(h, have[w.Ref.ID]))
	}
}

// pages lists everything, page by page.
func (h hand) pages(q projections.Query) (all []projections.Row, count int) {
	h.Helper()
	for {
		p, err := h.store.List(h.ctx, q)
		require.NoError(h, err)
		if q.Limit > 0 {
			require.LessOrEqual(h, len(p.Rows), q.Limit)
		}
		all, count = append(all, p.Rows...), count+1
		if p.Next == "" {
			return all, count
		}
		require.NotEqual(h, q.Cursor, p.Next, "a list goes on")
		q.Cursor = p.Next
	}
}

// text is a row without the store's own note.
func text(t TB, row projections.Row) string {
	t.Helper()
	require.NotNil(t, row.State, "the row of %q has no state", row.Ref.ID)
	b, err := row.State.MarshalBinary()
	require.NoError(t, err)
	return fmt.Sprintf("%q %d %q %q", row.Ref, row.Seq, row.Index, b)
}

// texts are rows without the store's own notes, in order.
func texts(t TB, rows []projections.Row) []string {
	t.Helper()
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = text(t, row)
	}
	slices.Sort(out)
	return out
}
