package postgres_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// damages are what somebody with a right too many can do to a row.
var damages = map[string]string{
	"its state is cut off":            `fold_state = '\x0180'`,
	"its state is empty":              `fold_state = ''`,
	"its keys are a list":             `fold_index = '[]'`,
	"its keys are numbers":            `fold_index = '{"odd": 1}'`,
	"its keys are no bytes":           `fold_index = '{"\\xzz": "a"}'`,
	"its keys are those of long ones": `fold_index = '{"a": "\\#00"}'`,
}

func TestLaw11_ADamagedRowParksItsResourceAndNoOther(t *testing.T) {
	t.Parallel()
	for what, damage := range damages {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			name, conn, log := schema(t), connect(t, database(t)), logOf(600)
			store := open(t, postgres.Config{Schema: name, Models: views.All()})
			foldOn(t, log, store, head(t, log))
			execute(t, conn, "UPDATE "+name+".users_v1 SET "+damage+" WHERE id = 'user7'")
			ref := events.Ref{Source: "mangopay", Kind: "user", ID: "user7"}
			say := func(id string) {
				_, err := log.Append(t.Context(), events.Event{Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}, Date: 1_800_000_000})
				require.NoError(t, err)
			}
			say("user8")
			foldOn(t, log, store, head(t, log)) // the others go on
			q := projections.Quarantine{Log: log, Store: store, Models: views.All()}
			page, err := q.List(t.Context(), projections.HeldQuery{Scan: true, Limit: 1000})
			for ; err == nil && page.Next != "" && len(page.Items) == 0; page, err = q.List(t.Context(), projections.HeldQuery{Scan: true, Limit: 1000, Cursor: page.Next}) {
			}
			require.NoError(t, err)
			require.Len(t, page.Items, 1)
			assert.True(t, page.Items[0].Unreadable)
			assert.Equal(t, ref, page.Items[0].Ref())

			say("user7")
			foldOn(t, log, store, head(t, log)) // what comes for it waits
			page, err = q.List(t.Context(), projections.HeldQuery{Limit: 1000})
			for ; err == nil && page.Next != "" && len(page.Items) == 0; page, err = q.List(t.Context(), projections.HeldQuery{Limit: 1000, Cursor: page.Next}) {
			}
			require.NoError(t, err)
			require.Len(t, page.Items, 1, "found by the index")
			_, err = q.Retry(t.Context(), ref, 1_800_000_001)
			require.NoError(t, err)
			foldOn(t, log, store, head(t, log))
			requireFresh(t, store, conn, name, recordsOf(t, log))
		})
	}
}

