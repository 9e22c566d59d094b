//go:build unix

package main

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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

// late is a database that can be reached once there is called.
func late(t *testing.T) (address string, there func()) {
	t.Helper()
	server, err := pgtest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	dir, err := os.MkdirTemp("", "late")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	at, err := url.Parse(server.URL())
	require.NoError(t, err)
	q, link := at.Query(), filepath.Join(dir, "s")
	sockets := q.Get("host")
	q.Set("host", link)
	at.RawQuery = q.Encode()
	return at.String(), func() { require.NoError(t, os.Symlink(sockets, link)) }
}

func TestLaw5_NotificationsAreKeptBeforeTheDatabaseIsThereAndFoldedAfterwards(t *testing.T) {
	t.Parallel()
	address, there := late(t)
	p := serveIn(t, t.TempDir(), "--store", "postgres", "--postgres", address)
	p.notify(t, s4Query)
	status, _ := p.read(t, "/healthz")
	assert.Equal(t, http.StatusOK, status, "a restart would mend nothing")
	status, body := p.read(t, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status, "%s", body)
	status, body = p.read(t, "/v1/users?limit=1")
	assert.Equal(t, http.StatusServiceUnavailable, status, "%s", body)
	there()
	until(t, func() bool { status, _ := p.read(t, "/readyz"); return status == http.StatusOK })
	assert.Equal(t, "ACTIVE", p.user(t, s4User).UserStatus)
	p.stop(t)
}

func TestAQuietServerIsReadyAsSoonAsItsDatabaseIsThere(t *testing.T) {
	t.Parallel()
	address, there := late(t)
	p := serveIn(t, t.TempDir(), "--store", "postgres", "--postgres", address)
	until(t, func() bool { return strings.Contains(p.stderr.String(), "projector stopped") })
	status, body := p.read(t, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status, "%s", body)
	there()
	until(t, func() bool { status, _ := p.read(t, "/readyz"); return status == http.StatusOK })
	status, body = p.read(t, "/v1/users?limit=1")
	assert.Equal(t, http.StatusOK, status, "no notification came that would have to be folded first: %s", body)
	p.stop(t)
}

func TestLaw5_ADatabaseThatHangsKeepsNoNotificationOut(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // what connects waits for an answer
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	p := serveIn(t, t.TempDir(), "--store", "postgres", "--postgres", "postgres://me:s3cret-c4nary@"+silent.Addr().String()+"/x?sslmode=disable")
	p.notify(t, s4Query)
	p.stop(t)
	assert.Contains(t, p.stderr.String(), "not folded yet")
	assert.NotContains(t, p.stderr.String(), "s3cret-c4nary")
}

func TestADatabaseThatRefusesEndsTheStartWithoutItsPassword(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	at, err := url.Parse(server.URL())
	require.NoError(t, err)
	at.User = url.UserPassword(at.User.Username(), "s3cret-c4nary")
	got := command(t, "serve", "--data", t.TempDir(), "--store", "postgres", "--postgres", at.String())
	assert.Equal(t, exitUnreachable, got.code)
	assert.Contains(t, got.err, "the password is wrong")
	assert.NotContains(t, got.err, "s3cret-c4nary")
	got = command(t, "serve", "--data", t.TempDir(), "--store", "postgres")
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "--store postgres and --postgres belong together")
}
