package jetstream_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// killsEnv says how often each of the two tests below kills; a dozen times both together without it.
const killsEnv = "HOOKFOLD_KV_KILLS"

// crowd is how many resources of each kind there are for so many kills: as many as it takes that none has so many records
// that it is parked, which a fold without a projector does not do.
func crowd(rounds int) int { return max(resources, rounds*recordsPerKill/150) }

// kills is how often to kill.
func kills(t *testing.T) int {
	t.Helper()
	return killtest.Number(t, killsEnv, 6)
}

// The load of the kill tests: records for each kill, and resources of each kind.
const (
	recordsPerKill = 1500
	resources      = 120
)

// ledgerOf is a log by resource.
type ledgerOf map[events.Ref][]projections.Record

func byRef(records []projections.Record) ledgerOf {
	out := ledgerOf{}
	for _, r := range records {
		out[r.Event.Ref] = append(out[r.Event.Ref], r)
	}
	return out
}

// examine checks that every row is an exact prefix of its resource, and tells whether one is missing or behind its
// checkpoint.
func (l ledgerOf) examine(t *testing.T, store projections.Store, m projections.AnyModel) (damaged bool, ahead int) {
	t.Helper()
	c, err := store.Checkpoint(t.Context(), m.ID(), 0)
	require.NoError(t, err)
	reached := map[events.Ref]projections.Seq{}
	for _, row := range allRows(t, store, m) {
		reached[row.Ref] = row.Seq
		if row.Seq > c.Position.Seq {
			ahead++
		}
		n := 0
		for n < len(l[row.Ref]) && l[row.Ref][n].Seq <= row.Seq {
			n++
		}
		require.Positive(t, n)
		want, err := projections.Documents([]projections.AnyModel{m}, l[row.Ref][:n], projections.AsOf{})
		require.NoError(t, err)
		have := documentOf(t, m, row)
		if len(want) == 0 {
			require.Empty(t, have)
			continue
		}
		require.Equal(t, string(want[0].JSON), have, "%v is no prefix up to %d", row.Ref, row.Seq)
	}
	for ref, records := range l {
		if ref.Kind != m.Singular() {
			continue
		}
		for _, r := range records {
			if r.Seq <= c.Position.Seq && reached[ref] < r.Seq {
				damaged = true
			}
		}
	}
	return damaged, ahead
}

// takeOver raises a model's epoch, by which its rows are compared with its checkpoint. What a killed worker had sent may come
// after its end, and move the checkpoint once more: whoever takes over begins again then, as a projector does.
func takeOver(t *testing.T, store projections.Store, m projections.AnyModel) error {
	t.Helper()
	for {
		from, err := store.Checkpoint(t.Context(), m.ID(), 0)
		require.NoError(t, err)
		to := from
		to.Epoch++
		err = store.Commit(t.Context(), projections.Commit{Model: m.ID(), From: from, To: to})
		if !errors.Is(err, projections.ErrFenced) || errors.Is(err, jetstream.ErrRowsLost) {
			return err
		}
		now, moved := store.Checkpoint(t.Context(), m.ID(), 0)
		require.NoError(t, moved)
		require.Greater(t, now.Position.Seq, from.Position.Seq, "fenced by nobody: %v", err)
	}
}

// TestLaw6_KilledWithItsServer kills worker and server in the middle of commits. What the server had acknowledged may be
// lost then; it must be noticed exactly when it is, and mended.
func TestLaw6_KilledWithItsServer(t *testing.T) {
	t.Parallel()
	dir, rounds, rng := t.TempDir(), kills(t), rand.New(rand.NewPCG(3, 1))
	s := newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	records := fillWithLives(t, log, rounds*recordsPerKill, crowd(rounds))
	ledger := byRef(records)
	lost, left := 0, 0
	for range rounds {
		s.nc.Close()
		s.stop()
		child := killtest.Begin(t, foldDirEnv+"="+dir)
		child.Await("write " + strconv.Itoa(25+rng.IntN(50)))
		child.Kill()
		s = newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval})
		store := s.store(t, jetstream.StoreConfig{})
		for _, m := range views.All() {
			damaged, ahead := ledger.examine(t, store, m)
			left += ahead
			err := takeOver(t, store, m)
			require.Equal(t, damaged, errors.Is(err, jetstream.ErrRowsLost), "%s: damaged=%t, and the store says %v", m.ID(), damaged, err)
			if damaged {
				lost++
				continue
			}
			require.NoError(t, err)
		}
		require.NoError(t, store.Close())
	}
	store := s.store(t, jetstream.StoreConfig{})
	foldOn(t, s.open(jetstream.LogConfig{}), store, projections.Seq(len(records)))
	requireFresh(t, store, records)
	t.Logf("%d kills: %d times a read model had lost rows and was mended, %d rows were ahead of their checkpoint", rounds, lost, left)
}

// TestLaw6_WorkerKilled kills the worker alone, on a server that goes on. Nothing is lost then.
func TestLaw6_WorkerKilled(t *testing.T) {
	t.Parallel()
	rounds, rng := kills(t), rand.New(rand.NewPCG(5, 1))
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	nc, err := server.Connect()
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	log, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
	require.NoError(t, err)
	records := fillWithLives(t, log, rounds*recordsPerKill, crowd(rounds))
	ledger := byRef(records)
	store, err := jetstream.OpenStore(t.Context(), nc, jetstream.StoreConfig{Logger: silent(t)})
	require.NoError(t, err)
	left := 0
	for range rounds {
		child := killtest.Begin(t, foldURLEnv+"="+server.URL())
		child.Await("write " + strconv.Itoa(25+rng.IntN(50)))
		child.Kill()
		for _, m := range views.All() {
			require.NoError(t, takeOver(t, store, m))
			damaged, ahead := ledger.examine(t, store, m)
			require.False(t, damaged, m.ID())
			left += ahead
		}
	}
	foldOn(t, log, store, projections.Seq(len(records)))
	requireFresh(t, store, records)
	t.Logf("%d kills: %d rows were ahead of their checkpoint", rounds, left)
}

// TestLaw6_AWorkerThatWasStoppedIsFenced stops a worker when its rows are stored and its checkpoint is on its way out.
func TestLaw6_AWorkerThatWasStoppedIsFenced(t *testing.T) {
	t.Parallel()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	nc, err := server.Connect()
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	log, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
	require.NoError(t, err)
	records := fillWithLives(t, log, 1000, resources)
	ledger := byRef(records)
	store, err := jetstream.OpenStore(t.Context(), nc, jetstream.StoreConfig{Logger: silent(t)})
	require.NoError(t, err)
	child := killtest.Begin(t, foldURLEnv+"="+server.URL(), foldStopEnv+"=4")
	child.Await("stopping")
	child.Signal(syscall.SIGSTOP)

	users := views.Users
	_, ahead := ledger.examine(t, store, users)
	require.Positive(t, ahead, "its rows are stored, and its checkpoint is not")
	foldOn(t, log, store, projections.Seq(len(records))) // another worker takes over and goes to the end
	stands, err := store.Checkpoint(t.Context(), users.ID(), 0)
	require.NoError(t, err)
	child.Signal(syscall.SIGCONT)
	child.Say("go on")
	require.Contains(t, child.Await("error:"), "another worker moved the checkpoint")
	child.Fail()

	after, err := store.Checkpoint(t.Context(), users.ID(), 0)
	require.NoError(t, err)
	require.Equal(t, stands, after)
	requireFresh(t, store, records)
	for _, m := range views.All() {
		require.NoError(t, takeOver(t, store, m))
	}
}
