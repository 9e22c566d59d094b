package live_test

import (
	"context"
	"testing"

	looplab "github.com/looplab/fsm"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/live"
	"github.com/hookfold/hookfold/fsm/user"
)

func TestEventsExportsTheMovingCells(t *testing.T) {
	t.Parallel()
	events, err := live.Events(user.CategoryMachine.Definition())
	require.NoError(t, err)
	require.Equal(t, looplab.Events{
		{Name: "USER_CATEGORY_UPDATED_TO_OWNER", Src: []string{"", "PAYER", "PLATFORM"}, Dst: "OWNER"},
		{Name: "USER_CATEGORY_UPDATED_TO_PAYER", Src: []string{"", "OWNER", "PLATFORM"}, Dst: "PAYER"},
		{Name: "USER_CATEGORY_UPDATED_TO_PLATFORM", Src: []string{"", "PAYER", "OWNER"}, Dst: "PLATFORM"},
	}, events)
}

func TestEventsRefusesGuardedCellsAndNamesThemAll(t *testing.T) {
	t.Parallel()
	_, err := live.Events(idv.Machine.Definition())
	require.ErrorIs(t, err, live.ErrGuarded)
	require.ErrorContains(t, err, `"PENDING" × IDENTITY_VERIFICATION_INCONCLUSIVE depends on not_natural`)

	_, err = live.Events(hook.Machine.Definition())
	require.ErrorIs(t, err, live.ErrGuarded)
	require.ErrorContains(t, err, `"VALID" × hookfold.hook.delivery.failed depends on below_limit`, "two targets")
	require.ErrorContains(t, err, `"VALID" × hookfold.hook.delivery.succeeded depends on failing`, "it moves on one side only")
}

func TestEventsTakesAGuardThatDecidesOnlyTheReason(t *testing.T) {
	t.Parallel()
	m := fsm.Must[uint8](fsm.Spec[bool]{
		Name: "lamp", States: []string{"ON"}, Events: []string{"on"},
		Guards: map[string]fsm.Guard[bool]{"day": {
			Meaning: "it is day", Holds: func(b bool) bool { return b }, Saw: func(bool) string { return "" },
		}},
		Cells: []fsm.Cell{
			{From: "", Event: "on", Guard: "day", Verdict: fsm.First, Next: "ON", Reason: "By day."},
			{From: "", Event: "on", Guard: "!day", Verdict: fsm.First, Next: "ON", Reason: "By night."},
			{From: "ON", Event: "on", Verdict: fsm.Duplicate, Next: "ON", Reason: "It is on."},
		},
	})
	events, err := live.Events(m.Definition())
	require.NoError(t, err)
	require.Equal(t, looplab.Events{{Name: "on", Src: []string{""}, Dst: "ON"}}, events)
}

// Built from the export, looplab moves exactly where Step moves, in every cell and under every kind of facts.
func TestExportsMoveWhereStepMoves(t *testing.T) {
	t.Parallel()
	sameMoves(t, user.StatusMachine, struct{}{})
	sameMoves(t, user.CategoryMachine, struct{}{})
	sameMoves(t, user.KYCMachine, struct{}{})
	sameMoves(t, user.SCAMachine, struct{}{})
	sameMoves(t, user.InflowsMachine, struct{}{})
	sameMoves(t, user.OutflowsMachine, struct{}{})
	for _, natural := range []bool{false, true} {
		sameMoves(t, idv.Machine, idv.Facts{Natural: natural})
	}
	for _, n := range []int{0, 1, 98, 99} {
		sameMoves(t, hook.Machine, hook.Facts{Failures: n, Count: 1})
	}
}

func sameMoves[S ~uint8, F any](t *testing.T, m *fsm.Machine[S, F], facts F) {
	t.Helper()
	d := m.Definition()
	events := live.EventsFor(m, facts)
	if plain, err := live.Events(d); err == nil {
		require.ElementsMatch(t, plain, events)
	}
	for i, from := range d.States {
		for _, event := range d.Events {
			column, _ := m.Column(event)
			out := m.Step(S(i), column, facts)
			object := looplab.NewFSM(from, events, nil)
			err := object.Event(context.Background(), event)
			require.Equal(t, m.Name(out.To), object.Current(), "%s: %s in %q", d.Name, event, from)
			switch {
			case !out.Verdict.Moves():
				require.Error(t, err)
				require.NotErrorAs(t, err, &looplab.NoTransitionError{})
			case out.To == out.From:
				require.ErrorAs(t, err, &looplab.NoTransitionError{})
			default:
				require.NoError(t, err)
			}
		}
	}
}
