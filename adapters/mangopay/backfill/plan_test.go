package backfill_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// Every event that the provider lists in the time that is asked for is appended exactly once: whatever the order of the list,
// however it treats its bounds, whatever arrives by itself meanwhile, and wherever a run is interrupted.
func TestEveryEventIsAppendedExactlyOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		demand := backfill.Request{}
		if rapid.Bool().Draw(t, "demands a time") {
			demand.Since = start.Add(-time.Duration(rapid.IntRange(1, 40*24).Draw(t, "hours")) * time.Hour)
		}
		b, err := backfill.New(w.config)
		if err != nil {
			t.Fatal(err)
		}
		appended := 0
		for runs := 0; ; runs++ {
			r, err := b.Run(context.Background(), demand)
			appended += r.Appended
			if err == nil {
				break
			}
			if runs > 300 {
				t.Fatalf("never in: %v", err)
			}
		}
		w.before, w.fails = nil, nil // and what came while the list was read comes in with the next run
		last, err := b.Run(context.Background(), backfill.Request{})
		if err != nil {
			t.Fatal(err)
		}
		w.check(t, demand, appended+last.Appended)
	})
}

// world is a provider, a log and what happened.
type world struct {
	*provider
	config   backfill.Config
	log      *counted
	arrived  map[events.ID]bool // by notification
	happened map[events.ID]events.Event
}

// drawWorld draws what happened, what arrived and the manners of the provider.
func drawWorld(t *rapid.T) *world {
	w := &world{
		provider: &provider{now: start, inclusive: rapid.Bool().Draw(t, "inclusive"), headless: rapid.Bool().Draw(t, "headless")},
		log:      &counted{Log: memory()}, arrived: map[events.ID]bool{}, happened: map[events.ID]events.Event{},
	}
	n := rapid.SampledFrom([]int{0, 1, 99, 100, 101, 400}).Draw(t, "events")
	spread := rapid.SampledFrom([]int64{1, 3, 1000, 44 * 86400}).Draw(t, "spread")
	seed := rapid.Uint64().Draw(t, "seed")
	rnd := func(n uint64) uint64 { seed = seed*6364136223846793005 + 1442695040888963407; return (seed >> 33) % n }
	for i := range n {
		w.occur([]events.Type{kyc, closed}[rnd(2)], fmt.Sprint("u", i), start.Unix()-1-int64(rnd(uint64(spread))), rnd(3) == 0)
	}
	if rapid.Bool().Draw(t, "shuffles") {
		w.order = func(int) int { return int(rnd(1 << 30)) }
	}
	live := rapid.IntRange(0, 30).Draw(t, "arrive meanwhile")
	w.before = func(call int) {
		if call < live {
			w.occur(kyc, fmt.Sprint("live", call), w.Now().Unix()-int64(rnd(30)), rnd(2) == 0)
		}
	}
	breaks := rapid.SampledFrom([]uint64{0, 40, 150}).Draw(t, "breaks once in")
	w.fails = func(int) error {
		if breaks > 0 && rnd(breaks) == 0 {
			return errBroken
		}
		return nil
	}
	w.config = config(w.provider, w.log)
	w.config.Types = []events.Type{kyc, closed}
	w.config.Marks = &backfill.MemoryMarks{}
	if rapid.Bool().Draw(t, "tries again") {
		w.config.Retry = func(context.Context, error, int) bool { return true }
	}
	return w
}

// occur lets an event happen, and perhaps arrive by notification.
func (w *world) occur(typ events.Type, id string, at int64, arrives bool) {
	w.happens(typ, id, at)
	e := catalogue.Notification{Type: typ, ResourceID: id, Date: at}.Event("")
	w.happened[e.ID()] = e
	if arrives {
		w.arrived[e.ID()] = true
		e.Delivery = events.Delivery{Origin: events.Webhook}
		if _, err := w.log.Log.Append(context.Background(), e); err != nil {
			panic(err)
		}
	}
}

// check compares what was appended with what happened: every event of the time that was demanded is in,
// once; nothing is appended that had arrived by itself or never happened.
func (w *world) check(t *rapid.T, demand backfill.Request, appended int) {
	offered := map[events.ID]int{}
	for _, e := range w.log.offered {
		offered[e.ID()]++
		if _, happened := w.happened[e.ID()]; !happened {
			t.Fatalf("%s %s never happened", e.Type, e.Ref.ID)
		}
		if e.Delivery.Origin != events.Backfill {
			t.Fatalf("the origin of %s is %q", e.Ref.ID, e.Delivery.Origin)
		}
	}
	if appended != len(w.log.offered) {
		t.Fatalf("%d appended, %d told", len(w.log.offered), appended)
	}
	for id, e := range w.happened {
		wanted := demand.Since.IsZero() || e.Date >= demand.Since.Unix()
		if offered[id] > 1 || w.arrived[id] && offered[id] > 0 || wanted && !w.arrived[id] && offered[id] != 1 {
			t.Fatalf("%s %s of %d (wanted %v, arrived %v) was offered %d times", e.Type, e.Ref.ID, e.Date, wanted, w.arrived[id], offered[id])
		}
	}
}
