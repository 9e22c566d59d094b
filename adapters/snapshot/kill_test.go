package snapshot_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// What makes a process the child: the server of the log, and the folder of the snapshot.
const (
	childEnv    = "HOOKFOLD_TEST_SNAPSHOT_UNTIL_KILLED"
	childDirEnv = "HOOKFOLD_TEST_SNAPSHOT_DIR"
)

// killsEnv says how often the test kills; a dozen times without it.
const killsEnv = "HOOKFOLD_SNAPSHOT_KILLS"

// The child folds so many records at once, and at most so many times without a copy.
const (
	recordsAtOnce = 6
	batchesACopy  = 4
)

// foldUntilKilled is the child: it folds, copies all the time, and tells how far each copy reaches.
func foldUntilKilled(url, dir string) {
	ctx := context.Background()
	nc, err := nats.Connect(url)
	exitOn(err)
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	exitOn(err)
	saved := make(chan snapshot.Saved, 1<<16)
	store, err := snapshot.Open(ctx, snapshot.Config{
		Dir: dir, Log: log, Models: views.All(), Every: time.Millisecond / 4, Observe: func(s snapshot.Saved) { saved <- s },
	})
	exitOn(err)
	exitOn(store.Refused())
	proj, err := projections.New(projections.Config{Log: paced{inBatches{Log: log, most: recordsAtOnce}, saved}, Store: store, Models: views.All()})
	exitOn(err)
	exitOn(proj.Run(ctx))
}

// exitOn ends the child with a message on an error.
func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// paced is a log that is read no faster than copies are made, so that the child is killed while it makes them.
type paced struct {
	projections.Log
	saved <-chan snapshot.Saved
}

func (l paced) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	c, err := l.Log.Open(ctx, from)
	return &pacedCursor{Cursor: c, saved: l.saved}, err
}

type pacedCursor struct {
	projections.Cursor
	saved <-chan snapshot.Saved
	n     int
}

func (c *pacedCursor) Next(ctx context.Context) ([]projections.Record, error) {
	if c.n++; c.n%batchesACopy == 0 {
		s := <-c.saved
		exitOn(s.Err)
		fmt.Println("saved", s.Rows)
	}
	return c.Cursor.Next(ctx)
}

// kills is how often to kill.
func kills(t *testing.T) int {
	t.Helper()
	return killtest.Number(t, killsEnv, 12)
}

// TestLaw6_Killed kills the process at random instants, most of them while it writes a snapshot. Whatever it left is
// exactly a fold up to its checkpoint, and in the end equal to a fresh fold.
func TestLaw6_Killed(t *testing.T) {
	t.Parallel()
	const mostCopies = 8
	rounds, rng := kills(t), rand.New(rand.NewPCG(9, 2))
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	nc, err := server.Connect()
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	log, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
	require.NoError(t, err)
	said := killtest.Lives((rounds+2)*(mostCopies+4)*batchesACopy*recordsAtOnce, 100)
	_, err = log.Append(t.Context(), said...)
	require.NoError(t, err)
	whole := records(t, log, projections.Seq(len(said)))

	c := config(t, log)
	writing, last := 0, projections.Seq(0)
	for round := range rounds {
		killAfter(t, server.URL(), c.Dir, 1+rng.IntN(mostCopies), time.Duration(rng.IntN(3000))*time.Microsecond)
		files, err := os.ReadDir(c.Dir)
		require.NoError(t, err)
		writing += len(files) - 1
		s := open(t, c)
		require.NoError(t, s.Refused(), "round %d", round)
		at := reached(t, s)
		require.GreaterOrEqual(t, at, last, "a snapshot never goes back")
		last = at
		for _, m := range views.All() {
			stands, err := s.Checkpoint(t.Context(), m.ID(), 0)
			require.NoError(t, err)
			require.Equal(t, documents(t, m, whole[:stands.Position.Seq]), held(t, s, m), "round %d, %s at %d", round, m.ID(), stands.Position.Seq)
		}
	}
	s := open(t, c)
	fold(t, log, s)
	requireFresh(t, s, whole)
	t.Logf("%d kills, %d of them while a snapshot was being written; the last one left record %d of %d", rounds, writing, last, len(whole))
}

// killAfter starts a child and kills it some time after it told of so many copies.
func killAfter(t *testing.T, url, dir string, copies int, later time.Duration) {
	t.Helper()
	child := killtest.Begin(t, childEnv+"="+url, childDirEnv+"="+dir)
	for range copies {
		child.Await("saved")
	}
	<-time.After(later)
	child.Kill()
}
