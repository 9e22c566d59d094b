package fsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
)

func TestPermittedListsArrowsInTheOrderOfEvents(t *testing.T) {
	t.Parallel()
	session := idv.Machine.Definition()
	require.Equal(t, session.Events, session.Permitted(""), "of nothing known everything is first")
	require.Equal(t, []string{
		"IDENTITY_VERIFICATION_INCONCLUSIVE", "IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_FAILED", "IDENTITY_VERIFICATION_EXPIRED",
	}, session.Permitted("PENDING"), "guarded arrows count, a gap does not")
	require.Empty(t, session.Permitted("REFUSED"))
	require.Empty(t, session.Permitted("NO_SUCH_STATE"))
	require.Equal(t, []string{"hookfold.hook.delivery.succeeded", "hookfold.hook.delivery.failed"}, hook.Machine.Definition().Permitted("VALID"))
}

func TestPathIsTheShortestLegalOne(t *testing.T) {
	t.Parallel()
	session := idv.Machine.Definition()
	steps, ok := session.Path("PENDING", "OUT_OF_DATE")
	require.True(t, ok)
	require.Equal(t, []fsm.Step{
		{Event: "IDENTITY_VERIFICATION_VALIDATED", To: "VALIDATED"},
		{Event: "IDENTITY_VERIFICATION_OUTDATED", To: "OUT_OF_DATE"},
	}, steps)

	steps, ok = session.Path("PENDING", "REVIEW")
	require.True(t, ok)
	require.Equal(t, []fsm.Step{{Event: "IDENTITY_VERIFICATION_INCONCLUSIVE", To: "REVIEW", Guard: "not_natural"}}, steps)

	steps, ok = session.Path("REVIEW", "REVIEW")
	require.True(t, ok)
	require.Empty(t, steps)

	for _, pair := range [][2]string{{"REFUSED", "VALIDATED"}, {"PENDING", ""}, {"PENDING", "NO_SUCH_STATE"}, {"NO_SUCH_STATE", "PENDING"}} {
		_, ok = session.Path(pair[0], pair[1])
		require.False(t, ok, "%s → %s", pair[0], pair[1])
	}
}

func TestPathTakesNoGap(t *testing.T) {
	t.Parallel()
	_, ok := user.CategoryMachine.Definition().Path("PLATFORM", "OWNER")
	require.False(t, ok)
	steps, ok := user.CategoryMachine.Definition().Path("PAYER", "PLATFORM")
	require.True(t, ok)
	require.Len(t, steps, 2)
}

func TestPathsReachEveryLegalStateInTheOrderOfStates(t *testing.T) {
	t.Parallel()
	require.Equal(t, []fsm.Route{
		{To: "REGULAR", Steps: []fsm.Step{{Event: "USER_KYC_REGULAR", To: "REGULAR"}}},
		{To: "REGULAR+due", Steps: []fsm.Step{{Event: "USER_KYC_REGULAR", To: "REGULAR"}, {Event: "USER_KYC_RENEWAL_REQUIRED", To: "REGULAR+due"}}},
	}, user.KYCMachine.Definition().Paths("LIGHT"))
	require.Empty(t, idv.Machine.Definition().Paths("EXPIRED"))
}

// Every path that any machine offers is walked by Step, which must agree with each of its steps.
func TestPathsAreWhatStepDoes(t *testing.T) {
	t.Parallel()
	walkPaths(t, user.StatusMachine)
	walkPaths(t, user.CategoryMachine)
	walkPaths(t, user.KYCMachine)
	walkPaths(t, user.SCAMachine)
	walkPaths(t, user.InflowsMachine)
	walkPaths(t, user.OutflowsMachine)
}

