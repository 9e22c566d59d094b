package projections

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/hookfold/hookfold/events"
)

// spread makes n in-order claims over so many resources, round robin, an hour apart for each.
func spread(n, resources int) []Record {
	out := make([]Record, n)
	for i := range out {
		typ := claimTypes[i%len(claimTypes)]
		ref := events.Ref{Source: "test", Kind: "light", ID: fmt.Sprintf("light_%d", i%resources)}
		out[i] = Record{Seq: Seq(i + 1), Event: events.Event{Type: typ, Ref: ref, Date: start + int64(i/resources)*3600}}
	}
	return out
}

// BenchmarkAdd folds in-order claims into resources that are already in memory.
func BenchmarkAdd(b *testing.B) {
	const resources = 100_000
	for _, each := range []int{1, 5} {
		b.Run(fmt.Sprintf("resources=%d/each=%d", resources, each), func(b *testing.B) {
			recs := spread(resources*each, resources)
			m := lights.ready()
			b.ReportAllocs()
			for b.Loop() {
				held := make(map[events.Ref]folder, resources)
				addAll(m, held, recs)
			}
			perEvent(b, len(recs))
		})
	}
}

// perEvent turns the figures of one loop into those of one event.
func perEvent(b *testing.B, n int) {
	b.Helper()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
	b.ReportMetric(float64(b.N)*float64(n)/b.Elapsed().Seconds(), "events/s")
}

func addAll(m runner, held map[events.Ref]folder, recs []Record) {
	for _, rec := range recs {
		ref, _ := m.key(rec)
		f := held[ref]
		if f == nil {
			f = m.fresh(ref)
			held[ref] = f
		}
		fold(f, rec)
	}
}

// BenchmarkRetained tells how many bytes a resource takes that is held with its history, as a MemoryStore holds it.
func BenchmarkRetained(b *testing.B) {
	const resources = 100_000
	for _, each := range []int{1, 5} {
		b.Run(fmt.Sprintf("each=%d", each), func(b *testing.B) {
			recs := spread(resources*each, resources)
			m := lights.ready()
			for b.Loop() {
				before := heap()
				held := make(map[events.Ref]folder, resources)
				addAll(m, held, recs)
				store, c := NewMemoryStore(), Commit{Model: m.ID()}
				for _, f := range held {
					c.Rows = append(c.Rows, f.row())
				}
				_ = store.Commit(b.Context(), c)
				held, c = nil, Commit{} //nolint:ineffassign,wastedassign // neither is measured
				b.ReportMetric(float64(heap()-before)/resources, "B/resource")
				runtime.KeepAlive(store)
			}
			runtime.KeepAlive(recs)
		})
	}
}

func heap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// BenchmarkFold folds one resource with 1,000 records from nothing.
func BenchmarkFold(b *testing.B) {
	recs := spread(1000, 1)
	ref := recs[0].Event.Ref
	b.ReportAllocs()
	for b.Loop() {
		Fold(lights, ref, recs, AsOf{})
	}
	perEvent(b, len(recs))
}

// BenchmarkLate adds records in the worst order, newest first, so that each refolds all.
func BenchmarkLate(b *testing.B) {
	recs := spread(1000, 1)
	m := lights.ready()
	b.ReportAllocs()
	for b.Loop() {
		f := m.fresh(recs[0].Event.Ref)
		for i := range recs { // in a log that has them in this order
			rec := recs[len(recs)-1-i]
			rec.Seq = Seq(i + 1)
			fold(f, rec)
		}
	}
	perEvent(b, len(recs))
}

// BenchmarkCodec renders and reads back one resource with five bare claims.
func BenchmarkCodec(b *testing.B) {
	recs := spread(5, 1)
	o := lights.fill().fresh(recs[0].Event.Ref).(*owned[light])
	for _, rec := range recs {
		fold(o, rec)
	}
	raw, _ := o.MarshalBinary()
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		b.ReportMetric(float64(len(raw)), "B/row")
		for b.Loop() {
			_, _ = o.MarshalBinary()
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := restore(&o.model.desk, o.of, o.id, raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkList reads pages of 100 rows from the middle of stores of different size. One is sorted before the clock runs;
// first tells what that costs.
func BenchmarkList(b *testing.B) {
	for _, size := range []int{10_000, 1_000_000} {
		s := NewMemoryStore()
		rows := make([]Row, size)
		for i := range rows {
			rows[i] = Row{Ref: refOf("mangopay", fmt.Sprintf("user_m_%08d", i*7919%size)), Index: map[string]string{"user": strconv.Itoa(i % (size / 10))}}
		}
		if err := s.Commit(b.Context(), Commit{Model: "m", To: Checkpoint{Position: Position{Seq: 1}}, Rows: rows}); err != nil {
			b.Fatal(err)
		}
		all := Query{Model: "m", Limit: 100, Cursor: writeCursor(refOf("mangopay", fmt.Sprintf("user_m_%08d", size/2)))}
		key := Query{Model: "m", Limit: 100, Index: "user", Value: "7"}
		for name, q := range map[string]Query{"page": all, "key": key} {
			begun := time.Now()
			if p, err := s.List(b.Context(), q); err != nil || len(p.Rows) < 10 {
				b.Fatal(p, err)
			}
			first := time.Since(begun)
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := s.List(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(first.Milliseconds()), "first-ms")
			})
		}
	}
}
