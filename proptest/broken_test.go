package proptest_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// TestMain keeps rapid from writing files for the failures that the tests below want. The seed is still printed.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// court is a TB that remembers what a law said instead of failing.
type court struct{ said []string }

func (c *court) Helper()                        {}
func (c *court) Name() string                   { return "broken on purpose" }
func (c *court) Logf(string, ...any)            {}
func (c *court) Log(...any)                     {}
func (c *court) Skipf(string, ...any)           { runtime.Goexit() }
func (c *court) Skip(...any)                    { runtime.Goexit() }
func (c *court) SkipNow()                       { runtime.Goexit() }
func (c *court) Errorf(format string, a ...any) { c.said = append(c.said, fmt.Sprintf(format, a...)) }
func (c *court) Error(a ...any)                 { c.said = append(c.said, fmt.Sprint(a...)) }
func (c *court) Fatalf(format string, a ...any) {
	c.Errorf(format, a...)
	c.FailNow()
}
func (c *court) Fatal(a ...any) {
	c.Error(a...)
	c.FailNow()
}
func (c *court) FailNow() {
	c.Fail()
	runtime.Goexit()
}
func (c *court) Fail()        { c.said = append(c.said, "") }
func (c *court) Failed() bool { return len(c.said) > 0 }

// verdictOf runs a law to its end, or to where it gives up, and returns what it said.
func verdictOf(law func(proptest.TB)) string {
	c := &court{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		law(c)
	}()
	<-done
	return strings.Join(c.said, "\n")
}

// payoutSpec is the specification of the payout machine after a change.
func payoutSpec(change func(*fsm.Spec[struct{}])) *fsm.Machine[payoutState, struct{}] {
	d := payoutMachine.Definition()
	spec := fsm.Spec[struct{}]{Name: d.Name, Version: d.Version, States: d.States[1:], Events: d.Events, Cells: slices.Clone(d.Cells)}
	change(&spec)
	return fsm.Must[payoutState](spec)
}

// cellOf finds a cell of the specification.
func cellOf(s *fsm.Spec[struct{}], from, event string) *fsm.Cell {
	i := slices.IndexFunc(s.Cells, func(c fsm.Cell) bool { return c.From == from && c.Event == event })
	return &s.Cells[i]
}

// TestLaw2_FailsOnBrokenMachines: a wrong, a missing and an additional cell are found, and all are told at once.
func TestLaw2_FailsOnBrokenMachines(t *testing.T) {
	t.Parallel()
	want := proptest.Table(t, payoutTable)
	wrong := payoutSpec(func(s *fsm.Spec[struct{}]) {
		c := cellOf(s, "SUCCEEDED", "PAYOUT_NORMAL_FAILED")
		c.Verdict, c.Next = fsm.Applied, "FAILED"
		cellOf(s, "FAILED", "PAYOUT_NORMAL_FAILED").Verdict = fsm.Noted
	})
	said := verdictOf(func(t proptest.TB) { proptest.Total(t, wrong, want, nil) })
	assert.Contains(t, said, "want SUCCEEDED PAYOUT_NORMAL_FAILED - conflict SUCCEEDED, got SUCCEEDED PAYOUT_NORMAL_FAILED - applied FAILED")
	assert.Contains(t, said, "want FAILED PAYOUT_NORMAL_FAILED - duplicate FAILED, got FAILED PAYOUT_NORMAL_FAILED - noted FAILED")
	assert.Contains(t, said, "2 problems")

	said = verdictOf(func(t proptest.TB) { proptest.Total(t, payoutMachine, want[1:], nil) })
	assert.Contains(t, said, "- × PAYOUT_NORMAL_CREATED is not in the expectation table")
	said = verdictOf(func(t proptest.TB) {
		more := append(slices.Clone(want), proptest.Want{State: "CREATED", Event: "PAYOUT_PAUSED", Verdict: fsm.Noted, Next: "CREATED"}, want[0])
		proptest.Total(t, payoutMachine, more, nil)
	})
	assert.Contains(t, said, "CREATED × PAYOUT_PAUSED is expected and the machine has no such state or event")
	assert.Contains(t, said, "- × PAYOUT_NORMAL_CREATED is expected 2 times")

	for _, m := range []*fsm.Machine[payoutState, struct{}]{wrong, payoutSpec(func(s *fsm.Spec[struct{}]) {
		cellOf(s, "CREATED", "PAYOUT_NORMAL_FAILED").Next = "SUCCEEDED"
		cellOf(s, "", "PAYOUT_NORMAL_FAILED").Next = "FAILED"
	})} {
		assert.Contains(t, verdictOf(func(t proptest.TB) { proptest.Oracle(t, m, want, nil) }), "law 2, looplab against payout")
	}
}

