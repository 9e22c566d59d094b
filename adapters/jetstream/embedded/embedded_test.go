package embedded_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, c embedded.Config) *embedded.Server {
	t.Helper()
	if c.Dir == "" {
		c.Dir = filepath.Join(t.TempDir(), "made", "when", "missing")
	}
	s, err := embedded.Start(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestServerListensToNobodyUnlessToldSo(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Config{})
	require.Empty(t, s.URL())
	nc, err := s.Connect(nats.Name("me"))
	require.NoError(t, err)
	defer nc.Close()
	require.Equal(t, "me", nc.Opts.Name, "the caller's options come last")
	require.NoError(t, nc.Flush())
	require.Equal(t, "always", s.Durability())
	require.NoError(t, s.Healthy())
}

func TestServerThatListensIsFoundAtItsURL(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Config{Listen: "127.0.0.1:0", Sync: embedded.Interval})
	require.Equal(t, "interval", s.Durability())
	nc, err := nats.Connect(s.URL())
	require.NoError(t, err)
	defer nc.Close()
	require.NoError(t, nc.Flush())
	require.NoError(t, s.Healthy())
}

func TestSecondServerInADirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, embedded.Config{Dir: dir})
	_, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	require.ErrorIs(t, err, embedded.ErrInUse)
	require.ErrorContains(t, err, dir)
	require.NoError(t, first.Close())
	start(t, embedded.Config{Dir: dir})
}

func TestClosedServerIsNotHealthyAndTakesNoConnection(t *testing.T) {
	t.Parallel()
	s := start(t, embedded.Config{})
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "closing twice is no error")
	require.ErrorContains(t, s.Healthy(), "start it again")
	_, err := s.Connect()
	require.Error(t, err)
}

func TestConfigurationIsRefusedWithEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := embedded.Start(t.Context(), embedded.Config{Sync: 7, MaxBytes: -1, Listen: "0.0.0.0:4222"})
	require.Error(t, err)
	for _, part := range []string{"Dir is empty", "Sync is Sync(7)", "MaxBytes is -1", "loopback"} {
		require.ErrorContains(t, err, part)
	}
	for _, listen := range []string{"127.0.0.1", "127.0.0.1:x", ":4222", "example.com:4222"} {
		_, err = embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: listen})
		require.ErrorContains(t, err, "Listen")
	}
}

func TestStartSaysWhyTheServerDoesNotStart(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	dir := t.TempDir()
	_, err = embedded.Start(t.Context(), embedded.Config{Dir: dir, Listen: taken.Addr().String()})
	require.ErrorContains(t, err, "address already in use")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = embedded.Start(ctx, embedded.Config{Dir: dir, Listen: taken.Addr().String()})
	require.Error(t, err)
	start(t, embedded.Config{Dir: dir}) // the lock was given back

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = embedded.Start(t.Context(), embedded.Config{Dir: file})
	require.ErrorContains(t, err, "directory")
}

func TestServerLogsToTheCallersLogger(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&locked{mu: &mu, out: &out}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s := start(t, embedded.Config{Logger: log})
	require.NoError(t, s.Close())
	mu.Lock()
	defer mu.Unlock()
	require.Contains(t, out.String(), "component=nats-server")
	require.Contains(t, out.String(), "JetStream")
	require.NotContains(t, out.String(), "level=ERROR")
	require.Zero(t, strings.Count(out.String(), "level=INFO"), "notices are for debugging")
}

// locked serialises writers.
type locked struct {
	mu  *sync.Mutex
	out *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}
