package projections_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// Payout is a read model of one's own: what is known of one pay-out.
type Payout struct {
	Status projections.Region `json:"status"`
}

// PayoutState is a state of its machine.
type PayoutState uint8

// payoutMachine declares every state and event of a pay-out.
var payoutMachine = fsm.Must[PayoutState, struct{}](fsm.Spec[struct{}]{
	Name: "payout", Version: 1, States: []string{"SUCCEEDED", "FAILED"}, Events: []string{"PAYOUT_SUCCEEDED", "PAYOUT_FAILED"},
	Cells: []fsm.Cell{
		{From: "", Event: "PAYOUT_SUCCEEDED", Verdict: fsm.First, Next: "SUCCEEDED", Reason: "The money has left."},
		{From: "", Event: "PAYOUT_FAILED", Verdict: fsm.First, Next: "FAILED", Reason: "The bank refused it."},
		{From: "SUCCEEDED", Event: "PAYOUT_SUCCEEDED", Verdict: fsm.Duplicate, Next: "SUCCEEDED", Reason: "It had left already."},
		{From: "SUCCEEDED", Event: "PAYOUT_FAILED", Verdict: fsm.Applied, Next: "FAILED", Reason: "The bank sent it back."},
		{From: "FAILED", Event: "PAYOUT_SUCCEEDED", Verdict: fsm.Conflict, Next: "FAILED", Reason: "A refused pay-out is never sent again."},
		{From: "FAILED", Event: "PAYOUT_FAILED", Verdict: fsm.Duplicate, Next: "FAILED", Reason: "It was refused already."},
	},
})

var payoutMachines = projections.NewMachines(nil, nil,
	projections.Follow("status", payoutMachine, func(p *Payout) *projections.Region { return &p.Status },
		projections.Ways[Payout, PayoutState, struct{}]{}))

// Payouts is the whole declaration of the read model.
var Payouts = projections.Model[Payout]{
	Name: "payouts", Version: 1, Kind: "payout",
	Key:    func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "payout" },
	Apply:  payoutMachines.Apply,
	Values: payoutMachines.Values,
	Index: func(p Payout) map[string]string {
		return map[string]string{"status": payoutMachines.Published(p, "status")}
	},
	IndexFields: map[string]string{"status": "status"},
	Document: func(v projections.View[Payout]) any {
		return map[string]any{
			"id": v.Ref.ID, "status": payoutMachines.Published(v.Value, "status"), "since": v.Value.Status.Since,
			"confirmed": v.Value.Status.Backed, "conflicts": v.Conflicts,
		}
	},
}

// payout makes an event about a pay-out.
func payout(t events.Type, id string, date int64) events.Event {
	return events.Event{Type: t, Ref: events.Ref{Source: "example", Kind: "payout", ID: id}, Date: date}
}

func noon() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }

// A read model is a machine, followed in a Region of a value, and a Model that names its parts.
func ExampleModel() {
	fmt.Println(Payouts.ID(), Payouts.Plural(), Payouts.Singular())
	fmt.Println(payoutMachines.Moves("PAYOUT_FAILED"), payoutMachines.Moves("PAYIN_FAILED"))
	// Output:
	// payouts_v1 payouts payout
	// true false
}

// Follow lets an observation set the machine: what the API says is believed unless a newer claim says otherwise.
func ExampleFollow() {
	data, _ := events.Canonical(events.Reading{Values: map[string]string{"status": "FAILED"}})
	read := payout(events.Observed, "po_1", 1000)
	read.Data = data
	v := projections.Fold(Payouts, read.Ref, []projections.Record{
		{Event: read},
		{Event: payout("PAYOUT_SUCCEEDED", "po_1", 500)},
	}, projections.AsOf{})
	for _, l := range v.History {
		fmt.Printf("%d %s: %s %q -> %q. %s\n", l.Date, l.Event, l.Verdict, l.From, l.To, l.Why)
	}
	fmt.Println(v.Value.Status.Backed)
	// Output:
	// 500 PAYOUT_SUCCEEDED: first "" -> "SUCCEEDED". The money has left.
	// 1000 hookfold.observed: applied "SUCCEEDED" -> "FAILED". The API shows the next documented state.
	// true
}

