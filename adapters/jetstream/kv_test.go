package jetstream_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// store opens a store on the site's connection; it ends with the test.
func (s *site) store(t testing.TB, c jetstream.StoreConfig) *jetstream.Store {
	t.Helper()
	store, err := jetstream.OpenStore(t.Context(), s.nc, c)
	require.NoError(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// silent is a logger to which no warning may come: nothing was lost, so nothing may be taken for lost.
func silent(t testing.TB) *slog.Logger { return slog.New(alarm{slog.DiscardHandler, t}) }

type alarm struct {
	slog.Handler
	t testing.TB
}

func (a alarm) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (a alarm) Handle(_ context.Context, r slog.Record) error {
	a.t.Errorf("a warning: %s", r.Message)
	return nil
}

func TestStoreKeepsWhatTheStorePortPromises(t *testing.T) {
	t.Parallel()
	n := proptest.Store(t, func(t testing.TB) proptest.StorePlace {
		s := newSite(t, embedded.Config{Sync: embedded.Interval})
		return proptest.StorePlace{
			Open:    func() projections.Store { return s.store(t, jetstream.StoreConfig{Logger: silent(t)}) },
			Restart: func() { s.restart(nil) },
		}
	})
	require.Equal(t, 39, n)
}
