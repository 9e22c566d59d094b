package bench

import (
	"context"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// growthCourse folds for more and more resources.
func growthCourse(c Config) course {
	sizes := []int{c.Largest / 100, c.Largest / 10, c.Largest}
	t := Table{
		Name: "growth", Title: "Cost of one event with more and more resources",
		Note: "Users with two events each, in turns, so that the second one finds its user cold; folded as above from bare claims. " +
			"Small numbers are folded again and again into fresh stores.",
	}
	for i, n := range sizes {
		f := Figure{Case: users(n), What: "users"}
		if i > 0 {
			f.Targets = []Target{{Column: "÷ fewest", AtMost: 1.2}}
		}
		t.Figures = append(t.Figures, f)
	}
	slower := func(name string, round map[string]lap) float64 { return 1 / faster(users(sizes[0]))(name, round) }
	return newCourse(t, []column{
		figure("ns/event", lap.nanos), figure("CPU µs/event", lap.cpuMicros), {"÷ fewest", slower},
	}, []string{users(sizes[0])}, func(context.Context, Config) (*field, error) {
		on := &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){}}
		for _, n := range sizes {
			on.run[users(n)] = grow(workload{n, events.Import}, max(c.Largest/10/n, 1))
		}
		return on, nil
	})
}

// users names a case by its number of users.
func users(n int) string { return short(float64(n)) }

// grow folds two events a user, so many times.
func grow(w workload, times int) func(context.Context) (lap, error) {
	return func(ctx context.Context) (lap, error) {
		var sum lap
		for range times {
			l, _, err := refold(ctx, w, 2*w.users)
			if err != nil {
				return lap{}, fmt.Errorf("%d users: %w", w.users, err)
			}
			sum.n, sum.wall, sum.cpu, sum.allocs = sum.n+l.n, sum.wall+l.wall, sum.cpu+l.cpu, sum.allocs+l.allocs
		}
		return sum, nil
	}
}