func TestLaw11_ANameThatNobodyGaveIsListedOnceAndStopsNothing(t *testing.T) {
	t.Parallel()
	name, conn, log := schema(t), connect(t, database(t)), logOf(300)
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	foldOn(t, log, store, head(t, log))
	count := len(allRows(t, store, views.Users))
	for _, bad := range []string{`\xzz`, `\#00`} {
		execute(t, conn, "INSERT INTO "+name+".users_v1 (source, kind, id, seq, fold_state) VALUES ('mangopay', 'user', $1, 1, '')", bad)
	}
	seen := map[string]int{}
	for q := (projections.Query{Model: views.Users.ID(), Limit: 1}); ; {
		page, err := store.List(t.Context(), q)
		require.NoError(t, err)
		for _, row := range page.Rows {
			seen[row.Ref.ID]++
		}
		require.LessOrEqual(t, len(seen), count+2)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	assert.Len(t, seen, count+2)
	assert.Equal(t, 1, seen[`\xzz`])
	_, err := projections.Quarantine{Log: log, Store: store, Models: views.All()}.List(t.Context(), projections.HeldQuery{Scan: true})
	require.NoError(t, err)
}

func TestADamagedRowDoesNotKeepAStoreFromBeingOpened(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	log := sayingsLog(t, 20, func(i int) string { return fmt.Sprint(i) })
	old := sayings(1, first)
	run(t, log, open(t, postgres.Config{Schema: name, Models: models(old)}), old)
	execute(t, conn, "UPDATE "+name+".sayings_v1 SET fold_index = '[]' WHERE id = '7'")
	execute(t, conn, "UPDATE "+name+`.sayings_v1 SET fold_state = '\x0180' WHERE id = '8'`)
	open(t, postgres.Config{Schema: name, Models: models(sayings(1, second))}) // renders all rows anew
	assert.Equal(t, 18, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE often"))
}

// lengths are those of names that an index takes and does not take.
var lengths = []int{512, 513, 2704, 5000, 100_000}

func TestLaw11_NamesOfAnyLengthStopNothing(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store := open(t, postgres.Config{Schema: name})
	var rows []projections.Row
	var refs []events.Ref
	for i, n := range lengths {
		long := strings.Repeat("x", n)
		for j, ref := range []events.Ref{
			{Source: "s", Kind: "k", ID: long}, {Source: "s", Kind: "k", ID: long + "y"}, {Source: long, Kind: long, ID: long},
			{Source: "s", Kind: "k", ID: strings.Repeat("\xff", n)}, {Source: `\#`, Kind: "k", ID: fmt.Sprint(n)},
		} {
			row := projections.Row{Ref: ref, Seq: 1, State: projections.Bytes(fmt.Sprint(i, j))}
			if j == 1 {
				row.Index = map[string]string{"user": long, `\#`: "mark"}
			}
			rows, refs = append(rows, row), append(refs, ref)
		}
	}
	c := projections.Commit{Model: "m_v1", To: projections.Checkpoint{Epoch: 1, Position: projections.Position{Seq: 1}}, Rows: rows}
	require.NoError(t, store.Commit(t.Context(), c))
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: "m_v1", From: c.To, To: c.To, Rows: rows}), "again")
	want := map[events.Ref]projections.Row{}
	for _, row := range rows {
		row.Revision = projections.Revision{Number: 1, Seq: 1}
		want[row.Ref] = row
	}
	loaded, err := store.Load(t.Context(), "m_v1", refs)
	require.NoError(t, err)
	listed := map[events.Ref]projections.Row{}
	for q := (projections.Query{Model: "m_v1", Limit: 2}); ; {
		page, err := store.List(t.Context(), q)
		require.NoError(t, err)
		for _, row := range page.Rows {
			listed[row.Ref] = row
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	require.Len(t, loaded, len(want))
	for _, row := range loaded {
		require.True(t, assert.ObjectsAreEqual(want[row.Ref], row), "%.40q", row.Ref.ID)
	}
	require.True(t, assert.ObjectsAreEqual(want, listed))
	page, err := store.List(t.Context(), projections.Query{Model: "m_v1", Index: "user", Value: strings.Repeat("x", 5000)})
	require.NoError(t, err)
	require.Len(t, page.Rows, 1)
	assert.Len(t, page.Rows[0].Ref.ID, 5001)
	assert.LessOrEqual(t, ask[int](t, conn, "SELECT max(length(id)) FROM "+name+".m_v1"), 512)
}

func TestLaw11_ADocumentThatPostgreSQLRefusesStopsNoOther(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	bad := map[string]string{"3": "1e999999", "19": "-1e400000"}
	log := sayingsLog(t, 20, func(i int) string { return fmt.Sprint(i) })
	m := sayings(1, func(v projections.View[said]) any {
		raw := bad[v.Ref.ID]
		if raw == "" {
			raw = "0"
		}
		return map[string]any{"id": v.Ref.ID, "times": v.Value.Times, "raw": json.RawMessage(raw)}
	})
	store := open(t, postgres.Config{Schema: name, Models: models(m)})
	run(t, log, store, m)
	assert.Equal(t, 18, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE times = 3"))
	assert.Equal(t, 2, ask[int](t, conn, "SELECT count(*) FROM "+name+".sayings WHERE document IS NULL AND times IS NULL AND parked LIKE '%does not render'"), "the view shows it")
	for id := range bad {
		v, err := projections.Read(store, m, "s").Get(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, 3, v.Value.Times, "it is folded all the same")
	}
	require.NoError(t, store.Render(t.Context(), m.ID()))
}
