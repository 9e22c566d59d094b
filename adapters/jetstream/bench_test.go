package jetstream_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
)

// BenchmarkAppend measures durable appends of one event, in process, each synced to the disk.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("always/callers=%d", callers), func(b *testing.B) {
			log := newSite(b, embedded.Config{}).open(jetstream.LogConfig{})
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
						if _, err := log.Append(context.Background(), event(n)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
	b.Run("always/one call of 500", func(b *testing.B) {
		log := newSite(b, embedded.Config{}).open(jetstream.LogConfig{Timeout: patience})
		b.ResetTimer()
		for n := 0; n < b.N; n += 500 {
			fill(b, log, row(n, n+500))
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

// BenchmarkRead replays one stream through a cursor, and beside it through a consumer that only counts, in turns.
func BenchmarkRead(b *testing.B) {
	for _, transport := range []string{"process", "tcp"} {
		b.Run(transport, func(b *testing.B) { benchmarkRead(b, transport) })
	}
}

func benchmarkRead(b *testing.B, transport string) {
	const n = 200_000
	s := newSite(b, embedded.Config{Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	nc := s.nc
	if transport == "tcp" {
		var err error
		nc, err = nats.Connect(s.server.URL())
		require.NoError(b, err)
		b.Cleanup(nc.Close)
	}
	log, err := jetstream.OpenLog(b.Context(), nc, jetstream.LogConfig{Timeout: patience})
	require.NoError(b, err)
	for from := 0; from < n; from += 10_000 {
		fill(b, log, row(from, from+10_000))
	}
	js, err := natsjs.New(nc)
	require.NoError(b, err)
	var raw, ours, batch []float64
	b.ResetTimer()
	for range b.N {
		raw = append(raw, n/countOnly(b, js, n).Seconds())
		took, batches := readAll(b, log, n)
		ours = append(ours, n/took.Seconds())
		batch = append(batch, n/float64(batches))
	}
	b.ReportMetric(median(raw), "raw/s")
	b.ReportMetric(median(ours), "cursor/s")
	b.ReportMetric(median(ours)/median(raw), "ratio")
	b.ReportMetric(median(batch), "records/batch")
}

// countOnly is the baseline: an ordered consumer whose handler does nothing else.
func countOnly(b *testing.B, js natsjs.JetStream, n int) time.Duration {
	b.Helper()
	start := time.Now()
	consumer, err := js.OrderedConsumer(b.Context(), "HOOKFOLD", natsjs.OrderedConsumerConfig{})
	require.NoError(b, err)
	done := make(chan struct{})
	count := 0
	feed, err := consumer.Consume(func(natsjs.Msg) {
		if count++; count == n {
			close(done)
		}
	}, natsjs.PullMaxMessages(5000))
	require.NoError(b, err)
	<-done
	took := time.Since(start)
	feed.Stop()
	return took
}

// readAll reads everything through a cursor, decoded.
func readAll(b *testing.B, log *jetstream.Log, n int) (took time.Duration, batches int) {
	b.Helper()
	start := time.Now()
	c, err := log.Open(b.Context(), projections.Position{})
	require.NoError(b, err)
	for count := 0; count < n; batches++ {
		records, err := c.Next(b.Context())
		require.NoError(b, err)
		count += len(records)
	}
	took = time.Since(start)
	require.NoError(b, c.Close())
	return took, batches
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
