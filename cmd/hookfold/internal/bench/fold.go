package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// eventsEach is how many events every resource has in the tables that need no stream.
const eventsEach = 5

// foldCourse folds events that are decoded already.
func foldCourse() course {
	return newCourse(Table{
		Name: "fold", Title: "Fold decoded events into memory",
		Note: fmt.Sprintf("A tenth as many users as the growth ends with, %d events each, in turns, through projections.Projector into "+
			"a MemoryStore, with an observer; batches of 5,000. Per core: events in a second of processor time, garbage collection "+
			"included. floor: a map from user to the states of its machines, and Step; no history, order, copies or horizon.", eventsEach),
		Figures: []Figure{
			{Case: "floor", What: "bare tables in a map"},
			{Case: "import", What: "ours, bare claims", Targets: []Target{{Column: "events/s/core", AtLeast: 5_000_000}}},
			{Case: "webhook", What: "ours, claims of the ingress: users and hooks"},
		},
	}, []column{
		figure("events/s/core", lap.perCore), figure("events/s", lap.rate), figure("allocations/event", lap.perAlloc),
		{"÷ floor", faster("floor")},
	}, []string{"floor"}, func(_ context.Context, c Config) (*field, error) {
		users := c.Largest / 10
		return &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){
			"floor":   func(context.Context) (lap, error) { return floor(workload{users: users}, users*eventsEach) },
			"import":  foldInto(workload{users, events.Import}, users*eventsEach),
			"webhook": foldInto(workload{users, events.Webhook}, users*eventsEach),
		}}, nil
	})
}

// foldInto folds n events into a fresh store.
func foldInto(w workload, n int) func(context.Context) (lap, error) {
	return func(ctx context.Context) (lap, error) {
		l, _, err := refold(ctx, w, n)
		return l, err
	}
}

// refold folds n events into a fresh store in memory and checks some of its documents.
func refold(ctx context.Context, w workload, n int) (lap, *projections.MemoryStore, error) {
	log := &replay{workload: w, n: n, batch: 5000}
	store, seen := projections.NewMemoryStore(), &counter{}
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(), Observe: seen})
	if err != nil {
		return lap{}, nil, err
	}
	stop, err := follow(ctx, p, projections.Seq(n))
	stop()
	if err != nil {
		return lap{}, nil, err
	}
	return log.watch.lap(n), store, errors.Join(seen.expect(n*w.folds()), w.spotCheck(ctx, store, n))
}

// spotCheck compares a hundred users, spread over all, with the fold of their events.
func (w workload) spotCheck(ctx context.Context, store projections.Store, n int) error {
	for first := 0; first < w.users; first += max(w.users/100, 1) {
		var recs []projections.Record
		for i := first; i < n; i += w.users {
			recs = append(recs, w.record(i))
		}
		docs, err := projections.Documents([]projections.AnyModel{views.Users}, recs, projections.AsOf{})
		if err != nil {
			return err
		}
		ref := w.user(first)
		have, err := projections.ReadDocument(ctx, store, views.Users, ref.Source, ref.ID, projections.AsOf{})
		if err != nil {
			return err
		}
		if string(have.JSON) != string(docs[0].JSON) {
			return fmt.Errorf("user %s is %s, the fold says %s", ref.ID, have.JSON, docs[0].JSON)
		}
	}
	return nil
}