// door is a machine whose one guard can be made to cheat.
func door(holds func(*int) bool, reason string) *fsm.Machine[payoutState, *int] {
	return fsm.Must[payoutState](fsm.Spec[*int]{
		Name: "door", Version: 1, States: []string{"OPEN"}, Events: []string{"open"},
		Guards: map[string]fsm.Guard[*int]{"unlocked": {Meaning: "nobody turned the key", Holds: holds, Saw: func(*int) string { return "key" }}},
		Cells: []fsm.Cell{
			{From: "", Event: "open", Guard: "unlocked", Verdict: fsm.First, Next: "OPEN", Reason: "Nobody turned the key, so it opens."},
			{From: "", Event: "open", Guard: "!unlocked", Verdict: fsm.Conflict, Next: "", Reason: reason},
			{From: "OPEN", Event: "open", Verdict: fsm.Duplicate, Next: "OPEN", Reason: "It is open already."},
		},
	})
}

var doorWant = []proptest.Want{
	{Event: "open", Guard: "unlocked", Verdict: fsm.First, Next: "OPEN"},
	{Event: "open", Guard: "!unlocked", Verdict: fsm.Conflict},
	{State: "OPEN", Event: "open", Verdict: fsm.Duplicate, Next: "OPEN"},
}

// TestGuardedMachines: facts decide a guarded pair, its two sides are both stepped, and forgotten facts are told.
func TestGuardedMachines(t *testing.T) {
	t.Parallel()
	zero, one := 0, 1
	facts := proptest.Facts[*int]{"unlocked": {&zero}, "!unlocked": {&one}}
	good := door(func(n *int) bool { return n != nil && *n == 0 }, "Somebody turned the key, so it stays shut.")
	assert.Empty(t, verdictOf(func(t proptest.TB) {
		proptest.Total(t, good, doorWant, facts)
		proptest.Oracle(t, good, doorWant, facts)
		proptest.PureMachine(t, good, facts)
		proptest.ExplainedMachine(t, good, facts)
	}))
	assert.Contains(t, verdictOf(func(t proptest.TB) {
		proptest.Total(t, good, doorWant, proptest.Facts[*int]{"unlocked": {&zero}})
	}), `- × open depends on "!unlocked": give Facts for it`)
}

// TestLaw1_FailsOnBrokenMachines: a guard with a memory and a guard that changes its facts.
func TestLaw1_FailsOnBrokenMachines(t *testing.T) {
	t.Parallel()
	n := 0
	facts := proptest.Facts[*int]{"unlocked": {&n}}
	const shut = "Somebody turned the key, so it stays shut."
	asked := 0
	remembers := door(func(*int) bool { asked++; return asked%3 == 0 }, shut)
	assert.Contains(t, verdictOf(func(t proptest.TB) { proptest.PureMachine(t, remembers, facts) }), "for the same facts")
	changes := door(func(n *int) bool { *n++; return true }, shut)
	assert.Contains(t, verdictOf(func(t proptest.TB) { proptest.PureMachine(t, changes, facts) }), "- × open changes its facts")
}

// TestLaw9_FailsOnBrokenMachines: a reason that is no sentence, and a path that cannot be walked.
func TestLaw9_FailsOnBrokenMachines(t *testing.T) {
	t.Parallel()
	zero, one := 0, 1
	facts := proptest.Facts[*int]{"unlocked": {&zero}, "!unlocked": {&one}}
	unlocked := func(n *int) bool { return n != nil && *n == 0 }
	silent := door(unlocked, "no")
	assert.Contains(t, verdictOf(func(t proptest.TB) { proptest.ExplainedMachine(t, silent, facts) }), `the reason "no" is no sentence`)
	swapped := proptest.Facts[*int]{"unlocked": {&one, &zero}, "!unlocked": {&one}}
	good := door(unlocked, "Somebody turned the key, so it stays shut.")
	assert.Contains(t, verdictOf(func(t proptest.TB) { proptest.ExplainedMachine(t, good, swapped) }), "step 1 of the path")
}

// breaks changes a copy of the payouts model and returns the sentence of a law about it.
func breaks(law func(proptest.TB, projections.Model[payout]), change func(*projections.Model[payout])) string {
	m := payouts
	change(&m)
	return verdictOf(func(t proptest.TB) { law(t, m) })
}

func pure(t proptest.TB, m projections.Model[payout]) { proptest.PureModel(t, m, payoutHistories()) }
func orderFree(t proptest.TB, m projections.Model[payout]) {
	proptest.OrderFree(t, m, payoutHistories())
}
func idempotent(t proptest.TB, m projections.Model[payout]) {
	proptest.Idempotent(t, m, payoutHistories())
}
func verbatim(t proptest.TB, m projections.Model[payout]) {
	proptest.Verbatim(t, m, payoutHistories(), nil)
}
func explained(t proptest.TB, m projections.Model[payout]) {
	proptest.ExplainedModel(t, m, payoutHistories())
}

