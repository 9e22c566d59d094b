package postgres_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// killsEnv says how often to kill the worker; a dozen times without it.
const killsEnv = "HOOKFOLD_PG_KILLS"

// recordsPerKill is more than a child folds before it is killed.
const recordsPerKill = 700

// TestLaw6_WorkerKilled kills the worker in the middle of commits. Then, and each time before, rows and checkpoint are
// exactly those of one place in the log.
func TestLaw6_WorkerKilled(t *testing.T) {
	t.Parallel()
	rounds := 12
	if many := os.Getenv(killsEnv); many != "" {
		n, err := strconv.Atoi(many)
		require.NoError(t, err)
		rounds = n
	}
	rng, name := rand.New(rand.NewPCG(5, 1)), schema(t)
	log := logOf(rounds * recordsPerKill)
	records := recordsOf(t, log)
	store, conn := open(t, postgres.Config{Schema: name, Models: views.All()}), connect(t, database(t))
	places := map[projections.Seq]bool{}
	for range rounds {
		child, lines, _ := beginChild(t, childURLEnv+"="+database(t), childSchemaEnv+"="+name, childRecordsEnv+"="+strconv.Itoa(rounds*recordsPerKill))
		await(t, lines, "write "+strconv.Itoa(30+rng.IntN(60)))
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait())
		for _, m := range views.All() {
			takeOver(t, store, m)
			examine(t, store, m, records)
			c, err := store.Checkpoint(t.Context(), m.ID(), 0)
			require.NoError(t, err)
			places[c.Position.Seq] = true
		}
	}
	require.Zero(t, foldOn(t, pieces{log.Log, 5000}, store, projections.Seq(len(records))))
	requireFresh(t, store, conn, name, records)
	t.Logf("%d kills at %d places: lost 0, doubled 0", rounds, len(places))
}

// TestLaw6_AWorkerThatWasStoppedIsFenced stops a worker in the middle of a transaction, in which it holds its slot. The
// server ends the transaction, so that another worker can go on.
func TestLaw6_AWorkerThatWasStoppedIsFenced(t *testing.T) {
	t.Parallel()
	name, log := schema(t), logOf(1000)
	records := recordsOf(t, log)
	store, conn := open(t, postgres.Config{Schema: name, Models: views.All()}), connect(t, database(t))
	child, lines, say := beginChild(t, childURLEnv+"="+database(t), childSchemaEnv+"="+name, childRecordsEnv+"=1000", childStopEnv+"=4")
	await(t, lines, "stopping")
	require.NoError(t, child.Process.Signal(syscall.SIGSTOP))
	foldOn(t, log, store, projections.Seq(len(records)))
	stands, err := store.Checkpoint(t.Context(), views.Users.ID(), 0)
	require.NoError(t, err)
	require.NoError(t, child.Process.Signal(syscall.SIGCONT))
	_, err = say.Write([]byte{'\n'})
	require.NoError(t, err)
	require.Contains(t, await(t, lines, "error:"), "not available")
	require.Error(t, child.Wait())
	after, err := store.Checkpoint(t.Context(), views.Users.ID(), 0)
	require.NoError(t, err)
	require.Equal(t, stands, after)
	requireFresh(t, store, conn, name, records)
}

// TestLaw6_ServerKilled lets the server crash and come back while a worker folds on.
func TestLaw6_ServerKilled(t *testing.T) {
	t.Parallel()
	server, log := private(t), logOf(6000)
	records := recordsOf(t, log)
	w, crashes := &wire{}, make(chan int, 100)
	w.before = func(n int) {
		if n%150 == 0 && len(crashes) < cap(crashes) {
			crashes <- n
		}
	}
	pool, err := w.pool(t.Context(), server.URL())
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store := open(t, postgres.Config{Pool: pool, Models: views.All()})
	done, crashed := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { crashed <- n }()
		for {
			select {
			case <-done:
				return
			case <-crashes:
				if n++; n > 4 {
					continue
				}
				if err := server.Restart(context.WithoutCancel(t.Context()), n%2 == 0); err != nil {
					t.Error(err)
				}
			}
		}
	}()
	faults := foldOn(t, log, store, projections.Seq(len(records)))
	close(done)
	require.Greater(t, <-crashed, 2)
	require.Positive(t, faults)
	requireFresh(t, store, connect(t, server.URL()), postgres.DefaultSchema, records)
}

// cutter is a tracer that has the server end the connection on which a statement begins.
type cutter struct {
	by   *pgx.Conn
	rng  *rand.Rand
	cuts int
	t    testing.TB
}

func (c *cutter) TraceQueryStart(ctx context.Context, conn *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	inside := strings.HasPrefix(q.SQL, "INSERT INTO") || q.SQL == "commit"
	if inside && c.rng.IntN(10) == 0 {
		c.cuts++
		execute(c.t, c.by, "SELECT pg_terminate_backend($1)", int32(conn.PgConn().PID()))
	}
	return ctx
}

func (c *cutter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestLaw6_TransactionsTerminated has an operator end the connection in the middle of transactions.
func TestLaw6_TransactionsTerminated(t *testing.T) {
	t.Parallel()
	name, log := schema(t), logOf(4000)
	records := recordsOf(t, log)
	cut := &cutter{by: connect(t, database(t)), rng: rand.New(rand.NewPCG(3, 1)), t: t}
	c, err := pgxpool.ParseConfig(database(t))
	require.NoError(t, err)
	store := open(t, postgres.Config{Schema: name, Models: views.All()}) // what it makes is made without trouble
	c.ConnConfig.Tracer = cut
	pool, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	faults := foldOn(t, log, open(t, postgres.Config{Pool: pool, Schema: name, Models: views.All()}), projections.Seq(len(records)))
	require.Greater(t, cut.cuts, 5)
	require.Positive(t, faults)
	requireFresh(t, store, connect(t, database(t)), name, records)
	t.Logf("%d transactions were ended: lost 0, doubled 0", cut.cuts)
}

// TestLaw6_AnswersLost cuts the connection behind what was sent, so that nobody knows whether a commit was taken.
func TestLaw6_AnswersLost(t *testing.T) {
	t.Parallel()
	name, log := schema(t), logOf(4000)
	records := recordsOf(t, log)
	store := open(t, postgres.Config{Schema: name, Models: views.All()})
	var cuts atomic.Int64
	w := &wire{after: func(n int) bool {
		if n%37 == 0 {
			cuts.Add(1)
			return true
		}
		return false
	}}
	pool, err := w.pool(t.Context(), database(t))
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	faults := foldOn(t, log, open(t, postgres.Config{Pool: pool, Schema: name, Models: views.All()}), projections.Seq(len(records)))
	require.Greater(t, cuts.Load(), int64(5))
	require.Positive(t, faults)
	requireFresh(t, store, connect(t, database(t)), name, records)
	t.Logf("%d connections were cut: lost 0, doubled 0", cuts.Load())
}
