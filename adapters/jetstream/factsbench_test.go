package jetstream_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// BenchmarkFacts folds one log into KV in turns: without facts, with facts one by one, with facts as they are published
// unless somebody chooses, and with facts that are all there already, which their publisher knows ("again") or has to look up
// ("reopened"); with a sync for every message and without. It tells what facts cost.
func BenchmarkFacts(b *testing.B) {
	for name, sync := range map[string]embedded.Sync{"always": embedded.Always, "interval": embedded.Interval} {
		b.Run(name, func(b *testing.B) { benchmarkFacts(b, sync) })
	}
}

func benchmarkFacts(b *testing.B, sync embedded.Sync) {
	const n = 10_000
	s := newSite(b, embedded.Config{Sync: sync})
	log := s.open(jetstream.LogConfig{Timeout: patience})
	fill(b, log, killtest.Lives(n, 2_000))
	var took = map[string]time.Duration{}
	fold := func(kind string, c jetstream.FactsConfig, kinds ...string) {
		c.Log = log
		facts, err := jetstream.OpenFacts(b.Context(), s.nc, c)
		require.NoError(b, err)
		for _, kind := range append([]string{kind}, kinds...) {
			took[kind] += foldOnce(b, s, log, facts, n)
		}
		b.Logf("%s: %+v", kind, facts.Tally())
		require.NoError(b, facts.Close())
	}
	for range b.N {
		took["without"] += foldOnce(b, s, log, nil, n)
		fold("one-by-one", jetstream.FactsConfig{Anew: true, Batch: -1})
		fold("first", jetstream.FactsConfig{Anew: true}, "again")
		fold("reopened", jetstream.FactsConfig{})
	}
	for kind, d := range took {
		b.ReportMetric(float64(b.N)*n/d.Seconds(), fmt.Sprintf("%s-events/s", kind))
	}
}

// BenchmarkFactsWave publishes waves of facts, each of another resource, one by one and in one batch. It tells from how many
// on a batch is sooner.
func BenchmarkFactsWave(b *testing.B) {
	for name, sync := range map[string]embedded.Sync{"always": embedded.Always, "interval": embedded.Interval} {
		for _, n := range []int{8, 16, 32, 64, 250, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { benchmarkWave(b, sync, n) })
		}
	}
}

func benchmarkWave(b *testing.B, sync embedded.Sync, n int) {
	s := newSite(b, embedded.Config{Sync: sync})
	log := s.open(jetstream.LogConfig{})
	took, wave := map[string]time.Duration{}, 0
	publishers := map[string]*jetstream.Facts{}
	for way, batch := range ways {
		var err error
		c := jetstream.FactsConfig{Log: log}
		batch(&c)
		publishers[way], err = jetstream.OpenFacts(b.Context(), s.nc, c)
		require.NoError(b, err)
		defer func() { require.NoError(b, publishers[way].Close()) }()
	}
	for range b.N {
		for way, f := range publishers {
			wave++
			var facts []projections.Fact
			for i := range n {
				facts = append(facts, lifeOf(fmt.Sprintf("u%d-%d", wave, i), "REGULAR")...)
			}
			began := time.Now()
			require.NoError(b, f.Publish(b.Context(), facts))
			took[way] += time.Since(began)
		}
	}
	for way, d := range took {
		b.ReportMetric(float64(d.Microseconds())/float64(b.N), strings.ReplaceAll(way, " ", "-")+"-µs")
	}
}

// foldOnce folds a log into empty buckets.
func foldOnce(b *testing.B, s *site, log projections.Log, facts projections.Facts, n int) time.Duration {
	b.Helper()
	store := s.store(b, jetstream.StoreConfig{})
	for _, m := range views.All() {
		require.NoError(b, store.Forget(b.Context(), m.ID()))
	}
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(), Facts: facts})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	ended := make(chan error, 1)
	began := time.Now()
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(b, proj.Wait(ctx, projections.Seq(n)))
	took := time.Since(began)
	stop()
	require.ErrorIs(b, <-ended, context.Canceled)
	return took
}
