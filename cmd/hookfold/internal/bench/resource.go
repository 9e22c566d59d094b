package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"

	"github.com/hookfold/hookfold/events"
)

// resourceCourse weighs what is held.
func resourceCourse() course {
	weighed := []int{1, eventsEach}
	t := Table{
		Name: "resource", Title: "Memory of one resource, held with its history",
		Note: "A tenth as many users as the growth ends with, folded as above from bare claims; runtime.MemStats.HeapAlloc after a collection, " +
			"with the store and without, divided by the users. What the server keeps beside the store is not in it.",
	}
	for _, each := range weighed {
		t.Figures = append(t.Figures, Figure{
			Case: records(each), What: "a user with as many events, in a MemoryStore", Targets: []Target{{Column: "bytes", AtMost: 600}},
		})
	}
	return newCourse(t, []column{figure("bytes", func(l lap) float64 { return l.bytes })}, nil,
		func(_ context.Context, c Config) (*field, error) {
			on := &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){}}
			for _, each := range weighed {
				on.run[records(each)] = weigh(workload{c.Largest / 10, events.Import}, each)
			}
			return on, nil
		})
}

// records names a case by its number of records.
func records(n int) string {
	if n == 1 {
		return "1-record"
	}
	return fmt.Sprintf("%d-records", n)
}

// weigh folds as many events of each user and weighs the store.
func weigh(w workload, each int) func(context.Context) (lap, error) {
	return func(ctx context.Context) (lap, error) {
		before := heap()
		l, store, err := refold(ctx, w, w.users*each)
		if err != nil {
			return lap{}, err
		}
		l.bytes = math.Max(heap()-before, 0) / float64(w.users)
		runtime.KeepAlive(store)
		return l, nil
	}
}

// heap is what is alive, in bytes. The second collection takes what the first one only found.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
