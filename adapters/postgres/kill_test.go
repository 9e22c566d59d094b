package postgres_test

import (
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// recordsPerKill is more than a child folds before it is killed.
const recordsPerKill = 700

// TestLaw6_WorkerKilled kills the worker in the middle of commits. Then, and each time before, rows and checkpoint are
// exactly those of one place in the log.
func TestLaw6_WorkerKilled(t *testing.T) {
	t.Parallel()
	rounds, rng, name := kills(t, 12), instants(t), schema(t)
	log := logOf(rounds * recordsPerKill)
	records := recordsOf(t, log)
	store, conn := open(t, postgres.Config{Schema: name, Models: views.All()}), connect(t, database(t))
	places := map[projections.Seq]bool{}
	for range rounds {
		child := killtest.Begin(t, childURLEnv+"="+database(t), childSchemaEnv+"="+name, childRecordsEnv+"="+strconv.Itoa(rounds*recordsPerKill))
		child.Await("write " + strconv.Itoa(30+rng.IntN(60)))
		child.Kill()
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
	child := killtest.Begin(t, childURLEnv+"="+database(t), childSchemaEnv+"="+name, childRecordsEnv+"=1000", childStopEnv+"=4")
	child.Await("stopping")
	child.Signal(syscall.SIGSTOP)
	foldOn(t, log, store, projections.Seq(len(records)))
	stands, err := store.Checkpoint(t.Context(), views.Users.ID(), 0)
	require.NoError(t, err)
	child.Signal(syscall.SIGCONT)
	child.Say("go on")
	require.Contains(t, child.Await("error:"), "not available")
	child.Fail()
	after, err := store.Checkpoint(t.Context(), views.Users.ID(), 0)
	require.NoError(t, err)
	require.Equal(t, stands, after)
	requireFresh(t, store, conn, name, records)
}
