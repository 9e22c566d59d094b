package live_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	looplab "github.com/looplab/fsm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/live"
	"github.com/hookfold/hookfold/fsm/user"
)

const (
	pending      = "IDENTITY_VERIFICATION_PENDING"
	inconclusive = "IDENTITY_VERIFICATION_INCONCLUSIVE"
	validated    = "IDENTITY_VERIFICATION_VALIDATED"
	refused      = "IDENTITY_VERIFICATION_FAILED"
	outdated     = "IDENTITY_VERIFICATION_OUTDATED"
)

func session(t *testing.T, initial string, cb looplab.Callbacks) *live.FSM {
	t.Helper()
	f, err := live.New(idv.Machine, initial, nil, cb)
	require.NoError(t, err)
	return f
}

func TestCallbacksRunInLooplabsOrder(t *testing.T) {
	t.Parallel()
	var got []string
	cb := looplab.Callbacks{}
	var f *live.FSM
	for _, name := range []string{
		"before_" + validated, "before_event", "leave_PENDING", "leave_state", "VALIDATED", "enter_state", validated, "after_event", "enter_REFUSED",
	} {
		cb[name] = func(_ context.Context, e *looplab.Event) {
			got = append(got, name+" in "+f.Current())
			require.Equal(t, []any{"arg"}, e.Args)
			require.Equal(t, [3]string{validated, "PENDING", "VALIDATED"}, [3]string{e.Event, e.Src, e.Dst})
		}
	}
	f = session(t, "PENDING", cb)
	require.NoError(t, f.Event(context.Background(), validated, "arg"))
	require.Equal(t, []string{
		"before_" + validated + " in PENDING", "before_event in PENDING", "leave_PENDING in PENDING", "leave_state in PENDING",
		"VALIDATED in VALIDATED", "enter_state in VALIDATED", validated + " in VALIDATED", "after_event in VALIDATED",
	}, got)
}

func TestTheTableJudges(t *testing.T) {
	t.Parallel()
	calls := 0
	f := session(t, "", looplab.Callbacks{"before_event": func(context.Context, *looplab.Event) { calls++ }})
	ctx := context.Background()
	require.NoError(t, f.Event(ctx, pending), "first")
	require.NoError(t, f.Event(ctx, pending), "duplicate: nothing to do")
	require.Equal(t, 1, calls)
	require.NoError(t, f.Event(ctx, outdated), "gap: it moves")
	require.Equal(t, "OUT_OF_DATE", f.Current())

	err := f.Event(ctx, validated)
	require.ErrorIs(t, err, live.ErrRefused)
	var illegal *live.RefusedError
	require.ErrorAs(t, err, &illegal)
	require.Equal(t, fsm.Conflict, illegal.Explanation.Verdict)
	require.Len(t, illegal.Explanation.Path, 2)
	require.Contains(t, err.Error(), illegal.Explanation.Reason)
	require.Equal(t, "OUT_OF_DATE", f.Current())

	require.ErrorIs(t, f.Event(ctx, "IDENTITY_VERIFICATION_TYPO"), live.ErrUnknown)
	_, err = f.Explain("IDENTITY_VERIFICATION_TYPO")
	require.ErrorIs(t, err, live.ErrUnknown)
	require.Equal(t, 2, calls)
}

func TestGuardsAskForFactsOnceAndBeforeCallbacks(t *testing.T) {
	t.Parallel()
	asked := 0
	counter := hook.Counter{Validity: hook.Valid, Failures: 99}
	f, err := live.New(hook.Machine, "VALID", func() hook.Facts {
		asked++
		return hook.Facts{Failures: counter.Failures, Count: 1}
	}, nil)
	require.NoError(t, err)
	e, err := f.Explain(hook.Failed)
	require.NoError(t, err)
	require.Equal(t, "INVALID", e.To)
	require.Equal(t, "VALID", f.Current(), "Explain does nothing")
	require.NoError(t, f.Event(context.Background(), hook.Failed))
	require.Equal(t, "INVALID", f.Current())
	require.Equal(t, 2, asked)

	g, err := live.New(idv.Machine, "PENDING", func() idv.Facts { return idv.Facts{Natural: true} }, nil)
	require.NoError(t, err)
	var illegal *live.RefusedError
	require.ErrorAs(t, g.Event(context.Background(), inconclusive), &illegal)
	require.Equal(t, "natural=true", illegal.Explanation.Guard.Saw)
}

