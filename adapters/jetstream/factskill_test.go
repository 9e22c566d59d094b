package jetstream_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
)

// TestRule22_FactsOfAWorkerThatIsKilled kills a projector before one of its writes to the server: among facts, between facts
// and rows, among rows, or before the checkpoint. HOOKFOLD_KV_KILLS says how often.
func TestRule22_FactsOfAWorkerThatIsKilled(t *testing.T) {
	t.Parallel()
	rounds, rng := kills(t), rand.New(rand.NewPCG(6, 2))
	s := newSite(t, embedded.Config{Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	log := s.open(jetstream.LogConfig{Batch: foldBatch})
	records := fillWithLives(t, log, rounds*recordsPerKill, crowd(rounds))
	facts := factsOn(t, s, log)
	store := s.store(t, jetstream.StoreConfig{})
	for range rounds {
		child, lines, _ := beginChild(t, foldURLEnv+"="+s.server.URL(), foldFactsEnv+"=1")
		await(t, lines, "write "+strconv.Itoa(25+rng.IntN(90)))
		require.NoError(t, child.Process.Kill())
		require.Error(t, child.Wait())
	}
	foldWithFacts(t, projections.Config{Log: log, Store: store, Facts: facts, Retry: patient}, projections.Seq(len(records)))
	requireFacts(t, s, facts, records)
	requireFresh(t, store, records)
}