// The order in which records come and how often they are repeated make no difference.
func ExampleFold() {
	sent, back := payout("PAYOUT_SUCCEEDED", "po_1", 100), payout("PAYOUT_FAILED", "po_1", 200)
	for _, order := range [][]projections.Record{{{Event: sent}, {Event: back}}, {{Event: back}, {Event: sent}, {Event: back}}} {
		v := projections.Fold(Payouts, sent.Ref, order, projections.AsOf{})
		fmt.Println(payoutMachines.Published(v.Value, "status"), v.Value.Status.Since, v.Known())
	}
	v := projections.Fold(Payouts, sent.Ref, []projections.Record{{Event: sent}, {Event: back}}, projections.AtTime(150))
	fmt.Println(payoutMachines.Published(v.Value, "status"), "then")
	// Output:
	// FAILED 200 true
	// FAILED 200 true
	// SUCCEEDED then
}

func ExampleDocuments() {
	records := []projections.Record{
		{Event: payout("PAYOUT_FAILED", "po_2", 120)},
		{Event: payout("PAYOUT_SUCCEEDED", "po_1", 100)},
		{Event: payout("PAYOUT_SUCCEEDED", "po_2", 110)},
	}
	docs, err := projections.Documents([]projections.AnyModel{Payouts}, records, projections.AsOf{})
	if err != nil {
		fmt.Println(err)
	}
	for _, d := range docs {
		fmt.Println(string(d.JSON))
	}
	// Output:
	// {"confirmed":false,"conflicts":0,"id":"po_1","since":100,"status":"SUCCEEDED"}
	// {"confirmed":false,"conflicts":0,"id":"po_2","since":120,"status":"FAILED"}
}

// Run folds in the caller's goroutine; Wait makes what one appended oneself readable.
func ExampleProjector() {
	ctx, stop := context.WithCancel(context.Background())
	log, store := projections.NewMemoryLog("example", noon, 0), projections.NewMemoryStore()
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{Payouts}})
	if err != nil {
		fmt.Println(err)
	}
	stopped := make(chan error)
	go func() { stopped <- p.Run(ctx) }()

	seq, _ := log.Append(ctx, payout("PAYOUT_SUCCEEDED", "po_1", 100))
	if err := p.Wait(ctx, seq); err != nil {
		fmt.Println(err)
	}
	v, err := projections.Read(store, Payouts, "example").Get(ctx, "po_1")
	fmt.Println(payoutMachines.Published(v.Value, "status"), v.Seq, p.Applied(), err)

	stop()
	fmt.Println(<-stopped)
	// Output:
	// SUCCEEDED 1 1 <nil>
	// context canceled
}

// New tells everything that is missing at once.
func ExampleNew() {
	_, err := projections.New(projections.Config{Models: []projections.AnyModel{Payouts, Payouts}})
	fmt.Println(errors.Is(err, projections.ErrModel))
	fmt.Println(err)
	// Output:
	// true
	// projections: not completely declared: Log and Store are needed; model "payouts_v1" is given twice
}

// A reader that does not want to wait for ever is told how far the read model has come.
func ExampleLagError() {
	p, _ := projections.New(projections.Config{
		Log: projections.NewMemoryLog("example", noon, 0), Store: projections.NewMemoryStore(), Models: []projections.AnyModel{Payouts},
	})
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // nobody runs the projector
	err := p.Wait(ctx, 7)
	var lag *projections.LagError
	fmt.Println(errors.As(err, &lag), lag.Have, lag.Want)
	// Output: true 0 7
}

// filled is a store into which two pay-outs were folded.
func filled(ctx context.Context) *projections.MemoryStore {
	log, store := projections.NewMemoryLog("example", noon, 0), projections.NewMemoryStore()
	seq, _ := log.Append(ctx, payout("PAYOUT_SUCCEEDED", "po_1", 100), payout("PAYOUT_SUCCEEDED", "po_2", 100), payout("PAYOUT_FAILED", "po_2", 200))
	p, _ := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{Payouts}})
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() { stopped <- p.Run(running) }()
	_ = p.Wait(ctx, seq)
	stop()
	<-stopped
	return store
}

func ExampleRead() {
	ctx := context.Background()
	payouts := projections.Read(filled(ctx), Payouts, "example")
	now, _ := payouts.Get(ctx, "po_2")
	then, _ := payouts.At(ctx, "po_2", projections.AtTime(150))
	_, err := payouts.Get(ctx, "po_9")
	fmt.Println(payoutMachines.Published(now.Value, "status"), payoutMachines.Published(then.Value, "status"))
	fmt.Println(err)
	// Output:
	// FAILED SUCCEEDED
	// projections: never heard of this resource: payout "po_9"
}

