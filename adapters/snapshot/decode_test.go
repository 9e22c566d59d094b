package snapshot

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// sample is a file with everything that can stand in one.
func sample(t testing.TB) []byte {
	t.Helper()
	m := projections.NewMemoryStore()
	at := projections.Checkpoint{Epoch: 2, Position: projections.Position{Stream: "LOG", Seq: 300, Created: time.Unix(1, 2), Time: time.Unix(3, 4)}}
	rows := []projections.Row{
		{Ref: events.Ref{Source: "s", Kind: "k", ID: "a"}, Seq: 1, State: projections.Bytes("one")},
		{Ref: events.Ref{Source: "s", Kind: "k", ID: "b"}, Seq: 2, State: projections.Bytes("two"), Index: map[string]string{"user": "u", "city": "c"}},
		{Ref: events.Ref{Source: "t", Kind: "k", ID: "a"}, Seq: 300, State: projections.Bytes(nil)},
	}
	require.NoError(t, m.Commit(t.Context(), projections.Commit{Model: "things_v1", To: at, Rows: rows}))
	require.NoError(t, m.Commit(t.Context(), projections.Commit{Model: "things_v1", Slot: 5, To: at}))
	require.NoError(t, m.Commit(t.Context(), projections.Commit{Model: "marks_v1", To: at}))
	return bytesOf(t, m)
}

func bytesOf(t testing.TB, m *projections.MemoryStore) []byte {
	t.Helper()
	var b bytes.Buffer
	w := newWriter(&b)
	require.NoError(t, w.store(t.Context(), m.Cut()))
	require.NoError(t, w.finish())
	require.Equal(t, int64(b.Len()), w.size)
	return b.Bytes()
}

func reading(b []byte) (*contents, error) {
	return read(context.Background(), bytes.NewReader(b), int64(len(b)), map[string]bool{"things_v1": true})
}

func TestWhatWasWrittenIsReadAsItWas(t *testing.T) {
	t.Parallel()
	good := sample(t)
	c, err := reading(good)
	require.NoError(t, err)
	require.Len(t, c.stands, 2)
	rows, err := c.store.List(t.Context(), projections.Query{Model: "things_v1"})
	require.NoError(t, err)
	require.Len(t, rows.Rows, 3)
	require.Len(t, bytesOf(t, c.store), len(good))
}

func TestWhereverAFileIsDamagedItIsRefused(t *testing.T) {
	t.Parallel()
	good := sample(t)
	for i := range good {
		_, err := reading(good[:i])
		require.ErrorIs(t, err, errRefused, "cut at %d", i)
		for bit := range 8 {
			bad := slices.Clone(good)
			bad[i] ^= 1 << bit
			_, err := reading(bad)
			require.ErrorIs(t, err, errRefused, "bit %d of byte %d", bit, i)
		}
		_, err = reading(slices.Concat(good[:i], good[i:], []byte{0}))
		require.ErrorIs(t, err, errRefused)
	}
}

// Whatever stands in a file, reading it ends with an error or with a store, and takes no more room than the file has bytes.
func FuzzRead(f *testing.F) {
	f.Add(sample(f))
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := reading(b); err != nil {
			require.True(t, errors.Is(err, errRefused))
			require.Nil(t, c)
		}
	})
}
