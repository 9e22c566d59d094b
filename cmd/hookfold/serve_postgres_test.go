//go:build unix

package main

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/internal/pgtest"
)

func TestReadModelsStandInTablesOfOnesOwnDatabase(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	dir, flags := t.TempDir(), []string{"--store", "postgres", "--postgres", server.URL()}
	p := serveIn(t, dir, flags...)
	p.notify(t, s4Query)
	_, want := p.read(t, "/v1/users/"+s4User)
	p.kill(t)
	p = serveIn(t, dir, flags...)
	p.notify(t, "EventType=USER_KYC_REGULAR&Date=1743627006&RessourceId=u")
	assert.Equal(t, "REGULAR", p.user(t, "u").KYCLevel, "after SIGKILL it goes on")
	_, have := p.read(t, "/v1/users/"+s4User)
	assert.Equal(t, string(want), string(have))
	_, health := p.read(t, "/healthz")
	assert.Contains(t, string(health), `"admitted":2`, "the new user and the hook of its EventType; nothing is folded again")

	db, err := pgx.Connect(t.Context(), server.URL())
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	var status string
	require.NoError(t, db.QueryRow(t.Context(), `SELECT user_status FROM hookfold.users WHERE source = 'mangopay' AND id = $1`, s4User).Scan(&status))
	assert.Equal(t, "ACTIVE", status, "services join the tables in their own SQL")
	p.stop(t)

	at, err := url.Parse(server.URL())
	require.NoError(t, err)
	password, _ := at.User.Password()
	require.NotEmpty(t, password)
	assert.NotContains(t, p.stderr.String(), password)
}

func TestADatabaseThatCannotBeReachedIsToldWithoutItsPassword(t *testing.T) {
	t.Parallel()
	got := command(t, "serve", "--data", t.TempDir(), "--store", "postgres", "--postgres", "postgres://me:s3cret-c4nary@127.0.0.1:1/x")
	assert.Equal(t, exitUnreachable, got.code)
	assert.Contains(t, got.err, "the database is not available")
	assert.NotContains(t, got.err, "s3cret-c4nary")
	got = command(t, "serve", "--data", t.TempDir(), "--store", "postgres")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--store postgres and --postgres belong together")
}