func TestAnAppliedCellThatStaysIsNoError(t *testing.T) {
	t.Parallel()
	var got []string
	cb := looplab.Callbacks{}
	for _, name := range []string{"before_event", "leave_state", "enter_state", "after_event"} {
		cb[name] = func(context.Context, *looplab.Event) { got = append(got, name) }
	}
	f, err := live.New(hook.Machine, "VALID", func() hook.Facts { return hook.Facts{Failures: 3, Count: 1} }, cb)
	require.NoError(t, err)
	require.NoError(t, f.Event(context.Background(), hook.Failed), "looplab says NoTransitionError")
	require.Equal(t, []string{"before_event", "after_event"}, got)
}

func TestHazard_ACancelledContextLeavesNothingPending(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cb := looplab.Callbacks{"leave_PENDING": func(inner context.Context, _ *looplab.Event) {
		cancel()
		require.NoError(t, inner.Err(), "callbacks see no cancellation")
	}}

	// This is what looplab alone does, and the reason for the fence.
	events := live.EventsFor(idv.Machine, idv.Facts{})
	bare := looplab.NewFSM("PENDING", events, looplab.Callbacks{"leave_PENDING": func(context.Context, *looplab.Event) { cancel() }})
	require.ErrorIs(t, bare.Event(ctx, validated), context.Canceled)
	require.ErrorAs(t, bare.Event(context.Background(), validated), &looplab.InTransitionError{}, "stuck for ever")

	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	f := session(t, "PENDING", cb)
	require.NoError(t, f.Event(ctx, validated))
	require.NoError(t, f.Event(ctx, outdated), "also under a context that is cancelled already")
	require.Equal(t, "OUT_OF_DATE", f.Current())
}

func TestHazard_ContextValuesReachCallbacks(t *testing.T) {
	t.Parallel()
	type key struct{}
	var got any
	f := session(t, "PENDING", looplab.Callbacks{"VALIDATED": func(ctx context.Context, _ *looplab.Event) { got = ctx.Value(key{}) }})
	require.NoError(t, f.Event(context.WithValue(context.Background(), key{}, 7), validated))
	require.Equal(t, 7, got)
}

func TestHazard_AsyncIsRefusedAndLeavesNothingPending(t *testing.T) {
	t.Parallel()
	slow := true
	f := session(t, "PENDING", looplab.Callbacks{"leave_PENDING": func(_ context.Context, e *looplab.Event) {
		if slow {
			e.Async()
		}
	}})
	require.ErrorIs(t, f.Event(context.Background(), validated), live.ErrAsync)
	require.Equal(t, "PENDING", f.Current())
	slow = false
	require.NoError(t, f.Event(context.Background(), refused))
	require.Equal(t, "REFUSED", f.Current())
}

func TestHazard_APanicLeavesNothingPending(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]string{
		"before_" + validated: "PENDING", "leave_PENDING": "PENDING", "enter_VALIDATED": "VALIDATED", "after_event": "VALIDATED",
	} {
		f := session(t, "PENDING", looplab.Callbacks{name: func(context.Context, *looplab.Event) { panic(name) }})
		require.PanicsWithValue(t, name, func() { _ = f.Event(context.Background(), validated) })
		require.Equal(t, after, f.Current())
		if after == "PENDING" {
			require.PanicsWithValue(t, name, func() { _ = f.Event(context.Background(), validated) }, "the turn is free again")
		} else {
			require.ErrorIs(t, f.Event(context.Background(), refused), live.ErrRefused, "the turn is free again")
		}
	}
}

func TestHazard_CancelKeepsTheState(t *testing.T) {
	t.Parallel()
	no := errors.New("not today")
	for _, name := range []string{"before_event", "leave_state"} {
		f := session(t, "PENDING", looplab.Callbacks{name: func(_ context.Context, e *looplab.Event) { e.Cancel(no) }})
		err := f.Event(context.Background(), validated)
		require.ErrorIs(t, err, live.ErrCancelled)
		require.ErrorIs(t, err, no)
		require.Equal(t, "PENDING", f.Current())
	}
}

