package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/internal/pgtest"
	"github.com/hookfold/hookfold/projections/views"
)

// PostgreSQL ends an autovacuum that somebody waits for, but only after deadlock_timeout: who waits less never comes through.
func TestAChangeComesThroughAlthoughItsTableIsVacuumed(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start(t.Context(), "autovacuum_naptime=1s", "autovacuum_vacuum_cost_delay=100ms", "autovacuum_vacuum_cost_limit=1")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	conn := connect(t, server.URL())
	store := open(t, postgres.Config{URL: server.URL(), Models: views.All(), Timeout: 10 * time.Second})
	execute(t, conn, "INSERT INTO hookfold.users_v1 (source, kind, id, seq, fold_state) SELECT 'mangopay', 'user', n, n, '' FROM generate_series(1, 20000) AS n")
	execute(t, conn, "DELETE FROM hookfold.users_v1 WHERE seq % 2 = 0")

	late := time.Now().Add(patience)
	for ask[int](t, conn, "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE backend_type = 'autovacuum worker' "+
		"AND relation = 'hookfold.users_v1'::regclass AND granted AND mode = 'ShareUpdateExclusiveLock'") == 0 {
		require.True(t, time.Now().Before(late), "it is not vacuumed")
	}
	require.NoError(t, store.Forget(t.Context(), views.Users.ID()))
	require.Zero(t, ask[int](t, conn, "SELECT count(*) FROM hookfold.users_v1"))
}
