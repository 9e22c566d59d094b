package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// said is the value of the test's own model.
type said struct{ Times int }

// sayings is a model of a user's own, with any document.
func sayings(version int, document func(projections.View[said]) any) projections.Model[said] {
	return projections.Model[said]{
		Name: "sayings", Version: version, Kind: "saying",
		Key: func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "saying" },
		Apply: func(s said, m projections.Moment, h *projections.History) said {
			h.Known = true
			h.Add(projections.Line{Date: m.Time, Event: "SAID", Verdict: fsm.Noted, Why: "It was said."})
			return said{s.Times + len(m.Records)}
		},
		Document: document,
	}
}

// first and second are two documents of it.
func first(v projections.View[said]) any {
	return map[string]any{"id": v.Ref.ID, "times": v.Value.Times}
}

func second(v projections.View[said]) any {
	return map[string]any{"id": v.Ref.ID, "times": v.Value.Times, "often": v.Value.Times > 2, "seq": "taken", "deep": map[string]any{"er": "é'\""}, "list": []int{1}}
}

// sayingsLog says something of n resources, three times each.
func sayingsLog(t testing.TB, n int, ids func(int) string) pieces {
	t.Helper()
	log := logOf(0)
	for i := range 3 * n {
		_, err := log.Append(t.Context(), events.Event{Type: "SAID", Ref: events.Ref{Source: "s", Kind: "saying", ID: ids(i / 3)}, Date: 1_700_000_000 + int64(i)})
		require.NoError(t, err)
	}
	return log
}

// run folds a log with one model.
func run(t testing.TB, log pieces, store projections.Store, m projections.AnyModel) {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{m}})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	if err := proj.Wait(ctx, head(t, log)); err != nil {
		require.NoError(t, <-ended)
	}
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func models(m ...projections.AnyModel) []projections.AnyModel { return m }

func TestManyProcessesMayOpenAtOnce(t *testing.T) {
	t.Parallel()
	name := schema(t)
	var all sync.WaitGroup
	faults := make([]error, 8)
	for i := range faults {
		all.Go(func() {
			s, err := postgres.Open(t.Context(), postgres.Config{URL: database(t), Schema: name, Models: views.All(), Conns: 2})
			if faults[i] = err; err == nil {
				s.Close()
			}
		})
	}
	all.Wait()
	assert.Equal(t, make([]error, len(faults)), faults)
	conn := connect(t, database(t))
	assert.Equal(t, 3, ask[int](t, conn, "SELECT count(*) FROM "+name+"._models"))
	assert.Equal(t, 1, ask[int](t, conn, "SELECT count(*) FROM "+name+"._migrations"))
}

func TestACheckpointWithoutRowsNeedsNoTable(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store := open(t, postgres.Config{Schema: name})
	c := projections.Commit{Model: "hooks_live", To: projections.Checkpoint{Epoch: 1, Position: projections.Position{Stream: "a", Seq: 1}}}
	require.NoError(t, store.Commit(t.Context(), c))
	require.ErrorIs(t, store.Commit(t.Context(), c), projections.ErrFenced)
	stands, err := store.Checkpoint(t.Context(), "hooks_live", 0)
	require.NoError(t, err)
	assert.Equal(t, c.To, stands)
	assert.Equal(t, 0, ask[int](t, conn, "SELECT count(*) FROM "+name+"._models"))
	require.NoError(t, store.Forget(t.Context(), "hooks_live"))
	stands, err = store.Checkpoint(t.Context(), "hooks_live", 0)
	require.NoError(t, err)
	assert.Zero(t, stands)

	c.Rows = []projections.Row{{Ref: events.Ref{Source: "s", Kind: "hook", ID: "h"}, Seq: 1, State: projections.Bytes("x")}}
	require.NoError(t, store.Commit(t.Context(), c))
	assert.Equal(t, 1, ask[int](t, conn, "SELECT count(*) FROM "+name+".hooks_live"))
}

func TestASchemaThatIsNewerIsRefused(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	open(t, postgres.Config{Schema: name})
	execute(t, conn, "INSERT INTO "+name+"._migrations (version) VALUES (1000)")
	_, err := postgres.Open(t.Context(), postgres.Config{URL: database(t), Schema: name})
	require.ErrorIs(t, err, postgres.ErrNewer)
	require.NotContains(t, err.Error(), "restart", "which would not change it back")
}

