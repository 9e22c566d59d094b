package projections_test

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// A record on which a model fails stops its resource and no other. An operator looks at it, sees what would come of
// dropping it, and drops it. The decision is an event in the log.
func ExampleQuarantine() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	doors := projections.Model[string]{
		Name: "doors", Version: 1, Kind: "door",
		Key: func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "door" },
		Apply: func(_ string, m projections.Moment, h *projections.History) string {
			t := string(m.Records[0].Event.Type)
			if t == "TORN_OUT" {
				panic("no door does that")
			}
			h.Add(projections.Line{Date: m.Time, Event: t, Machine: "door", Verdict: fsm.Applied, To: t})
			return t
		},
		Document: func(v projections.View[string]) any { return map[string]string{"door": v.Value} },
	}
	log := projections.NewMemoryLog("doors", func() time.Time { return time.Unix(1_800_000_000, 0) }, 0)
	store := projections.NewMemoryStore()
	p, _ := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{doors}})
	go func() { _ = p.Run(ctx) }()
	front := events.Ref{Source: "house", Kind: "door", ID: "front"}
	var last projections.Seq
	for i, t := range []events.Type{"OPENED", "TORN_OUT", "CLOSED"} {
		last, _ = log.Append(ctx, events.Event{Type: t, Ref: front, Date: 1_700_000_000 + int64(i)})
	}
	_ = p.Wait(ctx, last)

	q := projections.Quarantine{Log: log, Store: store, Models: []projections.AnyModel{doors}}
	page, _ := q.List(ctx, projections.HeldQuery{})
	for _, h := range page.Items {
		fmt.Println(h.ID, "stands still at", h.Seq, "because", h.Why)
	}
	trial, _ := q.TryDrop(ctx, front)
	for _, d := range trial.Differences {
		fmt.Printf("%s: %s would be %s\n", d.Field, d.Was, d.Would)
	}
	last, _ = q.Drop(ctx, front, "nobody tore it out", 1_800_000_000)
	_ = p.Wait(ctx, last)
	doc, _ := projections.ReadDocument(ctx, store, doors, "house", "front", projections.AsOf{})
	fmt.Println(string(doc.JSON))
	// Output:
	// front stands still at 2 because the model failed on the record: no door does that
	// door: "OPENED" would be "CLOSED"
	// {"door":"CLOSED"}
}
