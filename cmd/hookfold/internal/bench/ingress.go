package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// callers are how many senders wait for an answer at one time.
var callers = [...]int{1, 16, 64}

// ingressCourse sends notifications to the ingress over real HTTP.
func ingressCourse() course {
	t := Table{
		Name: "ingress", Title: "Power-loss-safe ingress on one node",
		Note: "Durability always: the embedded server syncs every message before it acknowledges. Callers send GET over loopback, on connections " +
			"that stay open, from the same process, and wait for each answer. plain: as many callers publish the same bytes to a stream of the " +
			"same server and wait for each acknowledgement: one sync each and no HTTP.",
	}
	var base []string
	for _, n := range callers {
		ours := Figure{Case: doorCase(n), What: fmt.Sprintf("ingress, callers: %d", n)}
		if n == callers[len(callers)-1] {
			ours.Targets = []Target{{Column: "÷ plain", AtLeast: 6}}
		}
		t.Figures = append(t.Figures, Figure{Case: plainCase(n), What: fmt.Sprintf("plain publish, callers: %d", n)}, ours)
		base = append(base, plainCase(n))
	}
	return newCourse(t, []column{
		figure("requests/s", lap.rate), figure("CPU µs/request", lap.cpuMicros), {"÷ plain", besidePlain},
	}, base, openIngress)
}

const (
	doorPrefix  = "ingress-"
	plainPrefix = "plain-"
)

func doorCase(n int) string  { return fmt.Sprint(doorPrefix, n) }
func plainCase(n int) string { return fmt.Sprint(plainPrefix, n) }

// besidePlain compares the ingress with as many plain callers.
func besidePlain(name string, round map[string]lap) float64 {
	n, ours := strings.CutPrefix(name, doorPrefix)
	if !ours {
		return math.NaN()
	}
	return faster(plainPrefix+n)(name, round)
}

func openIngress(ctx context.Context, c Config) (*field, error) {
	d, err := openDoor(ctx, c)
	if err != nil {
		return nil, err
	}
	on := &field{close: d.close, run: map[string]func(context.Context) (lap, error){}}
	for _, n := range callers {
		on.run[plainCase(n)] = func(ctx context.Context) (lap, error) { return atOnce(ctx, n, c.Requests, d.publish) }
		on.run[doorCase(n)] = func(ctx context.Context) (lap, error) { return d.called(ctx, n, c.Requests) }
	}
	return on, nil
}

// called sends notifications from so many callers and proves that the log kept every one.
func (d *door) called(ctx context.Context, callers, requests int) (lap, error) {
	before, err := d.log.Head(ctx)
	if err != nil {
		return lap{}, err
	}
	l, err := atOnce(ctx, callers, requests, d.notify)
	return l, errors.Join(err, d.kept(ctx, before, requests))
}

// atOnce has so many callers send a number of requests together.
func atOnce(ctx context.Context, callers, requests int, send func(context.Context) error) (lap, error) {
	return timed(requests, func() error {
		group, ctx := errgroup.WithContext(ctx)
		var begun atomic.Int64
		for range callers {
			group.Go(func() error {
				for begun.Add(1) <= int64(requests) {
					if err := send(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return group.Wait()
	})
}
