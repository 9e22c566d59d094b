package snapshot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// named is a model of which only the name matters.
func named(name string) projections.AnyModel {
	return projections.Model[int]{Name: name, Version: 1, Kind: "k",
		Key:      func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, true },
		Apply:    func(n int, _ projections.Moment, _ *projections.History) int { return n },
		Document: func(v projections.View[int]) any { return v.Value }}
}

// anyLog is a log that is whatever was folded.
type anyLog struct{ projections.Log }

func (anyLog) Open(context.Context, projections.Position) (projections.Cursor, error) {
	return noCursor{}, nil
}

type noCursor struct{ projections.Cursor }

func (noCursor) Close() error { return nil }

// place is a folder whose store ends and comes back at a restart.
func place(t testing.TB) proptest.StorePlace {
	c := snapshot.Config{Dir: t.TempDir(), Log: anyLog{}, Models: []projections.AnyModel{named("things")}, Every: time.Millisecond}
	open := func() *snapshot.Store {
		s, err := snapshot.Open(context.Background(), c)
		require.NoError(t, err)
		return s
	}
	s := open()
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return proptest.StorePlace{
		Open: func() projections.Store { return s },
		Restart: func() {
			require.NoError(t, s.Close())
			s = open()
		},
	}
}

func TestStoreKeepsWhatTheStorePortPromises(t *testing.T) {
	t.Parallel()
	require.Equal(t, 36, proptest.Store(t, place))
}

// What is promised of a durable store holds for a process that ends in good order; but a state is rendered only when it is
// copied.
func TestStoreIsThereAgainAfterAGoodEnd(t *testing.T) {
	t.Parallel()
	n := 0
	for _, c := range proptest.StoreCases(projections.Features{Durable: true}) {
		if !strings.HasPrefix(c.Name, "Durable: ") || strings.Contains(c.Name, "does not render") {
			continue
		}
		n++
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, place(t))
		})
	}
	require.Equal(t, 3, n)
}
