package proptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// things is the model of the conformance cases, as one that has sides.
var things = projections.Model[struct{}]{
	Name: "things", Version: 1, Kind: "k",
	Key:      func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, true },
	Apply:    func(v struct{}, _ projections.Moment, _ *projections.History) struct{} { return v },
	Document: func(projections.View[struct{}]) any { return nil },
}

func TestConformance_GenerationsKeepWhatTheirStorePromises(t *testing.T) {
	t.Parallel()
	cases := proptest.Store(t, func(testing.TB) proptest.StorePlace {
		store := projections.NewMemoryStore()
		return proptest.StorePlace{Open: func() projections.Store { return projections.NewGenerations(store, things) }}
	})
	require.Equal(t, len(proptest.StoreCases(projections.NewMemoryStore().Features())), cases)
}
