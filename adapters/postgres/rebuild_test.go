package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestLaw10_ARebuildInTablesIsComparedAndShownByTheViewAtOneInstant(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	m := sayings(1, first)
	log := sayingsLog(t, 200, func(i int) string { return fmt.Sprint(i) })
	reopen := func() *projections.Generations {
		return projections.NewGenerations(open(t, postgres.Config{Schema: name, Models: models(m)}), m)
	}
	gens := reopen()
	run(t, log, gens, m)
	shown := func() string {
		return ask[string](t, conn, "SELECT model FROM "+name+"._views WHERE view_name = 'sayings'")
	}
	count := func() int { return ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE times = 3") }
	require.Equal(t, "sayings_v1", shown())

	deaf := sayings(1, first)
	deaf.Apply = func(s said, at projections.Moment, h *projections.History) said {
		s = m.Apply(s, at, h)
		s.Times = min(s.Times, 2)
		return s
	}
	report, err := gens.Rebuild(t.Context(), projections.RebuildConfig{Log: log, Model: "sayings", As: deaf, Rows: 30})
	require.ErrorIs(t, err, projections.ErrDifferent)
	assert.Equal(t, 200, report.Different)
	assert.Equal(t, "sayings_v1", shown())
	assert.Equal(t, 200, count())

	report, err = gens.Rebuild(t.Context(), projections.RebuildConfig{Log: log, Model: "sayings", Rows: 30})
	require.NoError(t, err)
	require.True(t, report.Compared && report.Swapped)
	assert.Equal(t, "sayings_v1_green", shown())
	assert.Equal(t, 200, count())

	gens = reopen() // another process, which knows nothing of sides but by the store
	for i := range 3 {
		_, err := log.Append(t.Context(), events.Event{Type: "SAID", Ref: events.Ref{Source: "s", Kind: "saying", ID: "new"}, Date: 1_800_000_000 + int64(i)})
		require.NoError(t, err)
	}
	run(t, log, gens, m)
	assert.Equal(t, "sayings_v1_green", shown())
	assert.Equal(t, 201, count(), "what came after the swap is shown")
	_, err = gens.Rollback(t.Context(), projections.RebuildConfig{Log: log, Model: "sayings"})
	require.NoError(t, err)
	assert.Equal(t, "sayings_v1", shown())
	assert.Equal(t, 201, count(), "the old side was brought up first")
	require.NoError(t, gens.Discard(t.Context(), "sayings"))
	_, err = gens.Rollback(t.Context(), projections.RebuildConfig{Log: log, Model: "sayings"})
	require.ErrorIs(t, err, projections.ErrNoPrevious)
}

func TestWhoReadsAViewForLongKeepsNobodyElseFromReadingIt(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	m, next := sayings(1, first), sayings(2, first)
	store := open(t, postgres.Config{Schema: name, Models: models(m, next)})
	run(t, sayingsLog(t, 3, func(i int) string { return fmt.Sprint(i) }), store, m)
	reader := connect(t, database(t))
	execute(t, reader, "BEGIN")
	ask[int](t, reader, "SELECT count(*) FROM "+name+".sayings")

	published := make(chan error, 1)
	go func() { published <- store.Publish(t.Context(), next) }()
	waits := "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = '" + name + ".sayings'::regclass"
	for ask[int](t, conn, waits) == 0 { // until it waits for the reader
		require.NoError(t, t.Context().Err())
	}
	assert.Equal(t, 3, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE parked IS NULL"), "who reads next waits for a moment")
	shown, err := store.Published(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, "sayings_v1", shown)
	execute(t, reader, "COMMIT")
	require.NoError(t, <-published)
	shown, err = store.Published(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, "sayings_v2", shown)
}

func TestAViewThatIsReadForTooLongIsUnavailable(t *testing.T) {
	t.Parallel()
	name := schema(t)
	m, next := sayings(1, first), sayings(2, first)
	store := open(t, postgres.Config{Schema: name, Models: models(m, next), Timeout: time.Second})
	reader := connect(t, database(t))
	execute(t, reader, "BEGIN")
	ask[int](t, reader, "SELECT count(*) FROM "+name+".sayings")
	err := store.Publish(t.Context(), next)
	require.ErrorIs(t, err, postgres.ErrUnavailable)
	require.NotErrorIs(t, err, context.DeadlineExceeded, "the database said so")
	execute(t, reader, "COMMIT")
	require.NoError(t, store.Publish(t.Context(), next))
}

func TestAViewThatCouldNotBeSwappedIsSwappedByTheNextProcess(t *testing.T) {
	t.Parallel()
	name, m := schema(t), sayings(1, first)
	log := sayingsLog(t, 20, func(i int) string { return fmt.Sprint(i) })
	reopen := func() (*postgres.Store, *projections.Generations) {
		store := open(t, postgres.Config{Schema: name, Models: models(m), Timeout: time.Second})
		return store, projections.NewGenerations(store, m)
	}
	_, gens := reopen()
	run(t, log, gens, m)
	reader := connect(t, database(t))
	execute(t, reader, "BEGIN")
	ask[int](t, reader, "SELECT count(*) FROM "+name+".sayings")
	report, err := gens.Rebuild(t.Context(), projections.RebuildConfig{Log: log, Model: "sayings"})
	require.ErrorIs(t, err, projections.ErrNotShown)
	require.True(t, report.Swapped)

	store, gens := reopen()
	require.ErrorIs(t, gens.Refresh(t.Context()), projections.ErrNotShown)
	execute(t, reader, "COMMIT")
	require.NoError(t, gens.Refresh(t.Context()))
	shown, err := store.Published(t.Context(), m)
	require.NoError(t, err)
	assert.Equal(t, report.Rebuilt, shown)

	require.NoError(t, gens.Forget(t.Context(), m.ID()))
	require.NoError(t, gens.Refresh(t.Context()))
	run(t, log, gens, m)
	assert.Equal(t, 20, ask[int](t, reader, "SELECT count(*) FROM "+name+".sayings"), "what is folded anew is shown")
}
