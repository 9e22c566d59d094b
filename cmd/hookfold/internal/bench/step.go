package bench

import (
	"context"
	"fmt"

	looplab "github.com/looplab/fsm"

	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/user"
)

// stepCourse walks between two states by two events.
func stepCourse() course {
	return newCourse(Table{
		Name: "step", Title: "One step of a state machine",
		Note: "UserStatus, ACTIVE → PENDING_USER_ACTION → ACTIVE, on one goroutine; looplab as often as the streams have events, Step 20 times as often.",
		Figures: []Figure{
			{Case: "looplab", What: "looplab/fsm, Event of a live object"},
			{Case: "ours", What: "Step with state, verdict and cell", Targets: []Target{
				{Column: "ns", AtMost: 15}, {Column: "× looplab", AtLeast: 30},
			}},
		},
	}, []column{
		figure("ns", lap.nanos), figure("allocations", lap.perAlloc), {"× looplab", faster("looplab")},
	}, []string{"looplab"}, func(_ context.Context, c Config) (*field, error) {
		return &field{close: func() error { return nil }, run: map[string]func(context.Context) (lap, error){
			"looplab": func(ctx context.Context) (lap, error) { return stepLooplab(ctx, c.Events&^1) },
			"ours":    func(context.Context) (lap, error) { return stepOurs(20 * c.Events) },
		}}, nil
	})
}

// stepLooplab takes an even number of steps, so that the walk ends where it began.
func stepLooplab(ctx context.Context, n int) (lap, error) {
	object := looplab.NewFSM("ACTIVE", afternoonTables[0].events, nil)
	walk := [2]string{string(mangopay.UserAccountValidationAsked), string(mangopay.UserAccountActivated)}
	l, err := timed(n, func() error {
		for i := range n {
			if err := object.Event(ctx, walk[i&1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && object.Current() != "ACTIVE" {
		err = fmt.Errorf("the walk ends in %s", object.Current())
	}
	return l, err
}

// stepOurs takes an even number of steps.
func stepOurs(n int) (lap, error) {
	m := user.StatusMachine
	asked, _ := m.Column(string(mangopay.UserAccountValidationAsked))
	activated, _ := m.Column(string(mangopay.UserAccountActivated))
	walk := [2]fsm.Column{asked, activated}
	state, applied := user.StatusActive, 0
	l, _ := timed(n, func() error {
		for i := range n {
			out := m.Step(state, walk[i&1], struct{}{})
			state = out.To
			if out.Verdict == fsm.Applied {
				applied++
			}
		}
		return nil
	})
	if state != user.StatusActive || applied != n {
		return l, fmt.Errorf("the walk ends in state %d with %d of %d steps applied", state, applied, n)
	}
	return l, nil
}
