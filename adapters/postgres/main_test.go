package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/internal/pgtest"
)

// TestMain also is the child process of the kill tests, and refuses goroutines that outlive the tests.
func TestMain(m *testing.M) {
	if url := os.Getenv(childURLEnv); url != "" {
		foldUntilKilled(url)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if _, stop, err := shared(); err == nil { // where no test wanted it, it is started only to be stopped
			if err := stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = max(code, 1)
			}
		}
		os.Exit(code)
	}))
}

// began is the database that all tests share, each in a schema of its own.
var began = sync.OnceValue(func() (s struct {
	url  string
	stop func() error
	err  error
}) {
	s.url, s.stop, s.err = pgtest.URL(context.Background())
	return s
})

func shared() (url string, stop func() error, err error) {
	s := began()
	return s.url, s.stop, s.err
}

// database is the URL of the shared database.
func database(t testing.TB) string {
	t.Helper()
	url, _, err := shared()
	require.NoError(t, err)
	return url
}

// private is a server of the test's own, for those who restart it.
func private(t testing.TB) *pgtest.Server {
	t.Helper()
	s, err := pgtest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Stop()) })
	return s
}

var schemas atomic.Int64

// schema names a schema of the test's own, which goes with it.
func schema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	t.Cleanup(func() {
		conn := connect(t, database(t))
		execute(t, conn, "DROP SCHEMA IF EXISTS "+name+" CASCADE")
	})
	return name
}

// connect opens a connection beside the store; it ends with the test.
func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(ctx) })
	return conn
}

func execute(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	_, err := conn.Exec(context.WithoutCancel(t.Context()), sql, args...)
	require.NoError(t, err, sql)
}

// ask asks for one value.
func ask[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) (v T) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), sql, args...).Scan(&v), sql)
	return v
}

// open opens a store; it ends with the test.
func open(t testing.TB, c postgres.Config) *postgres.Store {
	t.Helper()
	if c.URL == "" && c.Pool == nil {
		c.URL = database(t)
	}
	s, err := postgres.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// with is a URL with other parts.
func with(t testing.TB, raw string, change func(*url.URL)) string {
	t.Helper()
	u, err := url.Parse(raw)
	require.NoError(t, err)
	change(u)
	return u.String()
}

// secretOf is the password in a URL.
func secretOf(t testing.TB, raw string) (password string) {
	t.Helper()
	with(t, raw, func(u *url.URL) { password, _ = u.User.Password() })
	return password
}

// durable tells whether the test is a case that restarts the server.
func durable(t testing.TB) bool { return strings.Contains(t.Name(), "Durable") }
