package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// requestsPerSecond is the load under which latency is measured: tens a second are what a platform has.
const requestsPerSecond = 200

// every is how often a request is due.
const every = time.Second / requestsPerSecond

// latencyCourse measures how long the provider waits.
func latencyCourse() course {
	return newCourse(Table{
		Name: "latency", Title: fmt.Sprintf("Ingress latency at %d requests a second", requestsPerSecond),
		Note: "The same ingress. A request is due every 5 milliseconds, whether those before are answered or not, and its time counts from " +
			"when it was due to when the answer was read.",
		Figures: []Figure{{Case: "always", What: "durability always", Targets: []Target{
			{Column: "p99 ms", AtMost: 25}, {Column: "max ms", AtMost: 500},
		}}},
	}, []column{
		figure("p50 ms", func(l lap) float64 { return l.wait(0.50) }),
		figure("p99 ms", func(l lap) float64 { return l.wait(0.99) }),
		figure("max ms", func(l lap) float64 { return l.wait(1) }),
	}, nil, func(ctx context.Context, c Config) (*field, error) {
		d, err := openDoor(ctx, c)
		if err != nil {
			return nil, err
		}
		return &field{close: d.close, run: map[string]func(context.Context) (lap, error){
			"always": func(ctx context.Context) (lap, error) { return d.paced(ctx, c.Latency) },
		}}, nil
	})
}

// paced sends notifications at their times and proves that the log kept every one.
func (d *door) paced(ctx context.Context, during time.Duration) (lap, error) {
	before, err := d.log.Head(ctx)
	if err != nil {
		return lap{}, err
	}
	waits := make([]time.Duration, during/every)
	l, err := timed(len(waits), func() error {
		group, ctx := errgroup.WithContext(ctx)
		begin := time.Now()
		for i := range waits {
			due := begin.Add(time.Duration(i) * every)
			time.Sleep(time.Until(due))
			group.Go(func() error {
				err := d.notify(ctx)
				waits[i] = time.Since(due)
				return err
			})
		}
		return group.Wait()
	})
	slices.Sort(waits)
	l.waits = waits
	return l, errors.Join(err, d.kept(ctx, before, len(waits)))
}
