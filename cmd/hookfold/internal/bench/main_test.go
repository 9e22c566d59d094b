package bench

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/hookfold/hookfold/internal/pgtest"
)

// TestMain proves that no run leaves a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if server().err == nil { // where no test wanted it, it is started only to be stopped
			if err := server().stop(); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = max(code, 1)
			}
		}
		os.Exit(code)
	}))
}

// server is the database of all tests.
var server = sync.OnceValue(func() (s struct {
	url  string
	stop func() error
	err  error
}) {
	s.url, s.stop, s.err = pgtest.URL(context.Background())
	return s
})

// serverURL is where it is.
func serverURL(t *testing.T) string {
	t.Helper()
	require.NoError(t, server().err)
	return server().url
}

// tiny is a run of everything that takes a moment. Its figures mean nothing; that there are any does.
func tiny(t *testing.T) Config {
	t.Helper()
	return Config{
		Events: 1000, Resources: 100, Rounds: 2, Requests: 64, Latency: 20 * every, Largest: leastLargest, Dir: t.TempDir(),
	}
}