func TestLaw1_FailsOnBrokenModels(t *testing.T) {
	t.Parallel()
	calls := int64(0)
	assert.Contains(t, breaks(pure, func(m *projections.Model[payout]) {
		m.Apply = func(p payout, at projections.Moment, h *projections.History) payout {
			p = payouts.Apply(p, at, h)
			calls++
			p.Status.Since = calls
			return p
		}
	}), "Apply gave two values for one instant")
	assert.Contains(t, breaks(pure, func(m *projections.Model[payout]) {
		m.Apply = func(p payout, at projections.Moment, h *projections.History) payout {
			at.Records[0].Event.Date++
			return payouts.Apply(p, at, h)
		}
	}), "Apply changed the instant that it was given")
	assert.Contains(t, breaks(pure, func(m *projections.Model[payout]) {
		m.Document = func(v projections.View[payout]) any { calls++; return calls }
	}), "the same records gave")
}

func TestLaw3_FailsOnBrokenModels(t *testing.T) {
	t.Parallel()
	said := breaks(orderFree, func(m *projections.Model[payout]) { // what arrived before the last word is passed over
		m.Apply = func(p payout, at projections.Moment, h *projections.History) payout {
			seq := int64(at.Records[0].Seq)
			if seq < p.Status.Since {
				return p
			}
			p = payouts.Apply(p, at, h)
			p.Status.Since = seq
			return p
		}
	})
	assert.Contains(t, said, "law 3, by projectors, in any order")
	said = breaks(orderFree, func(m *projections.Model[payout]) { // copies are counted
		m.Same = func(r projections.Record) events.ID { return events.ID{byte(r.Seq)} }
	})
	assert.Contains(t, said, "law 3")
	said = breaks(orderFree, func(m *projections.Model[payout]) { // time is when the log stored it
		m.When = func(r projections.Record) int64 { return int64(r.Seq) }
	})
	assert.Contains(t, said, "law 3")
}

func TestLaw4_FailsOnBrokenModels(t *testing.T) {
	t.Parallel()
	assert.Contains(t, breaks(idempotent, func(m *projections.Model[payout]) {
		m.Same = func(r projections.Record) events.ID { return events.ID{byte(r.Seq), byte(r.Seq >> 8)} }
	}), "law 4")
}

func TestLaw7_FailsOnBrokenModels(t *testing.T) {
	t.Parallel()
	maps := projections.NewMachines(nil, nil, projections.Follow("status", payoutMachine,
		func(p *payout) *projections.Region { return &p.Status },
		projections.Ways[payout, payoutState, struct{}]{
			Observe: func(payoutState, string) (payoutState, bool) { return 1, true }, // whatever it is, call it CREATED
		}))
	assert.Contains(t, breaks(verbatim, func(m *projections.Model[payout]) {
		m.Apply, m.Values = maps.Apply, maps.Values
	}), "is published as")
	assert.Contains(t, breaks(verbatim, func(m *projections.Model[payout]) { // dropped without a word
		m.Apply = func(p payout, at projections.Moment, h *projections.History) payout {
			at.Records = slices.DeleteFunc(slices.Clone(at.Records), func(r projections.Record) bool {
				return !payoutMachines.Moves(r.Event.Type) && !r.Event.Type.Own()
			})
			return payouts.Apply(p, at, h)
		}
	}), "is not noted under its name")
}

func TestLaw9_FailsOnBrokenModels(t *testing.T) {
	t.Parallel()
	rewrite := func(change func(*projections.Line)) func(m *projections.Model[payout]) {
		return func(m *projections.Model[payout]) {
			m.Apply = func(p payout, at projections.Moment, h *projections.History) payout {
				p = payouts.Apply(p, at, h)
				for i := range h.Lines {
					change(&h.Lines[i])
				}
				return p
			}
		}
	}
	assert.Contains(t, breaks(explained, rewrite(func(l *projections.Line) { l.Why = "" })), "which is no sentence")
	assert.Contains(t, breaks(explained, rewrite(func(l *projections.Line) { l.Event = "" })), "has no event")
	assert.Contains(t, breaks(explained, rewrite(func(l *projections.Line) { l.From = "CREATED" })), "begins elsewhere")
	assert.Contains(t, breaks(explained, rewrite(func(l *projections.Line) { l.Verdict = fsm.Noted })), "and a noted must stay")
	assert.Contains(t, breaks(explained, rewrite(func(l *projections.Line) { l.Verdict = 0 })), "has no verdict")
}

func TestRule19And22_FailOnBrokenModels(t *testing.T) {
	t.Parallel()
	calls := 0
	assert.Contains(t, breaks(func(t proptest.TB, m projections.Model[payout]) { proptest.AsOf(t, m, payoutHistories()) }, func(m *projections.Model[payout]) {
		m.Document = func(projections.View[payout]) any { calls++; return calls }
	}), "rule 19")
	assert.Contains(t, breaks(func(t proptest.TB, m projections.Model[payout]) { proptest.Transitions(t, m, payoutHistories()) }, func(m *projections.Model[payout]) {
		m.Values = func(_ *payout, to []projections.Value) []projections.Value {
			calls++
			return append(to, projections.Value{Machine: "status", Value: strconv.Itoa(calls)})
		}
	}), "rule 22")
}
