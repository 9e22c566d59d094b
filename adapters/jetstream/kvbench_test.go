package jetstream_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// BenchmarkFold folds one stream into memory and into KV, beside a consumer that only counts, in turns: by the size of a
// batch and by how many users share the records. It tells the rate, its part of the counting one, and the rows written
// for each record. The log is kept with a sync for every message; the buckets are not.
func BenchmarkFold(b *testing.B) {
	for _, users := range []int{5_000, 50_000} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) { benchmarkFold(b, users) })
	}
}

func benchmarkFold(b *testing.B, users int) {
	const n = 50_000
	dir := b.TempDir()
	s := newSite(b, embedded.Config{Dir: dir, Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{Timeout: patience})
	for from := 0; from < n; from += 10_000 {
		es := make([]events.Event, 10_000)
		for i := range es {
			es[i] = event(from + i)
			es[i].Delivery.Origin = events.Import
			es[i].Ref.ID = fmt.Sprint("user_m_", (from+i)*7919%users)
		}
		fill(b, log, es)
	}
	s.nc.Close()
	s.stop()
	s = newSite(b, embedded.Config{Dir: dir, Sync: embedded.Always})
	js, err := natsjs.New(s.nc)
	require.NoError(b, err)
	for _, batch := range []int{5_000, 10_000, 20_000} {
		for _, kind := range []string{"memory", "kv"} {
			b.Run(fmt.Sprintf("batch=%d/%s", batch, kind), func(b *testing.B) {
				var raw, ours, rows float64
				for range b.N {
					raw += countOnly(b, js, n).Seconds()
					took, written := foldAll(b, s, kind, batch, n)
					ours += took.Seconds()
					rows += float64(written)
				}
				b.ReportMetric(float64(b.N)*n/ours, "events/s")
				b.ReportMetric(raw/ours, "of-raw")
				b.ReportMetric(rows/float64(b.N)/n, "rows/event")
			})
		}
	}
}

// foldAll folds the whole log into an empty store.
func foldAll(b *testing.B, s *site, kind string, batch, n int) (time.Duration, int) {
	b.Helper()
	var store projections.Store = projections.NewMemoryStore()
	if kind == "kv" {
		kv := s.store(b, jetstream.StoreConfig{})
		require.NoError(b, kv.Forget(b.Context(), views.Users.ID()))
		store = kv
	}
	w := &written{}
	log := s.open(jetstream.LogConfig{Batch: batch})
	defer func() { _ = log.Close() }()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{views.Users}, Observe: w})
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
	return took, w.rows
}

// written counts rows.
type written struct{ rows int }

func (w *written) Committed(c projections.Commit)                        { w.rows += len(c.Rows) }
func (w *written) Folded(string, projections.Record, projections.Effect) {}
func (w *written) Ignored(projections.Record)                            {}
func (w *written) Parked(string, events.Ref, projections.Parked)         {}
