package jetstream_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// worker is one of several that fold one model into the same bucket.
type worker struct {
	t     *testing.T
	store *jetstream.Store
	at    projections.Checkpoint
}

// workersOn opens a store for each worker, on a connection of its own.
func workersOn(t *testing.T, n int) []*worker {
	t.Helper()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	out := make([]*worker, n)
	for i := range out {
		store, err := jetstream.OpenStore(t.Context(), s.connect(), jetstream.StoreConfig{Logger: silent(t)})
		require.NoError(t, err)
		t.Cleanup(func() { _ = store.Close() })
		out[i] = &worker{t: t, store: store}
	}
	return out
}

// takeOver begins where the checkpoint stands. It fails where rows are taken for lost.
func (w *worker) takeOver() {
	w.t.Helper()
	from, err := w.store.Checkpoint(w.t.Context(), "m", 0)
	require.NoError(w.t, err)
	to := from
	to.Epoch++
	require.NoError(w.t, w.store.Commit(w.t.Context(), projections.Commit{Model: "m", From: from, To: to}))
	w.at = to
}

// commit moves on.
func (w *worker) commit(to projections.Seq, rows ...projections.Row) ([]projections.Row, error) {
	next := w.at
	next.Position.Seq = to
	c := projections.Commit{Model: "m", From: w.at, To: next, Rows: rows}
	err := w.store.Commit(w.t.Context(), c)
	if err == nil {
		w.at = next
	}
	return c.Rows, err
}

func ref(id string) events.Ref { return events.Ref{Source: "s", Kind: "k", ID: id} }

// stored reads a row.
func (w *worker) stored(id string) projections.Row {
	w.t.Helper()
	rows, err := w.store.Load(w.t.Context(), "m", []events.Ref{ref(id)})
	require.NoError(w.t, err)
	require.Len(w.t, rows, 1)
	return rows[0]
}

// plain is a row.
func plain(id string, seq projections.Seq, r projections.Revision) projections.Row {
	return projections.Row{Ref: ref(id), Seq: seq, State: projections.Bytes("x"), Revision: r}
}

// during is a row whose rendering lets something else happen in the middle of its commit.
func during(id string, seq projections.Seq, do func()) projections.Row {
	row := plain(id, seq, projections.Revision{})
	row.State = rendering(do)
	return row
}

type rendering func()

func (r rendering) MarshalBinary() ([]byte, error) {
	r()
	return []byte("x"), nil
}

func TestLaw6_ARowThatAFencedWorkerLeftFurtherAheadStays(t *testing.T) {
	t.Parallel()
	all := workersOn(t, 3)
	gone, owner, next := all[0], all[1], all[2]
	gone.takeOver()
	_, err := gone.commit(10, during("b", 10, owner.takeOver), plain("a", 10, projections.Revision{}))
	require.ErrorIs(t, err, projections.ErrFenced)
	require.EqualValues(t, 10, owner.stored("a").Seq)

	rows, err := owner.commit(5, plain("a", 5, projections.Revision{})) // it knows nothing of what was left
	require.NoError(t, err)
	require.EqualValues(t, 10, owner.stored("a").Seq, "no row goes back")
	require.EqualValues(t, 10, owner.stored("b").Seq, "its record is on the way, so it is loaded")
	rows[0].Seq = 12
	_, err = owner.commit(12, rows...)
	require.NoError(t, err)
	require.EqualValues(t, 12, owner.stored("a").Seq)
	next.takeOver()
}

func TestLaw6_ARowThatAFencedWorkerLeftBehindIsWrittenOver(t *testing.T) {
	t.Parallel()
	all := workersOn(t, 3)
	gone, owner, next := all[0], all[1], all[2]
	gone.takeOver()
	_, err := gone.commit(3, during("b", 3, owner.takeOver), plain("a", 3, projections.Revision{}))
	require.ErrorIs(t, err, projections.ErrFenced)
	_, err = owner.commit(9, plain("a", 9, projections.Revision{}), plain("b", 3, projections.Revision{}))
	require.NoError(t, err)
	require.EqualValues(t, 9, owner.stored("a").Seq)
	next.takeOver()
}

// Two workers that were fenced, one after the other, must not make the third take anything for lost: the second wrote over
// what the first had left, after the third had covered it.
func TestLaw6_WhatACheckpointCoveredIsNotWrittenOverByWhoWasFenced(t *testing.T) {
	t.Parallel()
	for name, cover := range map[string]func(owner *worker) error{
		"passing it": func(owner *worker) error { _, err := owner.commit(10); return err },
		"keeping it": func(owner *worker) error {
			_, err := owner.commit(10, plain("a", 10, projections.Revision{}))
			return err
		},
		"going on by it": func(owner *worker) error {
			_, err := owner.commit(10, plain("a", 7, projections.Revision{}))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := workersOn(t, 4)
			first, second, owner, next := all[0], all[1], all[2], all[3]
			first.takeOver()
			_, err := first.commit(10, during("b", 10, second.takeOver), plain("a", 10, projections.Revision{}))
			require.ErrorIs(t, err, projections.ErrFenced)
			left := second.stored("a").Revision
			_, err = second.commit(15, during("c", 15, func() {
				owner.takeOver()
				require.NoError(t, cover(owner))
			}), plain("a", 15, left))
			require.ErrorIs(t, err, projections.ErrFenced)
			require.EqualValues(t, 10, owner.stored("a").Seq)
			next.takeOver()
		})
	}
}

// Who was fenced before it loaded its rows must not write over them.
func TestLaw6_WhoeverIsFencedWritesNothing(t *testing.T) {
	t.Parallel()
	all := workersOn(t, 3)
	gone, owner, next := all[0], all[1], all[2]
	gone.takeOver()
	_, err := gone.commit(1, plain("a", 1, projections.Revision{}))
	require.NoError(t, err)
	owner.takeOver()
	_, err = owner.commit(2, plain("a", 2, owner.stored("a").Revision))
	require.NoError(t, err)
	_, err = gone.commit(9, plain("a", 9, gone.stored("a").Revision))
	require.ErrorIs(t, err, projections.ErrFenced)
	require.EqualValues(t, 2, owner.stored("a").Seq)
	next.takeOver()
}

// A row that was written by who was fenced, and that its owner only loads, is counted when the checkpoint passes it.
func TestLaw6_ARowThatIsMetOnTheWayIsCounted(t *testing.T) {
	t.Parallel()
	all := workersOn(t, 3)
	gone, owner, next := all[0], all[1], all[2]
	gone.takeOver()
	_, err := gone.commit(6, during("b", 6, owner.takeOver), plain("a", 6, projections.Revision{}))
	require.ErrorIs(t, err, projections.ErrFenced)
	require.EqualValues(t, 6, owner.stored("a").Seq)
	require.EqualValues(t, 6, owner.stored("b").Seq)
	_, err = owner.commit(8)
	require.NoError(t, err)
	next.takeOver()
}