func ExampleReadDocument() {
	ctx := context.Background()
	doc, err := projections.ReadDocument(ctx, filled(ctx), Payouts, "example", "po_2", projections.AtSeq(2))
	fmt.Println(string(doc.JSON), doc.Seq, err)
	// Output: {"confirmed":false,"conflicts":0,"id":"po_2","since":100,"status":"SUCCEEDED"} 2 <nil>
}

// A store of one's own shows documents beside the rows that it is given.
func ExampleNewRenderer() {
	ctx := context.Background()
	page, _ := filled(ctx).List(ctx, projections.Query{Model: Payouts.ID()})
	show := projections.NewRenderer(Payouts)
	for _, row := range page.Rows {
		doc, err := show.Document(row)
		fmt.Println(string(doc.JSON), err)
	}
	// Output:
	// {"confirmed":false,"conflicts":0,"id":"po_1","since":100,"status":"SUCCEEDED"} <nil>
	// {"confirmed":false,"conflicts":0,"id":"po_2","since":200,"status":"FAILED"} <nil>
}

func ExampleMemoryLog() {
	ctx := context.Background()
	log := projections.NewMemoryLog("example", noon, 2)
	first, _ := log.Append(ctx, payout("PAYOUT_SUCCEEDED", "po_1", 100))
	again, _ := log.Append(ctx, payout("PAYOUT_SUCCEEDED", "po_1", 100))
	_, err := log.Append(ctx, payout("PAYOUT_FAILED", "po_1", 200), payout("PAYOUT_FAILED", "po_2", 200))
	fmt.Println(first, again, errors.Is(err, projections.ErrFull))

	cursor, _ := log.Open(ctx, projections.Position{})
	records, _ := cursor.Next(ctx)
	fmt.Println(len(records), cursor.Position().Seq)
	// Output:
	// 1 1 true
	// 1 1
}

func ExampleMemoryStore() {
	ctx := context.Background()
	store := filled(ctx)
	q := projections.Query{Model: Payouts.ID(), Limit: 1}
	for {
		page, _ := store.List(ctx, q)
		fmt.Println(page.Rows[0].Ref.ID, page.Rows[0].Index["status"])
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	failed, _ := store.List(ctx, projections.Query{Model: Payouts.ID(), Index: "status", Value: "FAILED"})
	c, _ := store.Checkpoint(ctx, Payouts.ID(), 0)
	fmt.Println(len(failed.Rows), c.Position.Seq)
	// Output:
	// po_1 SUCCEEDED
	// po_2 FAILED
	// 1 3
}

// folded is a store with two pay-outs, one of them refused.
func folded(ctx context.Context) projections.Store {
	store := projections.NewMemoryStore()
	log := projections.NewMemoryLog("example", noon, 0)
	seq, _ := log.Append(ctx, payout("PAYOUT_FAILED", "po_1", 100), payout("PAYOUT_SUCCEEDED", "po_2", 200))
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{Payouts}})
	if err != nil {
		fmt.Println(err)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { _ = p.Run(ctx); close(ended) }()
	_ = p.Wait(ctx, seq)
	stop()
	<-ended
	return store
}

