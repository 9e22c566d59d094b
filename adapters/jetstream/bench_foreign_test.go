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
)

// BenchmarkForeign reads and imports a stream of JSON notifications among as many messages of another subject, and beside
// it appends as many events without reading anything, in turns.
func BenchmarkForeign(b *testing.B) {
	for _, sync := range []embedded.Sync{embedded.Interval, embedded.Always} {
		b.Run(sync.String(), func(b *testing.B) {
			const n = 10_000
			p := newPlatform(b, natsjs.StreamConfig{Subjects: []string{"acme.>"}})
			for from := 0; from < n; from += 1000 {
				p.publish(hooks, messages(from, from+1000)...)
				p.publish("acme.orders", messages(from, from+1000)...)
			}
			from := p.foreign(jetstream.ForeignConfig{})
			head, err := from.Head(b.Context())
			require.NoError(b, err)
			s := newSite(b, embedded.Config{Sync: sync})
			var read, imported, appended []float64
			b.ResetTimer()
			for i := range b.N {
				took, _ := readAll(b, from, n)
				read = append(read, n/took.Seconds())
				name := fmt.Sprintf("A%d", i)
				ours := s.open(jetstream.LogConfig{Stream: name, Prefix: name, Timeout: patience})
				start := time.Now()
				importing(b, jetstream.ImportConfig{From: from, To: ours}, until(head.Seq))
				imported = append(imported, n/time.Since(start).Seconds())
				name = fmt.Sprintf("B%d", i)
				ours = s.open(jetstream.LogConfig{Stream: name, Prefix: name, Timeout: patience})
				start = time.Now()
				for done := 0; done < n; done += 500 {
					_, err := ours.Append(context.Background(), row(done, done+500)...)
					require.NoError(b, err)
				}
				appended = append(appended, n/time.Since(start).Seconds())
			}
			b.ReportMetric(median(read), "read/s")
			b.ReportMetric(median(imported), "imported/s")
			b.ReportMetric(median(imported)/median(appended), "of-appending")
		})
	}
}
