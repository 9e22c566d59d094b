package postgres_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// takeOver raises a model's epoch: whoever wrote before is fenced.
func takeOver(t *testing.T, store projections.Store, m projections.AnyModel) {
	t.Helper()
	from, err := store.Checkpoint(t.Context(), m.ID(), 0)
	require.NoError(t, err)
	to := from
	to.Epoch++
	err = store.Commit(t.Context(), projections.Commit{Model: m.ID(), From: from, To: to})
	if errors.Is(err, projections.ErrFenced) { // a commit of the one who was killed came first: nobody is left for a second
		from, err = store.Checkpoint(t.Context(), m.ID(), 0)
		require.NoError(t, err)
		to = from
		to.Epoch++
		err = store.Commit(t.Context(), projections.Commit{Model: m.ID(), From: from, To: to})
	}
	require.NoError(t, err)
}

// allRows lists a read model.
func allRows(t *testing.T, store projections.Store, m projections.AnyModel) (rows []projections.Row) {
	t.Helper()
	for q := (projections.Query{Model: m.ID(), Limit: 1000}); ; {
		page, err := store.List(t.Context(), q)
		require.NoError(t, err)
		rows = append(rows, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return rows
		}
	}
}

// examine checks that a read model is exactly the fold of the log up to its checkpoint, no row behind and none ahead.
func examine(t *testing.T, store projections.Store, m projections.AnyModel, records []projections.Record) {
	t.Helper()
	c, err := store.Checkpoint(t.Context(), m.ID(), 0)
	require.NoError(t, err)
	reached := map[events.Ref]projections.Seq{}
	for _, rec := range records[:c.Position.Seq] {
		if rec.Event.Ref.Kind == m.Singular() {
			reached[rec.Event.Ref] = rec.Seq
		}
	}
	rows := allRows(t, store, m)
	require.Len(t, rows, len(reached))
	for _, row := range rows {
		require.LessOrEqual(t, row.Seq, reached[row.Ref], "%v is ahead of its checkpoint %d", row.Ref, c.Position.Seq)
	}
	requireDocuments(t, store, m, records[:c.Position.Seq])
}

// requireDocuments compares all documents of a read model with those of a fold without any trouble.
func requireDocuments(t *testing.T, store projections.Store, m projections.AnyModel, records []projections.Record) {
	t.Helper()
	want, err := projections.Documents([]projections.AnyModel{m}, records, projections.AsOf{})
	require.NoError(t, err)
	documents := map[events.Ref]string{}
	for _, doc := range want {
		documents[doc.Ref] = string(doc.JSON)
	}
	of, seen := projections.NewRenderer(m), 0
	for _, row := range allRows(t, store, m) {
		doc, err := of.Document(row)
		if !errors.Is(err, projections.ErrUnknown) {
			require.NoError(t, err)
			require.Equal(t, documents[row.Ref], string(doc.JSON), "%v", row.Ref)
			seen++
		}
	}
	require.Equal(t, len(want), seen, "nothing lost, nothing doubled")
}

// requireFresh compares everything that is kept with a fold without any trouble: rows, and what SQL shows of them.
func requireFresh(t *testing.T, store projections.Store, conn *pgx.Conn, schema string, records []projections.Record) {
	t.Helper()
	for _, m := range views.All() {
		requireDocuments(t, store, m, records)
		requireShown(t, conn, schema, m, records)
	}
}

// shownAs are the views of our models.
var shownAs = map[string]string{"users": "users", "idv-sessions": "idv_sessions", "hooks": "hooks"}

// requireShown compares what a view shows with the documents.
func requireShown(t *testing.T, conn *pgx.Conn, schema string, m projections.AnyModel, records []projections.Record) {
	t.Helper()
	want, err := projections.Documents([]projections.AnyModel{m}, records, projections.AsOf{})
	require.NoError(t, err)
	rows, err := conn.Query(t.Context(), "SELECT id, document FROM "+pgx.Identifier{schema, shownAs[m.Plural()]}.Sanitize())
	require.NoError(t, err)
	shown := map[string]any{}
	var id string
	var doc any
	_, err = pgx.ForEachRow(rows, []any{&id, &doc}, func() error { shown[id] = doc; return nil })
	require.NoError(t, err)
	require.Len(t, shown, len(want))
	for _, w := range want {
		var value any
		require.NoError(t, json.Unmarshal(w.JSON, &value))
		require.Equal(t, value, shown[w.Ref.ID], "%v", w.Ref)
	}
}
