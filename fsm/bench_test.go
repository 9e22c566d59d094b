package fsm_test

import (
	"context"
	"testing"

	looplab "github.com/looplab/fsm"
	"github.com/qmuntal/stateless"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
)

// BenchmarkStep takes the same walk four times, ACTIVE → PENDING_USER_ACTION → ACTIVE: with our table, with a switch
// written by hand that gives the same outcome, with looplab's Event and with stateless' Fire. Each but the first reports
// how many times as long as the table's last run it took, so run them together:
//
//	go test ./fsm -run '^$' -bench Step -benchmem -count 5
func BenchmarkStep(b *testing.B) {
	walk := []string{"USER_ACCOUNT_VALIDATION_ASKED", "USER_ACCOUNT_ACTIVATED"}
	var table float64
	b.Run("table", func(b *testing.B) { benchTable(b, walk); table = perOp(b) })
	b.Run("table-guarded", func(b *testing.B) { benchGuarded(b); ratio(b, table) })
	b.Run("switch", func(b *testing.B) { benchSwitch(b); ratio(b, table) })
	b.Run("looplab", func(b *testing.B) { benchLooplab(b, walk); ratio(b, table) })
	b.Run("stateless", func(b *testing.B) { benchStateless(b, walk); ratio(b, table) })
}

func perOp(b *testing.B) float64 { return float64(b.Elapsed().Nanoseconds()) / float64(b.N) }

func ratio(b *testing.B, table float64) {
	if table > 0 {
		b.ReportMetric(perOp(b)/table, "x-table")
	}
}

// applied counts outcomes, so that no compiler leaves a step out.
var applied int

func benchTable(b *testing.B, walk []string) {
	m := user.StatusMachine
	var columns [2]fsm.Column
	for i, event := range walk {
		columns[i], _ = m.Column(event)
	}
	s := user.StatusActive
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		out := m.Step(s, columns[i&1], struct{}{})
		s = out.To
		applied += int(out.Verdict)
	}
}

func benchGuarded(b *testing.B) {
	column, _ := idv.Machine.Column("IDENTITY_VERIFICATION_INCONCLUSIVE")
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		out := idv.Machine.Step(idv.Pending, column, idv.Facts{Natural: i&1 == 0})
		applied += int(out.Verdict)
	}
}

func benchSwitch(b *testing.B) {
	columns := [2]fsm.Column{0, 1}
	s := user.StatusActive
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		out := byHand(s, columns[i&1])
		s = out.To
		applied += int(out.Verdict)
	}
}

func byHand(s user.Status, c fsm.Column) fsm.Outcome[user.Status] {
	out := fsm.Outcome[user.Status]{From: s, To: s, Verdict: fsm.Duplicate, Cell: uint16(s)*3 + uint16(c)}
	target := [...]user.Status{user.StatusPendingUserAction, user.StatusActive, user.StatusClosed}[c]
	switch s {
	case target:
	case user.StatusNone:
		out.Verdict, out.To = fsm.First, target
	case user.StatusClosed:
		out.Verdict = fsm.Conflict
	default:
		out.Verdict, out.To = fsm.Applied, target
	}
	return out
}

func TestTheSwitchOfTheBenchmarkAgreesWithTheTable(t *testing.T) {
	t.Parallel()
	for s := range user.Status(4) {
		for c := range fsm.Column(3) {
			if want, got := user.StatusMachine.Step(s, c, struct{}{}), byHand(s, c); want != got {
				t.Errorf("%s × %d: the table says %+v, the switch %+v", s, c, want, got)
			}
		}
	}
}

func benchLooplab(b *testing.B, walk []string) {
	object := looplab.NewFSM("ACTIVE", looplab.Events{
		{Name: "USER_ACCOUNT_VALIDATION_ASKED", Src: []string{"", "ACTIVE"}, Dst: "PENDING_USER_ACTION"},
		{Name: "USER_ACCOUNT_ACTIVATED", Src: []string{"", "PENDING_USER_ACTION"}, Dst: "ACTIVE"},
		{Name: "USER_ACCOUNT_CLOSED", Src: []string{"", "ACTIVE", "PENDING_USER_ACTION"}, Dst: "CLOSED"},
	}, nil)
	ctx := context.Background()
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := object.Event(ctx, walk[i&1]); err != nil {
			b.Fatal(err)
		}
	}
}

func benchStateless(b *testing.B, walk []string) {
	object := stateless.NewStateMachine("ACTIVE")
	object.Configure("ACTIVE").Permit("USER_ACCOUNT_VALIDATION_ASKED", "PENDING_USER_ACTION").Permit("USER_ACCOUNT_CLOSED", "CLOSED")
	object.Configure("PENDING_USER_ACTION").Permit("USER_ACCOUNT_ACTIVATED", "ACTIVE").Permit("USER_ACCOUNT_CLOSED", "CLOSED")
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		if err := object.Fire(walk[i&1]); err != nil {
			b.Fatal(err)
		}
	}
}