func TestADocumentThatGainsFieldsGivesColumnsAndRendersOldRows(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	log := sayingsLog(t, 1500, func(i int) string { return fmt.Sprint(i) })
	old := sayings(1, first)
	before := open(t, postgres.Config{Schema: name, Models: models(old)})
	run(t, log, before, old)
	assert.Equal(t, []string{"source", "kind", "id", "times", "seq", "parked", "document"}, columnsOf(t, conn, name, "sayings"))

	now := sayings(1, second)
	after := open(t, postgres.Config{Schema: name, Models: models(now)})
	assert.Equal(t, []string{"source", "kind", "id", "times", "seq", "parked", "document", "deep_er", "often", "seq_"}, columnsOf(t, conn, name, "sayings"))
	assert.Equal(t, 1500, ask[int](t, conn, "SELECT count(*) FROM "+name+`.sayings WHERE often AND times = 3 AND deep_er = 'é''"' AND seq_ = 'taken'`))

	from, err := before.Checkpoint(t.Context(), old.ID(), 0)
	require.NoError(t, err)
	to := from
	to.Epoch++
	c := projections.Commit{Model: old.ID(), From: from, To: to}
	err = before.Commit(t.Context(), c)
	require.ErrorIs(t, err, postgres.ErrNewer, "the old program would leave columns empty")
	require.ErrorContains(t, err, "restart")
	require.NoError(t, after.Commit(t.Context(), c))

	open(t, postgres.Config{Schema: name, Models: models(old)}) // the old program again: its documents have no such fields
	assert.Equal(t, 1500, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE often IS NULL AND times = 3"))
}

func TestAFieldThatChangesItsTypeNeedsANewVersion(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	log := sayingsLog(t, 2, func(i int) string { return fmt.Sprint(i) })
	old := sayings(1, first)
	run(t, log, open(t, postgres.Config{Schema: name, Models: models(old)}), old)
	texts := func(v projections.View[said]) any {
		return map[string]any{"times": fmt.Sprint(v.Value.Times), "id": v.Ref.ID}
	}
	_, err := postgres.Open(t.Context(), postgres.Config{URL: database(t), Schema: name, Models: models(sayings(1, texts))})
	require.ErrorIs(t, err, postgres.ErrRefused)
	require.ErrorContains(t, err, "Version")

	execute(t, conn, "CREATE VIEW "+name+".others AS SELECT id, times FROM "+name+".sayings") // somebody built on ours
	next := sayings(2, func(v projections.View[said]) any { return map[string]any{"count": v.Value.Times} })
	store := open(t, postgres.Config{Schema: name, Models: models(next)})
	run(t, log, store, next)
	assert.Equal(t, 2, ask[int](t, conn, "SELECT count(times) FROM "+name+".sayings"), "the view shows the old version")
	require.NoError(t, store.Publish(t.Context(), next))
	assert.Equal(t, 2, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE count = 3 AND times IS NULL"))
	assert.Equal(t, 2, ask[int](t, conn, "SELECT count(*) FROM "+name+".others"), "what others built stays")
	again := open(t, postgres.Config{Schema: name, Models: models(old, next)})
	assert.Equal(t, 2, ask[int](t, conn, "SELECT count(count) FROM "+name+".sayings"), "who opens does not flip it back")
	require.NoError(t, again.Publish(t.Context(), old))
	assert.Equal(t, 2, ask[int](t, conn, "SELECT count(times) FROM "+name+".sayings"))
	require.ErrorIs(t, again.Publish(t.Context(), sayings(3, first)), postgres.ErrRefused)
}

func TestDocumentsThatPostgreSQLCannotHoldStopNothing(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	odd := []string{"a\x00b", "\xff\xfe", `\x41`, "A", "𝄞", strings.Repeat("é", 300)}
	log := sayingsLog(t, len(odd), func(i int) string { return odd[i] })
	m := sayings(1, func(v projections.View[said]) any {
		if v.Ref.ID == "A" {
			return map[string]any{"id": v.Ref.ID, "times": make(chan int)}
		}
		return map[string]any{"id": v.Ref.ID, "times": v.Value.Times, "why\x00": "\x00"}
	})
	store := open(t, postgres.Config{Schema: name, Models: models(m)})
	run(t, log, store, m)
	for _, id := range odd {
		_, err := projections.Read(store, m, "s").Get(t.Context(), id)
		require.NoError(t, err, "%q", id)
	}
	assert.Equal(t, len(odd)-1, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE times = 3"))
	assert.Equal(t, 1, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings_v1 WHERE document IS NULL AND parked LIKE '%does not render'"))
	assert.Equal(t, "a\ufffdb", ask[string](t, conn, "SELECT document->>'id' FROM "+name+`.sayings WHERE id = '\x610062'`))
}

func TestAResourceThatIsParkedSaysWhy(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	m := sayings(1, first)
	m.Terms.Limit = 2
	store := open(t, postgres.Config{Schema: name, Models: models(m)})
	run(t, sayingsLog(t, 1, func(int) string { return "x" }), store, m)
	assert.Contains(t, ask[string](t, conn, "SELECT parked FROM "+name+".sayings WHERE times = 2"), "more than 2 records")
}

func TestWhatIsForgottenIsFoldedAnew(t *testing.T) {
	t.Parallel()
	name, log := schema(t), logOf(500)
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	foldOn(t, log, store, head(t, log))
	from, err := store.Checkpoint(t.Context(), views.Users.ID(), 0)
	require.NoError(t, err)
	require.NoError(t, store.Forget(t.Context(), views.Users.ID(), "unheard_v1"))
	require.ErrorIs(t, store.Commit(t.Context(), projections.Commit{Model: views.Users.ID(), From: from, To: from}), projections.ErrFenced)
	assert.Empty(t, allRows(t, store, views.Users))
	foldOn(t, log, store, head(t, log))
	requireFresh(t, store, connect(t, database(t)), name, recordsOf(t, log))
}

func TestNoRowGoesBack(t *testing.T) {
	t.Parallel()
	store := open(t, postgres.Config{Schema: schema(t)})
	ref := events.Ref{Source: "s", Kind: "k", ID: "a"}
	for slot, row := range []projections.Row{
		{Ref: ref, Seq: 7, State: projections.Bytes("seven")}, {Ref: ref, Seq: 5, State: projections.Bytes("five")},
	} {
		to := projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 9}}
		require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m_v1", Slot: slot, To: to, Rows: []projections.Row{row}}))
	}
	rows, err := store.Load(t.Context(), "m_v1", []events.Ref{ref})
	require.NoError(t, err)
	assert.Equal(t, projections.Bytes("seven"), rows[0].State)
}

func TestNamesOfSchemasAreQuoted(t *testing.T) {
	t.Parallel()
	name := schema(t) + `"; DROP TABLE x; -- é`
	t.Cleanup(func() {
		execute(t, connect(t, database(t)), "DROP SCHEMA "+pgx.Identifier{name}.Sanitize()+" CASCADE")
	})
	log := logOf(100)
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	foldOn(t, log, store, head(t, log))
	requireFresh(t, store, connect(t, database(t)), name, recordsOf(t, log))
}
