package jetstream_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
)

// TestRule22_FactsOfAWorkerThatIsKilled kills a projector before one of its writes to the server: among facts, in the middle of
// a batch of them, between facts and rows, among rows, or before the checkpoint. HOOKFOLD_KV_KILLS says how often.
func TestRule22_FactsOfAWorkerThatIsKilled(t *testing.T) {
	t.Parallel()
	rounds, rng := kills(t), rand.New(rand.NewPCG(6, 2))
	s := newSite(t, embedded.Config{Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	log := s.open(jetstream.LogConfig{Batch: foldBatch})
	records := fillWithLives(t, log, rounds*recordsPerKill, crowd(rounds))
	facts := factsOn(t, s, log)
	store := s.store(t, jetstream.StoreConfig{})
	for round := range rounds {
		batch := 3
		if round%3 == 2 {
			batch = -1
		}
		child := killtest.Begin(t, foldURLEnv+"="+s.server.URL(), foldFactsEnv+"="+strconv.Itoa(batch))
		child.Await("write " + strconv.Itoa(25+rng.IntN(90)))
		child.Kill()
	}
	foldWithFacts(t, projections.Config{Log: log, Store: store, Facts: facts, Retry: patient}, projections.Seq(len(records)))
	requireFacts(t, s, facts, records)
	requireFresh(t, store, records)
	require.Greater(t, inBatches(t, s.nc), rounds)
}

// TestRule22_FactsOfAServerThatIsKilled kills projector and server at once, also where the server is in the middle of a batch.
func TestRule22_FactsOfAServerThatIsKilled(t *testing.T) {
	t.Parallel()
	dir, rounds, rng := t.TempDir(), (kills(t)+1)/2, rand.New(rand.NewPCG(6, 3))
	s := newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval})
	records := fillWithLives(t, s.open(jetstream.LogConfig{}), rounds*recordsPerKill, crowd(rounds))
	s.nc.Close()
	s.stop()
	for range rounds {
		child := killtest.Begin(t, foldDirEnv+"="+dir, foldFactsEnv+"=3")
		child.Await("write " + strconv.Itoa(25+rng.IntN(90)))
		child.Kill()
	}
	s = newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	facts := factsOn(t, s, log)
	store := s.store(t, jetstream.StoreConfig{})
	foldWithFacts(t, projections.Config{Log: log, Store: store, Facts: facts, Retry: patient}, projections.Seq(len(records)))
	requireFacts(t, s, facts, records)
	requireFresh(t, store, records)
	require.Greater(t, inBatches(t, s.nc), rounds)
}

// inBatches counts the facts that came in a batch.
func inBatches(t *testing.T, nc *nats.Conn) (n int) {
	t.Helper()
	js, err := natsjs.New(nc)
	require.NoError(t, err)
	defer js.CleanupPublisher()
	c, err := js.OrderedConsumer(t.Context(), "HOOKFOLD_FACTS", natsjs.OrderedConsumerConfig{HeadersOnly: true})
	require.NoError(t, err)
	for left := uint64(1); left > 0; {
		m, err := c.Next(natsjs.FetchMaxWait(patience))
		require.NoError(t, err)
		at, err := m.Metadata()
		require.NoError(t, err)
		if left = at.NumPending; m.Headers().Get("Nats-Batch-Id") != "" {
			n++
		}
	}
	return n
}
