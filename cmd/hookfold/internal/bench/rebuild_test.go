package bench

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func TestARebuildThatIsNotWholeIsNotMeasured(t *testing.T) {
	t.Parallel()
	r := &rebuilding{stored: &stored{stream: &stream{workload: workload{users: 7}, events: 70}}}
	report := func(change func(*projections.RebuildReport)) projections.RebuildReport {
		is := projections.RebuildReport{Seq: 70, LiveRows: 7, RebuiltRows: 7, Compared: true, Swapped: true, LiveDigest: "a", RebuiltDigest: "a"}
		change(&is)
		return is
	}
	require.NoError(t, r.whole(report(func(*projections.RebuildReport) {})))
	for name, change := range map[string]func(*projections.RebuildReport){
		"the live side is short":    func(is *projections.RebuildReport) { is.LiveRows = 6 },
		"the rebuilt side is short": func(is *projections.RebuildReport) { is.RebuiltRows = 6 },
		"events are missing":        func(is *projections.RebuildReport) { is.Seq = 69 },
		"nothing was compared":      func(is *projections.RebuildReport) { is.Compared = false },
		"nothing was swapped":       func(is *projections.RebuildReport) { is.Swapped = false },
		"the sides differ":          func(is *projections.RebuildReport) { is.RebuiltDigest = "b" },
	} {
		assert.Error(t, r.whole(report(change)), name)
	}
}

// gated is a store whose commits wait for somebody.
type gated struct {
	*projections.MemoryStore
	commits chan struct{}
	fail    error
}

func (g gated) Commit(ctx context.Context, c projections.Commit) error {
	g.commits <- struct{}{}
	if g.fail != nil {
		return g.fail
	}
	return g.MemoryStore.Commit(ctx, c)
}

func TestTheLiveSideIsWrittenWhileItIsRebuilt(t *testing.T) {
	t.Parallel()
	store := gated{MemoryStore: projections.NewMemoryStore(), commits: make(chan struct{})}
	longest := commitMeanwhile(t.Context(), newSides(store, nil))
	<-store.commits
	<-store.commits
	most, err := longest()
	require.NoError(t, err)
	assert.Positive(t, most)

	store.fail = errors.New("the disk is full")
	longest = commitMeanwhile(t.Context(), newSides(store, nil))
	<-store.commits
	_, err = longest()
	assert.ErrorIs(t, err, store.fail)
}

func TestALogIsHandedOutOneRecordAtATimeUpToItsEnd(t *testing.T) {
	t.Parallel()
	w := workload{users: 20, origin: events.Import}
	log := singly{&replay{workload: w, n: 50, batch: 7}, 30}
	seen := &counter{}
	p, err := projections.New(projections.Config{Log: log, Store: projections.NewMemoryStore(), Models: views.All(), Observe: seen})
	require.NoError(t, err)
	stop, err := follow(t.Context(), p, 30)
	stop()
	require.NoError(t, err)
	require.NoError(t, seen.expect(30))
	assert.Equal(t, 30, seen.rows)

	c, err := log.Open(t.Context(), projections.Position{})
	require.NoError(t, err)
	for i := range 30 {
		recs, err := c.Next(t.Context())
		require.NoError(t, err)
		require.Len(t, recs, 1)
		assert.Equal(t, w.record(i), recs[0])
		assert.Equal(t, recs[0].Seq, c.Position().Seq)
		assert.Equal(t, recs[0].Time, c.Position().Time)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Next(ctx)
	assert.ErrorIs(t, err, context.Canceled, "behind its end it waits")
	require.NoError(t, c.Close())
}