func TestHazard_AnErrorAfterTheMoveSaysThatItMoved(t *testing.T) {
	t.Parallel()
	late := errors.New("mail server away")
	f := session(t, "PENDING", looplab.Callbacks{
		"enter_VALIDATED":   func(_ context.Context, e *looplab.Event) { e.Cancel(late) },
		"after_" + outdated: func(_ context.Context, e *looplab.Event) { e.Err = late },
	})
	err := f.Event(context.Background(), validated)
	require.ErrorIs(t, err, live.ErrAfter)
	require.ErrorIs(t, err, late)
	require.Equal(t, "VALIDATED", f.Current())
	require.ErrorIs(t, f.Event(context.Background(), outdated), live.ErrAfter)

	stays, err := live.New(hook.Machine, "VALID", func() hook.Facts { return hook.Facts{Failures: 3} },
		looplab.Callbacks{"after_event": func(_ context.Context, e *looplab.Event) { e.Err = late }})
	require.NoError(t, err)
	err = stays.Event(context.Background(), hook.Succeeded)
	require.ErrorIs(t, err, live.ErrAfter)
	require.ErrorIs(t, err, late)
}

func TestHazard_ANestedEventBeforeTheMoveIsRefusedNotDeadlocked(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"before_event", "leave_state"} {
		var f *live.FSM
		var nested error
		f = session(t, "PENDING", looplab.Callbacks{name: func(ctx context.Context, _ *looplab.Event) { nested = f.Event(ctx, refused) }})
		require.NoError(t, f.Event(context.Background(), validated))
		require.ErrorIs(t, nested, live.ErrNested)
		require.Equal(t, "VALIDATED", f.Current())
	}
}

func TestHazard_ANestedEventAfterTheMoveIsTaken(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"enter_VALIDATED", "after_" + validated} {
		var f *live.FSM
		var states []string
		f = session(t, "PENDING", looplab.Callbacks{
			name:                func(ctx context.Context, _ *looplab.Event) { require.NoError(t, f.Event(ctx, outdated)) },
			"enter_OUT_OF_DATE": func(context.Context, *looplab.Event) { states = append(states, f.Current()) },
		})
		require.NoError(t, f.Event(context.Background(), validated))
		require.Equal(t, []string{"OUT_OF_DATE"}, states)
		require.Equal(t, "OUT_OF_DATE", f.Current())
	}
}

func TestHazard_TheContextOfAnOuterEventCannotPassAnInnerOne(t *testing.T) {
	t.Parallel()
	var f *live.FSM
	var outer context.Context
	var nested error
	f = session(t, "PENDING", looplab.Callbacks{
		"enter_VALIDATED":   func(ctx context.Context, _ *looplab.Event) { outer = ctx; require.NoError(t, f.Event(ctx, outdated)) }, //nolint:fatcontext // kept on purpose
		"enter_OUT_OF_DATE": func(context.Context, *looplab.Event) { nested = f.Event(outer, pending) },
	})
	require.NoError(t, f.Event(context.Background(), validated))
	require.ErrorIs(t, nested, live.ErrNested)
	require.ErrorIs(t, f.Event(outer, pending), live.ErrRefused, "a context kept for later is like any other")
}

func TestHazard_TheObjectInACallbackOnlyTellsTheState(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	look := func(name string) looplab.Callback {
		return func(ctx context.Context, e *looplab.Event) {
			seen[name] = e.FSM.Current()
			e.FSM.SetState("REFUSED")
			require.ErrorAs(t, e.FSM.Event(ctx, outdated), &looplab.UnknownEventError{}, "neither a deadlock nor a way past the table")
		}
	}
	f := session(t, "PENDING", looplab.Callbacks{"before_event": look("before"), "enter_state": look("enter")})
	require.NoError(t, f.Event(context.Background(), validated))
	require.Equal(t, map[string]string{"before": "PENDING", "enter": "VALIDATED"}, seen)
	require.Equal(t, "VALIDATED", f.Current())
}

func TestHazard_NothingKnownHasCallbacksOfItsOwn(t *testing.T) {
	t.Parallel()
	calls := map[string]int{}
	count := func(name string) looplab.Callback {
		return func(_ context.Context, e *looplab.Event) {
			calls[name]++
			require.Equal(t, live.Nothing, e.Src)
		}
	}
	f := session(t, "", looplab.Callbacks{"leave_state": count("general"), "leave_" + live.Nothing: count("own")})
	require.NoError(t, f.Event(context.Background(), pending))
	require.Equal(t, map[string]int{"general": 1, "own": 1}, calls, "looplab alone calls the general one twice")
}

func TestHazard_CallbacksThatFitNothingAreRefusedTogether(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, *looplab.Event) {}
	_, err := live.New(idv.Machine, "", nil, looplab.Callbacks{
		"enter_VALIDATD": nothing, "leave_": nothing, "before_PENDING": nothing, "event": nothing,
		"VALIDATED": nothing, "enter_VALIDATED": nothing, "after_event": nil,
	})
	require.ErrorIs(t, err, live.ErrCallbacks)
	for _, part := range []string{
		`"enter_VALIDATD" names no`, `"leave_" names no`, `"before_PENDING" names no`, `"event" names no`,
		`"VALIDATED" and "enter_VALIDATED" are the same`, `"after_event" is nil`,
	} {
		require.ErrorContains(t, err, part)
	}
}

