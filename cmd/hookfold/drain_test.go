package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// TestContract_SIGTERMDrains holds a request in the ingress while the server is told to stop: it must get its answer.
func TestContract_SIGTERMDrains(t *testing.T) {
	t.Parallel()
	log := projections.NewMemoryLog("log", time.Now, 0)
	proj, err := projections.New(projections.Config{Log: log, Store: projections.NewMemoryStore(), Models: views.All()})
	require.NoError(t, err)
	inside, answer := make(chan struct{}), make(chan struct{})
	feed, err := webhook.NewFeed(webhook.FeedConfig{Log: log})
	require.NoError(t, err)
	door := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-answer
		_, _ = io.WriteString(w, "kept")
	})
	out, in := io.Pipe()
	said := &transcript{found: make(chan []string, 1)}
	read := make(chan struct{})
	go func() { defer close(read); said.take(out) }()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		serve := &serveCmd{Listen: "127.0.0.1:0", Admin: "127.0.0.1:0"}
		ended <- serve.run(ctx, &parts{
			keeper: &keeper{durability: "none"}, logger: slog.New(slog.NewTextHandler(in, nil)),
			proj: proj, door: door, feed: feed, read: http.NotFoundHandler(), gens: projections.NewGenerations(projections.NewMemoryStore()),
		})
	}()
	ingress := (<-said.found)[1]
	body := make(chan string, 1)
	go func() {
		res, err := http.Get(ingress)
		if assert.NoError(t, err) {
			b, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			body <- string(b)
		}
		close(body)
	}()
	<-inside
	stop()
	address := strings.TrimSuffix(strings.TrimPrefix(ingress, "http://"), "/hooks")
	until(t, func() bool { // the stop has closed the door to newcomers, so it is past telling who is inside
		c, err := net.Dial("tcp", address)
		if err != nil {
			return true
		}
		_ = c.Close()
		return false
	})
	select {
	case err := <-ended:
		t.Fatalf("ended with a request under way: %v", err)
	default:
	}
	close(answer)
	assert.Equal(t, "kept", <-body)
	require.NoError(t, <-ended)
	require.NoError(t, in.Close())
	<-read
	assert.Contains(t, said.String(), "msg=stopping")
}

// until waits for a condition, and fails when it does not come true in time.
func until(t testing.TB, holds func() bool) {
	t.Helper()
	deadline, again := time.After(patience), time.NewTicker(5*time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal("what was waited for did not come")
		}
	}
}

func TestAServerThatWasStoppedBeforeItBeganEndsCleanly(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	code := run(env{ctx: stopped, out: io.Discard, err: io.Discard}, []string{
		"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
	})
	assert.Equal(t, exitDone, code)
}

// lostLog is a log that has lost its tail.
type lostLog struct{ *projections.MemoryLog }

func (lostLog) Open(context.Context, projections.Position) (projections.Cursor, error) {
	return nil, projections.ErrRewound
}

func TestLaw5_AProjectorThatGivesUpDoesNotCloseTheIngress(t *testing.T) {
	t.Parallel()
	log := lostLog{projections.NewMemoryLog("log", time.Now, 0)}
	proj, err := projections.New(projections.Config{Log: log, Store: projections.NewMemoryStore(), Models: views.All()})
	require.NoError(t, err)
	p := &parts{keeper: &keeper{healthy: func() error { return nil }}, logger: slog.New(slog.DiscardHandler), proj: proj}
	require.NoError(t, p.health())
	p.fold(t.Context())
	require.ErrorIs(t, p.health(), projections.ErrRewound, "health tells; nothing else ends")
}

func TestHealthTellsWhatIsNotStoredUntilSomethingIs(t *testing.T) {
	t.Parallel()
	p := &parts{keeper: &keeper{healthy: func() error { return nil }}}
	p.received(webhook.Result{Outcome: webhook.Failed, Err: projections.ErrFull})
	require.ErrorIs(t, p.health(), projections.ErrFull)
	p.received(webhook.Result{Outcome: webhook.NoEventType})
	require.ErrorIs(t, p.health(), projections.ErrFull, "a stranger's nonsense mends nothing")
	p.received(webhook.Result{Outcome: webhook.Accepted})
	require.NoError(t, p.health())
}

func TestReadinessAndNotHealthTellsThatTheProjectorWaitsUntilItGoesOn(t *testing.T) {
	t.Parallel()
	p := &parts{keeper: &keeper{healthy: func() error { return nil }}, logger: slog.New(slog.DiscardHandler)}
	ended, end := context.WithCancel(t.Context())
	end()
	require.False(t, p.retry(ended, projections.ErrAway, 1))
	require.NoError(t, p.health(), "a restart would mend nothing, and keep notifications out")
	require.ErrorIs(t, p.waiting.get(), projections.ErrAway)
	(&tally{folds: p.folds}).Committed(projections.Commit{})
	require.NoError(t, p.waiting.get())
	require.False(t, p.retry(ended, projections.ErrAway, 1))
	require.False(t, p.retry(ended, projections.ErrFenced, 1))
	require.NoError(t, p.waiting.get(), "another one folds")
}

func TestWhoReadsIsToldAtOnceThatTheReadModelsWait(t *testing.T) {
	t.Parallel()
	asked := false
	p := &parts{begin: func(context.Context) error { asked = true; return nil }}
	p.waiting.set(projections.ErrAway)
	require.ErrorIs(t, p.ready(t.Context()), projections.ErrAway)
	require.False(t, asked, "that would take as long as a read may")
	p.waiting.set(nil)
	p.tables = &tables{}
	p.tables.trouble.set(postgres.ErrUnavailable)
	require.ErrorIs(t, p.ready(t.Context()), postgres.ErrUnavailable, "although the projector has not failed by it yet")
	p.tables = nil
	require.NoError(t, p.ready(t.Context()))
	require.True(t, asked)
}

func TestWhoIsFencedAgainHasARival(t *testing.T) {
	t.Parallel()
	p, now := &parts{}, time.Unix(1_800_000_000, 0)
	require.False(t, p.rivalled(now), "it may have been its own commit")
	require.True(t, p.rivalled(now.Add(soonAgain/2)))
	require.False(t, p.rivalled(now.Add(2*soonAgain)))
	require.Equal(t, 200*time.Millisecond, pause(projections.ErrFenced, 1))
	require.Equal(t, 5*time.Second, pause(projections.ErrAway, 100))
	require.Equal(t, refusedPause, pause(postgres.ErrRefused, 1), "what was refused may be granted")
}
