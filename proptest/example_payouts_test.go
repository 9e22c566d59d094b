package proptest_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// A machine of your own: every state × event pair is declared, with a verdict and a reason.

type payoutState uint8

var payoutMachine = fsm.Must[payoutState](fsm.Spec[struct{}]{
	Name: "payout", Version: 1,
	States: []string{"CREATED", "SUCCEEDED", "FAILED"},
	Events: []string{"PAYOUT_NORMAL_CREATED", "PAYOUT_NORMAL_SUCCEEDED", "PAYOUT_NORMAL_FAILED"},
	Cells: []fsm.Cell{
		{From: "", Event: "PAYOUT_NORMAL_CREATED", Verdict: fsm.First, Next: "CREATED", Reason: "The payout was asked for."},
		{From: "", Event: "PAYOUT_NORMAL_SUCCEEDED", Verdict: fsm.First, Next: "SUCCEEDED", Reason: "Its beginning was missed, and the success is taken as it is."},
		{From: "", Event: "PAYOUT_NORMAL_FAILED", Verdict: fsm.First, Next: "FAILED", Reason: "Its beginning was missed, and the failure is taken as it is."},
		{From: "CREATED", Event: "PAYOUT_NORMAL_CREATED", Verdict: fsm.Duplicate, Next: "CREATED", Reason: "The payout is already asked for."},
		{From: "CREATED", Event: "PAYOUT_NORMAL_SUCCEEDED", Verdict: fsm.Applied, Next: "SUCCEEDED", Reason: "The bank took the money."},
		{From: "CREATED", Event: "PAYOUT_NORMAL_FAILED", Verdict: fsm.Applied, Next: "FAILED", Reason: "The bank refused the money."},
		{From: "SUCCEEDED", Event: "PAYOUT_NORMAL_CREATED", Verdict: fsm.Conflict, Next: "SUCCEEDED", Reason: "A payout that went through is not asked for again."},
		{From: "SUCCEEDED", Event: "PAYOUT_NORMAL_SUCCEEDED", Verdict: fsm.Duplicate, Next: "SUCCEEDED", Reason: "The payout already went through."},
		{From: "SUCCEEDED", Event: "PAYOUT_NORMAL_FAILED", Verdict: fsm.Conflict, Next: "SUCCEEDED", Reason: "A payout that went through comes back as a refund, not as a failure."},
		{From: "FAILED", Event: "PAYOUT_NORMAL_CREATED", Verdict: fsm.Conflict, Next: "FAILED", Reason: "A payout that failed is asked for again under a new id."},
		{From: "FAILED", Event: "PAYOUT_NORMAL_SUCCEEDED", Verdict: fsm.Conflict, Next: "FAILED", Reason: "A payout that failed cannot go through afterwards."},
		{From: "FAILED", Event: "PAYOUT_NORMAL_FAILED", Verdict: fsm.Duplicate, Next: "FAILED", Reason: "The payout already failed."},
	},
})

// A read model of your own: where the machine's state is kept, and what readers get.

type payout struct {
	Status projections.Region `json:"status"`
}

var payoutMachines = projections.NewMachines(nil, nil, projections.Follow("status", payoutMachine,
	func(p *payout) *projections.Region { return &p.Status }, projections.Ways[payout, payoutState, struct{}]{}))

var payouts = projections.Model[payout]{
	Name: "payouts", Version: 1, Kind: "payout",
	Key:    func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "payout" },
	Apply:  payoutMachines.Apply,
	Values: payoutMachines.Values,
	Document: func(v projections.View[payout]) any {
		return map[string]any{"id": v.Ref.ID, "status": payoutMachines.Published(v.Value, "status"), "since": v.Value.Status.Since}
	},
}

// It folds like the models that are built in: here two notifications that arrive in the wrong order.
func Example_payouts() {
	said := func(t events.Type, date int64) projections.Record {
		return projections.Record{Event: events.Event{Type: t, Ref: events.Ref{Source: "mangopay", Kind: "payout", ID: "po_1"}, Date: date}}
	}
	docs, err := projections.Documents([]projections.AnyModel{payouts}, []projections.Record{
		said("PAYOUT_NORMAL_SUCCEEDED", 1743627000),
		said("PAYOUT_NORMAL_CREATED", 1743620000),
	}, projections.AsOf{})
	fmt.Println(string(docs[0].JSON), err)
	// Output: {"id":"po_1","since":1743627000,"status":"SUCCEEDED"} <nil>
}

// What you expect of the machine, written from the provider's documents and never from the machine.
const payoutTable = "testdata/matrix/payout.txt"

// payoutHistories draws what can be said of a payout: few dates, so that many share a second.
func payoutHistories() *rapid.Generator[[]events.Event] {
	types := rapid.SampledFrom([]events.Type{"PAYOUT_NORMAL_CREATED", "PAYOUT_NORMAL_SUCCEEDED", "PAYOUT_NORMAL_FAILED"})
	ref := events.Ref{Source: "mangopay", Kind: "payout", ID: "po_1"}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) events.Event {
		date := proptest.Start + rapid.Int64Range(0, 5).Draw(t, "seconds")
		if rapid.IntRange(0, 3).Draw(t, "observed") == 0 {
			return proptest.SayObserved(ref, date, "status", rapid.SampledFrom([]string{"CREATED", "SUCCEEDED", "FAILED"}).Draw(t, "value"))
		}
		return events.Event{Type: types.Draw(t, "type"), Ref: ref, Date: date}
	}), 1, 8)
}

// And the laws hold it, as they hold the built-in ones.
func TestPayouts(t *testing.T) {
	t.Parallel()
	want := proptest.Table(t, payoutTable)
	proptest.Total(t, payoutMachine, want, nil)
	proptest.Oracle(t, payoutMachine, want, nil)
	proptest.PureMachine(t, payoutMachine, nil)
	proptest.ExplainedMachine(t, payoutMachine, nil)

	proptest.PureModel(t, payouts, payoutHistories())
	proptest.OrderFree(t, payouts, payoutHistories())
	proptest.Idempotent(t, payouts, payoutHistories())
	proptest.Verbatim(t, payouts, payoutHistories(), nil)
	proptest.ExplainedModel(t, payouts, payoutHistories())
	proptest.Transitions(t, payouts, payoutHistories())
}