func TestHazard_NamesThatLooplabConfusesAreRefused(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"state", "go"}, {"go", "go"}, {live.Nothing, "go"}, {"ON", "event"}} {
		m := fsm.Must[uint8](fsm.Spec[struct{}]{
			Name: "lamp", States: []string{names[0]}, Events: []string{names[1]},
			Cells: []fsm.Cell{
				{From: "", Event: names[1], Verdict: fsm.First, Next: names[0], Reason: "r"},
				{From: names[0], Event: names[1], Verdict: fsm.Duplicate, Next: names[0], Reason: "r"},
			},
		})
		_, err := live.New(m, "", nil, nil)
		require.ErrorIs(t, err, live.ErrCallbacks, names)
	}
}

func TestNewRefusesAnUnknownState(t *testing.T) {
	t.Parallel()
	_, err := live.New(idv.Machine, "TIMEOUT", nil, nil)
	require.ErrorIs(t, err, live.ErrUnknown)
	require.ErrorContains(t, err, "have PENDING, REVIEW")
}

func TestEventsOfManyGoroutinesTakeTurns(t *testing.T) {
	t.Parallel()
	var inside, moves atomic.Int32
	cb := looplab.Callbacks{
		"before_event": func(context.Context, *looplab.Event) { assert.EqualValues(t, 1, inside.Add(1)) },
		"after_event":  func(context.Context, *looplab.Event) { inside.Add(-1); moves.Add(1) },
	}
	f, err := live.New(user.InflowsMachine, "", nil, cb)
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				_ = f.Event(context.Background(), "USER_INFLOWS_BLOCKED")
				_ = f.Event(context.Background(), "USER_INFLOWS_UNBLOCKED")
				_ = f.Current()
			}
		})
	}
	all.Wait()
	require.Equal(t, "UNBLOCKED", f.Current())
	require.GreaterOrEqual(t, moves.Load(), int32(2))
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	t.Parallel()
	var f *live.FSM
	var waited error
	f = session(t, "PENDING", looplab.Callbacks{"enter_VALIDATED": func(context.Context, *looplab.Event) {
		foreign, cancel := context.WithCancel(context.Background())
		cancel()
		waited = f.Event(foreign, outdated)
	}})
	require.NoError(t, f.Event(context.Background(), validated))
	require.ErrorIs(t, waited, context.Canceled)
	require.ErrorContains(t, waited, "another event was under way")
	require.Equal(t, "VALIDATED", f.Current())
}

func TestACallbackWaitsForItsOwnGoroutine(t *testing.T) {
	t.Parallel()
	var f *live.FSM
	var started sync.WaitGroup
	var late error
	ended := false
	entered, release := make(chan struct{}), make(chan struct{})
	f = session(t, "PENDING", looplab.Callbacks{
		"enter_VALIDATED": func(ctx context.Context, _ *looplab.Event) {
			started.Go(func() { late = f.Event(ctx, outdated) })
			<-entered
			close(release)
		},
		"enter_OUT_OF_DATE": func(context.Context, *looplab.Event) { close(entered); <-release },
		"after_" + outdated: func(context.Context, *looplab.Event) { ended = true },
	})
	require.NoError(t, f.Event(context.Background(), validated))
	require.True(t, ended, "Event returns when the event of the goroutine has ended")
	require.Equal(t, "OUT_OF_DATE", f.Current())
	started.Wait()
	require.NoError(t, late)
}

func TestHazard_AContextKeptForLaterWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	var f *live.FSM
	var kept context.Context
	var waited error
	f = session(t, "PENDING", looplab.Callbacks{
		"enter_VALIDATED": func(ctx context.Context, _ *looplab.Event) { kept = ctx }, //nolint:fatcontext // kept on purpose
		"enter_OUT_OF_DATE": func(context.Context, *looplab.Event) {
			ended, cancel := context.WithCancel(kept)
			cancel()
			waited = f.Event(ended, pending)
		},
	})
	require.NoError(t, f.Event(context.Background(), validated))
	require.NoError(t, f.Event(context.Background(), outdated))
	require.ErrorIs(t, waited, context.Canceled, "the event that it came from is over")
}
