package bench

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/projections"
)

// openTestStored opens a short stream with a database beside it.
func openTestStored(t *testing.T) *stored {
	t.Helper()
	c := tiny(t)
	c.Postgres = serverURL(t)
	s, err := openStored(t.Context(), c.withDefaults())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	return s
}

func TestTablesThatShowOthersSomethingElseAreNotMeasured(t *testing.T) {
	t.Parallel()
	s := openTestStored(t)

	log := &replay{workload: s.workload, n: s.events, batch: s.batch}
	_, err := s.projectTo(t.Context(), log, s.store, s.events, s.want)
	require.NoError(t, err)
	view := s.named("users")
	require.NoError(t, s.shows(t.Context(), view, s.want))
	assert.ErrorContains(t, s.shows(t.Context(), view, s.want[1:]), "shows 100 documents, the fold has 99")
	assert.ErrorContains(t, s.shows(t.Context(), s.table, s.want), "shows 0 documents, the fold has 100; 0 of 100 are equal")

	_, err = s.pool.Exec(t.Context(), "UPDATE "+s.tableOf(t)+` SET document = jsonb_set(document, '{kyc_level}', '"LIGHT"') WHERE id = $1`, s.want[3].Ref.ID)
	require.NoError(t, err)
	assert.ErrorContains(t, s.shows(t.Context(), view, s.want), "99 of 100 are equal")
	_, err = s.intoTables(t.Context(), log, s.events, s.want)
	assert.ErrorContains(t, err, "0 events were folded and not 1000", "they stood there before")
}

// tableOf names the table behind the view.
func (s *stored) tableOf(t *testing.T) (name string) {
	t.Helper()
	require.NoError(t, s.pool.QueryRow(t.Context(), "SELECT table_name FROM "+s.named("_models")+" WHERE table_name LIKE 'users%'").Scan(&name))
	return s.named(name)
}

func TestADatabaseIsLeftAsItWas(t *testing.T) {
	t.Parallel()
	d, err := openDatabase(t.Context(), serverURL(t))
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), serverURL(t))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close(context.Background())) })
	schemas := func() (n int) {
		ask := "SELECT count(*) FROM pg_namespace WHERE nspname LIKE $1 || '%'"
		require.NoError(t, conn.QueryRow(t.Context(), ask, d.schema).Scan(&n))
		return n
	}
	assert.Equal(t, 2, schemas())
	require.NoError(t, d.close())
	assert.Zero(t, schemas())
}

func TestPgxWritesTheRowsOfTheFoldAndNothingElse(t *testing.T) {
	t.Parallel()
	s := openTestStored(t)

	l, err := s.plain(t.Context())
	require.NoError(t, err)
	assert.Equal(t, s.events, l.rows)
	s.want = s.want[1:]
	_, err = s.plain(t.Context())
	assert.Error(t, err)

	w := &plainly{MemoryStore: projections.NewMemoryStore(), on: s.database}
	assert.ErrorContains(t, w.Commit(context.Background(), projections.Commit{Model: "hooks_v1", Rows: make([]projections.Row, 1)}), "have no table here")
}