// ListDocuments pages through the documents of a model that have the fields asked for.
func ExampleListDocuments() {
	ctx := context.Background()
	q := projections.DocumentQuery{Source: "example", Where: map[string]string{"confirmed": "false"}, Limit: 1}
	for {
		page, err := projections.ListDocuments(ctx, folded(ctx), Payouts, q)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, doc := range page.Documents {
			fmt.Println(string(doc.JSON))
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	_, err := projections.ListDocuments(ctx, folded(ctx), Payouts, projections.DocumentQuery{Where: map[string]string{"amount": "1"}})
	fmt.Println(err)
	// Output:
	// {"confirmed":false,"conflicts":0,"id":"po_1","since":100,"status":"FAILED"}
	// {"confirmed":false,"conflicts":0,"id":"po_2","since":200,"status":"SUCCEEDED"}
	// projections: not a filter of this list: its fields are confirmed, conflicts, id, since, status
}

func ExampleReader_List() {
	ctx := context.Background()
	for v, err := range projections.Read(folded(ctx), Payouts, "example").List(ctx) {
		fmt.Println(v.Ref.ID, v.Value.Status.Since, err)
	}
	// Output:
	// po_1 100 <nil>
	// po_2 200 <nil>
}

func ExampleReader_By() {
	ctx := context.Background()
	for v, err := range projections.Read(folded(ctx), Payouts, "example").By(ctx, "status", "FAILED") {
		fmt.Println(v.Ref.ID, err)
	}
	// Output:
	// po_1 <nil>
}

func ExampleParseAsOf() {
	for _, s := range []string{"150", "2026-01-01T00:00:00Z", "seq:2", "", "yesterday"} {
		at, err := projections.ParseAsOf(s)
		fmt.Println(at.IsTime(), at == projections.AsOf{}, err)
	}
	// Output:
	// true false <nil>
	// true false <nil>
	// false false <nil>
	// false true <nil>
	// false true projections: not a moment: give Unix seconds, an RFC 3339 time, or seq:N for a log sequence
}

// A rebuild folds another side beside the live one, and makes it live when both are equal. Whoever reads follows.
func ExampleGenerations() {
	ctx, stop := context.WithCancel(context.Background())
	log := projections.NewMemoryLog("example", noon, 0)
	gens := projections.NewGenerations(projections.NewMemoryStore(), Payouts)
	p, err := projections.New(projections.Config{
		Log: log, Store: gens, Models: []projections.AnyModel{Payouts},
		Retry: func(_ context.Context, err error, _ int) bool { return errors.Is(err, projections.ErrSwapped) },
	})
	if err != nil {
		fmt.Println(err)
	}
	stopped := make(chan error)
	go func() { stopped <- p.Run(ctx) }()
	seq, _ := log.Append(ctx, payout("PAYOUT_SUCCEEDED", "po_1", 100))
	if err := p.Wait(ctx, seq); err != nil {
		fmt.Println(err)
	}

	report, err := gens.Rebuild(ctx, projections.RebuildConfig{Log: log, Model: "payouts"})
	fmt.Println(report.Rebuilt, "instead of", report.Live, report.Swapped, report.LiveDigest == report.RebuiltDigest, err)

	seq, _ = log.Append(ctx, payout("PAYOUT_FAILED", "po_1", 200))
	if err := p.Wait(ctx, seq); err != nil {
		fmt.Println(err)
	}
	doc, err := projections.ReadDocument(ctx, gens, Payouts, "example", "po_1", projections.AsOf{})
	fmt.Println(string(doc.JSON), err)
	stop()
	<-stopped
	// Output:
	// payouts_v1_green instead of payouts_v1 true true <nil>
	// {"confirmed":false,"conflicts":0,"id":"po_1","since":200,"status":"FAILED"} <nil>
}

// A model that changed its mind without a new version does not get by unseen.
func ExampleGenerations_Rebuild() {
	ctx, stop := context.WithCancel(context.Background())
	log := projections.NewMemoryLog("example", noon, 0)
	gens := projections.NewGenerations(projections.NewMemoryStore(), Payouts)
	p, err := projections.New(projections.Config{Log: log, Store: gens, Models: []projections.AnyModel{Payouts}})
	if err != nil {
		fmt.Println(err)
	}
	stopped := make(chan error)
	go func() { stopped <- p.Run(ctx) }()
	_, _ = log.Append(ctx, payout("PAYOUT_SUCCEEDED", "po_1", 100))
	seq, _ := log.Append(ctx, payout("PAYOUT_FAILED", "po_1", 200))
	if err := p.Wait(ctx, seq); err != nil {
		fmt.Println(err)
	}
	deaf := Payouts
	deaf.Apply = func(v Payout, m projections.Moment, h *projections.History) Payout {
		if m.Records[0].Event.Type == "PAYOUT_FAILED" {
			return v
		}
		return payoutMachines.Apply(v, m, h)
	}
	report, err := gens.Rebuild(ctx, projections.RebuildConfig{Log: log, Model: "payouts", As: deaf})
	fmt.Println(errors.Is(err, projections.ErrDifferent), report.Swapped)
	for _, d := range report.Differences {
		fmt.Println(d.Ref.ID, d.What, d.Field, d.Live, d.Rebuilt)
	}
	stop()
	<-stopped
	// Output:
	// true false
	// po_1 document since 200 100
}