func walkPaths[S ~uint8](t *testing.T, m *fsm.Machine[S, struct{}]) {
	t.Helper()
	d := m.Definition()
	for _, from := range d.States {
		for _, route := range d.Paths(from) {
			s, _ := m.State(from)
			for _, step := range route.Steps {
				c, ok := m.Column(step.Event)
				require.True(t, ok)
				out := m.Step(s, c, struct{}{})
				require.Contains(t, []fsm.Verdict{fsm.First, fsm.Applied}, out.Verdict)
				require.Equal(t, step.To, m.Name(out.To))
				s = out.To
			}
			require.Equal(t, route.To, m.Name(s))
		}
	}
}

func TestReachesFollowsAppliedCellsOnly(t *testing.T) {
	t.Parallel()
	session := idv.Machine.Definition()
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"PENDING", "VALIDATED", true},
		{"PENDING", "OUT_OF_DATE", true}, // over VALIDATED; its own cell is a gap
		{"PENDING", "REVIEW", true},      // guard sides count as possible
		{"VALIDATED", "PENDING", false},
		{"REFUSED", "VALIDATED", false},
		{"PENDING", "PENDING", false},
		{"", "PENDING", false}, // first is not applied
		{"PENDING", "NO_SUCH_STATE", false},
		{"NO_SUCH_STATE", "PENDING", false},
	} {
		require.Equal(t, c.want, session.Reaches(c.from, c.to), "%q → %q", c.from, c.to)
	}
	status := user.StatusMachine.Definition()
	require.True(t, status.Reaches("ACTIVE", "ACTIVE"), "a cycle")
	require.False(t, status.Reaches("CLOSED", "CLOSED"))
	require.True(t, hook.Machine.Definition().Reaches("VALID", "VALID"), "an applied cell that stays")
}

func TestArrowKnowsTheVerdict(t *testing.T) {
	t.Parallel()
	session := idv.Machine.Definition()
	require.True(t, session.Arrow("PENDING", "OUT_OF_DATE", fsm.Gap))
	require.False(t, session.Arrow("PENDING", "OUT_OF_DATE", fsm.Applied))
	require.True(t, session.Arrow("", "PENDING", fsm.First))
	require.True(t, session.Arrow("VALIDATED", "VALIDATED", fsm.Duplicate))
	require.True(t, session.Arrow("VALIDATED", "VALIDATED", fsm.Conflict))
	require.False(t, session.Arrow("VALIDATED", "VALIDATED", fsm.Noted))
	require.False(t, session.Arrow("VALIDATED", "OUT_OF_DATE", 0), "reachability is no verdict")
	require.False(t, session.Arrow("NO_SUCH_STATE", "PENDING", fsm.Applied))
}

// The tables by number hold what a plain search over the cells finds.
func TestRelationsAgreeWithTheCells(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		for _, from := range d.States {
			seen := appliedFrom(d, from)
			for _, to := range d.States {
				f, _ := d.Index(from)
				g, _ := d.Index(to)
				require.Equal(t, seen[to], d.ReachesIndex(f, g), "%s: %q → %q", d.Name, from, to)
				for _, v := range fsm.Verdicts() {
					require.Equal(t, hasCell(d, from, to, v), d.ArrowIndex(f, g, v), "%s: %q → %q %s", d.Name, from, to, v)
				}
			}
		}
	}
}

func appliedFrom(d *fsm.Definition, from string) map[string]bool {
	seen := map[string]bool{}
	queue := []string{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, c := range d.Cells {
			if c.From == at && c.Verdict == fsm.Applied && !seen[c.Next] {
				seen[c.Next] = true
				queue = append(queue, c.Next)
			}
		}
	}
	return seen
}

func hasCell(d *fsm.Definition, from, to string, v fsm.Verdict) bool {
	for _, c := range d.Cells {
		if c.From == from && c.Next == to && c.Verdict == v {
			return true
		}
	}
	return false
}

func TestRelationsAreAskedWithoutAllocation(t *testing.T) {
	d := idv.Machine.Definition()
	from, to := uint8(idv.Pending), uint8(idv.Validated)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if !d.ReachesIndex(from, to) || !d.ArrowIndex(from, to, fsm.Applied) || !d.Reaches("PENDING", "VALIDATED") {
			panic("lost")
		}
	}))
}
