package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

func TestStoreKeepsWhatTheStorePortPromises(t *testing.T) {
	t.Parallel()
	n := proptest.Store(t, func(t testing.TB) proptest.StorePlace {
		if durable(t) {
			server := private(t)
			return proptest.StorePlace{
				Open:    func() projections.Store { return open(t, postgres.Config{URL: server.URL()}) },
				Restart: func() { require.NoError(t, server.Restart(t.Context(), true)) },
			}
		}
		name := schema(t)
		return proptest.StorePlace{Open: func() projections.Store { return open(t, postgres.Config{Schema: name}) }}
	})
	require.Equal(t, 40, n)
}
