package bench

import (
	"context"
	"fmt"
	"strings"

	"github.com/hookfold/hookfold/events"
)

// floorPrefix begins the cases that show how much a bare map grows dearer on the same machine.
const floorPrefix = "floor-"

// growthCourse folds for more and more resources.
func growthCourse(c Config) course {
	sizes := []int{c.Largest / 100, c.Largest / 10, c.Largest}
	t := Table{
		Name: "growth", Title: "Cost of one event with more and more resources",
		Note: "Users with two events each, in turns, so that the second one finds its user cold; folded as above from bare claims, and on the " +
			"floor. Small numbers are folded again and again into fresh stores.",
	}
	for _, n := range sizes {
		t.Figures = append(t.Figures, Figure{Case: floorPrefix + short(float64(n)), What: "users, bare tables in a map"})
	}
	for i, n := range sizes {
		f := Figure{Case: short(float64(n)), What: "users, ours"}
		if i > 0 {
			f.Targets = []Target{{Column: "÷ fewest", AtMost: 1.2}}
		}
		t.Figures = append(t.Figures, f)
	}
	fewest := short(float64(sizes[0]))
	return newCourse(t, []column{
		figure("ns/event", lap.nanos), figure("CPU µs/event", lap.cpuMicros), {"÷ fewest", slower(fewest)},
	}, []string{floorPrefix + fewest, fewest}, func(context.Context, Config) (*field, error) {
		on := &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){}}
		for _, n := range sizes {
			name, w, times := short(float64(n)), workload{n, events.Import}, max(c.Largest/10/n, 1)
			on.run[name] = grow(times, func(ctx context.Context) (lap, error) {
				l, _, err := refold(ctx, w, 2*n)
				return l, err
			})
			on.run[floorPrefix+name] = grow(times, func(context.Context) (lap, error) { return floor(w, 2*n) })
		}
		return on, nil
	})
}

// slower compares the time of an event with that among the fewest users of the same kind.
func slower(fewest string) func(string, map[string]lap) float64 {
	return func(name string, round map[string]lap) float64 {
		if strings.HasPrefix(name, floorPrefix) {
			return 1 / faster(floorPrefix+fewest)(name, round)
		}
		return 1 / faster(fewest)(name, round)
	}
}

// grow runs a fold so many times and adds up.
func grow(times int, fold func(context.Context) (lap, error)) func(context.Context) (lap, error) {
	return func(ctx context.Context) (lap, error) {
		var sum lap
		for i := range times {
			l, err := fold(ctx)
			if err != nil {
				return lap{}, fmt.Errorf("fold %d: %w", i+1, err)
			}
			sum.n, sum.wall, sum.cpu, sum.allocs = sum.n+l.n, sum.wall+l.wall, sum.cpu+l.cpu, sum.allocs+l.allocs
		}
		return sum, nil
	}
}
