package postgres_test

import (
	"fmt"
	"testing"

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
