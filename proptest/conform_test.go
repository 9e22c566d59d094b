package proptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

func TestMemoryStoreKeepsWhatTheStorePortPromises(t *testing.T) {
	t.Parallel()
	n := proptest.Store(t, func(testing.TB) proptest.StorePlace {
		s := projections.NewMemoryStore()
		return proptest.StorePlace{Open: func() projections.Store { return s }}
	})
	require.Equal(t, 31, n)
}
