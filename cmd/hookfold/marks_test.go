package main

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// How far a backfill has come stands in the buckets of the read models, and outlives the server.
func TestMarksOfABackfillOutliveTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	types := catalogue.Moving()
	for round := range int64(3) {
		server, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
		require.NoError(t, err)
		nc, err := server.Connect()
		require.NoError(t, err)
		store, err := jetstream.OpenStore(t.Context(), nc, jetstream.StoreConfig{})
		require.NoError(t, err)
		marks := backfill.StoreMarks{Store: store, Source: "mangopay"}
		for i, typ := range types {
			m, err := marks.Load(t.Context(), typ)
			require.NoError(t, err)
			want := backfill.Mark{}
			if round > 0 {
				want = backfill.Mark{Since: int64(i + 1), UpTo: 100 * round, Goal: 200 - round}
			}
			require.Equal(t, want, m)
		}
		var all sync.WaitGroup
		for i, typ := range types {
			all.Go(func() {
				assert.NoError(t, marks.Save(t.Context(), typ, backfill.Mark{Since: int64(i + 1), UpTo: 100 * (round + 1), Goal: 199 - round}))
			})
		}
		all.Wait()
		require.NoError(t, store.Close())
		nc.Close()
		server.Close()
	}
}
