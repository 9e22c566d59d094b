package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/projections/views"
)

func TestAServiceThatMayReadTheViewsMayDoNothingElse(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store, log := open(t, postgres.Config{Schema: name, Models: views.All()}), logOf(100)
	foldOn(t, log, store, head(t, log))
	app := name + "_app"
	execute(t, conn, "CREATE ROLE "+app)
	t.Cleanup(func() {
		c := connect(t, database(t))
		execute(t, c, "DROP OWNED BY "+app)
		execute(t, c, "DROP ROLE "+app)
	})
	execute(t, conn, "GRANT USAGE ON SCHEMA "+name+" TO "+app)
	execute(t, conn, "GRANT SELECT ON "+name+".users TO "+app)
	execute(t, conn, "SET ROLE "+app)
	assert.Positive(t, ask[int](t, conn, "SELECT count(*) FROM "+name+".users"))
	for _, sql := range []string{
		"SELECT 1 FROM " + name + ".users_v1", "SELECT 1 FROM " + name + "._checkpoints",
		"DELETE FROM " + name + ".users", "UPDATE " + name + ".users SET seq = 0", "CREATE TABLE " + name + ".mine ()",
	} {
		_, err := conn.Exec(t.Context(), sql)
		var denied *pgconn.PgError
		require.True(t, errors.As(err, &denied), "%s: %v", sql, err)
		assert.Equal(t, "42501", denied.Code, sql)
	}
}
