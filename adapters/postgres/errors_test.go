package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/pgtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// requireDiscreet checks that an error tells nothing that it must not, however it is printed, and gives no way to it.
func requireDiscreet(t *testing.T, err error, secrets ...string) {
	t.Helper()
	require.Error(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%q"} {
		for _, secret := range secrets {
			require.NotContains(t, fmt.Sprintf(verb, err), secret, verb)
		}
	}
	var server *pgconn.PgError
	require.False(t, errors.As(err, &server), "the driver's error holds values")
	var connecting *pgconn.ConnectError
	require.False(t, errors.As(err, &connecting), "the driver's error holds the host")
	var parsing *pgconn.ParseConfigError
	require.False(t, errors.As(err, &parsing), "the driver's error holds the URL")
}

func TestErrorsOfTheWayTellNoSecret(t *testing.T) {
	t.Parallel()
	good := database(t)
	for name, c := range map[string]struct {
		change func(*url.URL)
		kind   error
		says   string
	}{
		"a wrong password": {func(u *url.URL) { u.User = url.UserPassword("postgres", "canary") }, postgres.ErrRefused, "password is wrong"},
		"no such database": {func(u *url.URL) { u.Path = "/canary" }, postgres.ErrRefused, "no such database"},
		"no such host": {func(u *url.URL) {
			u.Host, u.User, u.RawQuery = "canary.invalid", url.UserPassword("canary", "canary"), ""
		}, postgres.ErrUnavailable, ""},
		"nobody there": {func(u *url.URL) { u.RawQuery = "host=/nowhere/canary" }, postgres.ErrUnavailable, "no such file"},
		"no URL":       {func(u *url.URL) { u.RawQuery += "&pool_max_conns=canary" }, postgres.ErrRefused, "postgres://"},
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: with(t, good, c.change)})
		requireDiscreet(t, err, "canary", secretOf(t, good))
		assert.ErrorIs(t, err, c.kind, name)
		assert.ErrorContains(t, err, c.says, name)
	}
}

func TestErrorsOfTheServerTellNoRow(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	commit := func(id string) error {
		row := projections.Row{Ref: events.Ref{Source: "s", Kind: "k", ID: id}, Seq: 1, State: projections.Bytes("canary")}
		return store.Commit(t.Context(), projections.Commit{Model: "things_v1", Rows: []projections.Row{row}})
	}
	require.NoError(t, commit("a"))
	execute(t, conn, "ALTER TABLE "+name+".things_v1 ADD CHECK (id NOT LIKE 'canary%')")
	err := commit("canary")
	requireDiscreet(t, err, "canary")
	require.ErrorIs(t, err, postgres.ErrRefused)
	var told *postgres.Error
	require.ErrorAs(t, err, &told)
	assert.Equal(t, "23514", told.Code)

	execute(t, conn, "DROP TABLE "+name+".things_v1")
	err = commit("b")
	requireDiscreet(t, err, "canary")
	require.ErrorIs(t, err, postgres.ErrUnavailable, "the next one looks again")
}

func TestAServerThatDoesNotAnswerIsGivenUp(t *testing.T) {
	t.Parallel()
	name, conn := schema(t), connect(t, database(t))
	store := open(t, postgres.Config{Schema: name, Models: views.All(), Timeout: 300 * time.Millisecond})
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "LOCK TABLE "+name+".users_v1")
	require.NoError(t, err)
	to := projections.Checkpoint{Epoch: 1}
	err = store.Commit(t.Context(), projections.Commit{Model: views.Users.ID(), To: to})
	require.ErrorIs(t, err, postgres.ErrUnavailable)
	_, err = store.List(t.Context(), projections.Query{Model: views.Users.ID()})
	require.ErrorIs(t, err, postgres.ErrUnavailable)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, store.Commit(t.Context(), projections.Commit{Model: views.Users.ID(), To: to}))

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = store.Checkpoint(gone, views.Users.ID(), 0)
	require.ErrorIs(t, err, context.Canceled)
}

// Whoever holds what an opening store needs is told of, and is not waited for without end.
func TestAStoreThatCannotBeOpenedBecauseOfALockSaysSo(t *testing.T) {
	t.Parallel()
	for what, lock := range map[string]string{
		"the schema's lock":     "SELECT pg_advisory_xact_lock(('x' || left(encode(sha256('hookfold schema %[1]s'), 'hex'), 16))::bit(64)::bigint)",
		"the table of versions": "LOCK TABLE %[1]s._migrations",
		"the table of models":   "LOCK TABLE %[1]s._models",
		"the checkpoints":       "LOCK TABLE %[1]s._checkpoints",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			name, conn := schema(t), connect(t, database(t))
			store := open(t, postgres.Config{Schema: name})
			tx, err := conn.Begin(t.Context())
			require.NoError(t, err)
			_, err = tx.Exec(t.Context(), fmt.Sprintf(lock, name))
			require.NoError(t, err)

			c := postgres.Config{Schema: name, Models: views.All(), Timeout: 300 * time.Millisecond}
			c.URL = database(t)
			hurried, err := postgres.Open(t.Context(), c)
			if err == nil {
				defer hurried.Close()
				err = hurried.Forget(t.Context(), views.Users.ID())
			}
			require.ErrorIs(t, err, postgres.ErrUnavailable)
			require.NoError(t, tx.Rollback(t.Context()))
			c.Timeout = 0
			patient, err := postgres.Open(t.Context(), c)
			require.NoError(t, err)
			patient.Close()
			require.NoError(t, store.Forget(t.Context(), views.Users.ID()))
		})
	}
}

func TestAConfigurationIsReportedAsAWhole(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), postgres.Config{Schema: "pg_x", Conns: -1, Timeout: -1, Models: []projections.AnyModel{nil, views.Users, views.Users}})
	for _, problem := range []string{"URL or a Pool", "belongs to PostgreSQL", "Conns -1", "Timeout", "model 0 is nil", "given twice"} {
		assert.ErrorContains(t, err, problem)
	}
}

func TestADatabaseThatLetsNobodyInForNowIsToBeTriedAgain(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start(t.Context()) // one's own: who names a database need not be allowed to make others
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	conn := connect(t, server.URL())
	execute(t, conn, "CREATE DATABASE closed")
	execute(t, conn, "ALTER DATABASE closed ALLOW_CONNECTIONS false")
	_, err = postgres.Open(t.Context(), postgres.Config{URL: with(t, server.URL(), func(u *url.URL) { u.Path = "/closed" })})
	require.ErrorIs(t, err, postgres.ErrUnavailable)
}
