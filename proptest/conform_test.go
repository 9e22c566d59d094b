package proptest_test

import (
	"testing"
	"time"

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
	require.Equal(t, 36, n)
}

func TestMemoryLogKeepsWhatTheLogPortPromises(t *testing.T) {
	t.Parallel()
	n := proptest.Log(t, memoryLogs)
	require.Equal(t, 15, n)
}

// memoryLogs is a place of memory logs.
func memoryLogs(testing.TB) proptest.LogPlace {
	log := projections.NewMemoryLog("log", time.Now, 0)
	return proptest.LogPlace{
		Open:     func() projections.Log { return log },
		Recreate: func() { log = projections.NewMemoryLog("log", time.Now, 0) },
		Small:    func() projections.Log { return projections.NewMemoryLog("small", time.Now, 7) },
	}
}
