package fsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
)

func TestStepChoosesTheSideOfTheGuard(t *testing.T) {
	t.Parallel()
	m := fsm.Must[uint8](turnstile())
	coin, _ := m.Column("coin")
	locked, _ := m.State("LOCKED")
	require.Equal(t, fsm.Applied, m.Step(locked, coin, 2).Verdict)
	require.Equal(t, "OPEN", m.Name(m.Step(locked, coin, 2).To))
	require.Equal(t, fsm.Noted, m.Step(locked, coin, 1).Verdict)
	require.Equal(t, "d", m.Definition().Reason(m.Step(locked, coin, 1).Cell))
}

func TestNamesThatTheMachineDoesNotHave(t *testing.T) {
	t.Parallel()
	m := fsm.Must[uint8](turnstile())
	_, ok := m.Column("pull")
	require.False(t, ok)
	_, ok = m.State("AJAR")
	require.False(t, ok)
	require.Empty(t, m.Name(99))
	none, ok := m.State("")
	require.True(t, ok)
	require.Zero(t, none)
	_, ok = m.Definition().Index("AJAR")
	require.False(t, ok)
}

func TestTheDefinitionKeepsTheOrderOfTheSpecification(t *testing.T) {
	t.Parallel()
	spec := turnstile()
	for i, j := 0, len(spec.Cells)-1; i < j; i, j = i+1, j-1 {
		spec.Cells[i], spec.Cells[j] = spec.Cells[j], spec.Cells[i]
	}
	d := fsm.Must[uint8](spec).Definition()
	require.Equal(t, []string{"", "LOCKED", "OPEN", "BROKEN"}, d.States)
	require.Equal(t, turnstile().Cells, d.Cells, "by state, event, guarded side first, whatever the order they were declared in")
	require.Equal(t, []string{"BROKEN"}, d.Observed())
}

// Law 2: Step answers every state × event pair of every machine with a declared cell, a verdict and a reason.
func TestLaw2_EveryPairIsDeclared(t *testing.T) {
	t.Parallel()
	total(t, idv.Machine, 43, idv.Facts{}, idv.Facts{Natural: true})
	total(t, user.StatusMachine, 12, struct{}{})
	total(t, user.CategoryMachine, 12, struct{}{})
	total(t, user.KYCMachine, 16, struct{}{})
	total(t, user.SCAMachine, 33, struct{}{})
	total(t, user.InflowsMachine, 6, struct{}{})
	total(t, user.OutflowsMachine, 6, struct{}{})
	total(t, hook.Machine, 15, hook.Facts{}, hook.Facts{Failures: 1}, hook.Facts{Failures: 99, Count: 1})
}

func total[S ~uint8, F any](t *testing.T, m *fsm.Machine[S, F], cells int, facts ...F) {
	t.Helper()
	d := m.Definition()
	hit := map[uint16]bool{}
	for i, from := range d.States {
		for _, event := range d.Events {
			column, ok := m.Column(event)
			require.True(t, ok)
			for _, f := range facts {
				out := m.Step(S(i), column, f)
				c := d.Cells[out.Cell]
				require.Equal(t, [2]string{from, event}, [2]string{c.From, c.Event}, d.Name)
				require.Equal(t, c.Verdict, out.Verdict)
				require.Equal(t, c.Next, m.Name(out.To))
				require.Equal(t, out, m.Step(S(i), column, f), "law 1: same input, same output")
				hit[out.Cell] = true
			}
		}
	}
	require.Len(t, d.Cells, cells, d.Name)
	require.Len(t, hit, cells, "%s: facts that reach every side of every guard", d.Name)
}

// A reason says why this cell and not another has its verdict, so no two cells of one machine share theirs.
func TestLaw9_EveryCellHasAReasonOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		seen := map[string]bool{}
		for _, c := range d.Cells {
			require.False(t, seen[c.Reason], "%s: %s", d.Name, c.Reason)
			seen[c.Reason] = true
			require.Regexp(t, `^[A-Z].{15,}\.$`, c.Reason, "a sentence")
		}
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	session, _ := idv.Machine.Column("IDENTITY_VERIFICATION_INCONCLUSIVE")
	sca, _ := user.SCAMachine.Column("SCA_ENROLLMENT_FAILED")
	failed, _ := hook.Machine.Column(hook.Failed)
	var moved int
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		moved += int(idv.Machine.Step(idv.Pending, session, idv.Facts{Natural: true}).To)
		moved += int(user.SCAMachine.Step(user.SCAEnrolledSucceeded, sca, struct{}{}).To)
		moved += int(hook.Machine.Step(hook.Valid, failed, hook.Facts{Failures: 42, Count: 1}).To)
	}))
	require.Positive(t, moved)
}

func TestVerdictsHaveFixedNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, v := range fsm.Verdicts() {
		text, err := v.MarshalText()
		require.NoError(t, err)
		var back fsm.Verdict
		require.NoError(t, back.UnmarshalText(text))
		require.Equal(t, v, back)
		require.Equal(t, v.String(), string(text))
		names = append(names, v.String())
	}
	require.Equal(t, []string{"first", "applied", "duplicate", "gap", "conflict", "noted"}, names)
	_, err := fsm.Verdict(0).MarshalText()
	require.Error(t, err)
	_, err = fsm.Verdict(7).MarshalText()
	require.Error(t, err)
	require.Equal(t, "verdict(7)", fsm.Verdict(7).String())
	require.Error(t, new(fsm.Verdict).UnmarshalText([]byte("")))
	require.Error(t, new(fsm.Verdict).UnmarshalText([]byte("maybe")))
}
