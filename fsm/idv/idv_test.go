package idv_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/idv"
)

const prefix = "IDENTITY_VERIFICATION_"

func step(t *testing.T, from idv.State, event string, natural bool) fsm.Outcome[idv.State] {
	t.Helper()
	c, ok := idv.Machine.Column(prefix + event)
	require.True(t, ok, event)
	return idv.Machine.Step(from, c, idv.Facts{Natural: natural})
}

func TestS3_TheArrowsOfTheGuide(t *testing.T) {
	t.Parallel()
	for _, a := range []struct {
		from  idv.State
		event string
		to    idv.State
	}{
		{idv.Pending, "VALIDATED", idv.Validated},
		{idv.Pending, "FAILED", idv.Refused},
		{idv.Pending, "INCONCLUSIVE", idv.Review},
		{idv.Review, "VALIDATED", idv.Validated},
		{idv.Review, "FAILED", idv.Refused},
		{idv.Validated, "OUTDATED", idv.OutOfDate},
	} {
		out := step(t, a.from, a.event, false)
		require.Equal(t, fsm.Applied, out.Verdict, "%s × %s", a.from, a.event)
		require.Equal(t, a.to, out.To)
	}
}

func TestSection12_1_AnUnknownSessionTakesEveryFirstWord(t *testing.T) {
	t.Parallel()
	for event, to := range map[string]idv.State{
		"PENDING": idv.Pending, "INCONCLUSIVE": idv.Review, "VALIDATED": idv.Validated,
		"FAILED": idv.Refused, "OUTDATED": idv.OutOfDate, "EXPIRED": idv.Expired,
	} {
		out := step(t, idv.None, event, false)
		require.Equal(t, fsm.First, out.Verdict, event)
		require.Equal(t, to, out.To, event)
	}
}

func TestTrap14_ReviewOfANaturalUserIsAConflict(t *testing.T) {
	t.Parallel()
	out := step(t, idv.Pending, "INCONCLUSIVE", true)
	require.Equal(t, fsm.Conflict, out.Verdict)
	require.Equal(t, idv.Pending, out.To)
	require.Equal(t, fsm.First, step(t, idv.None, "INCONCLUSIVE", true).Verdict, "nothing known is always first")
	column, _ := idv.Machine.Column(prefix + "INCONCLUSIVE")
	guard := idv.Machine.Explain(idv.Pending, column, idv.Facts{Natural: true}).Guard
	require.Equal(t, "not_natural", guard.Name)
	require.Equal(t, "natural=true", guard.Saw)
	require.Equal(t, fsm.Duplicate, step(t, idv.Review, "INCONCLUSIVE", true).Verdict, "what is already so needs no guard")
}

func TestSection12_1_ANewerEventNeverGoesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from  idv.State
		event string
	}{
		{idv.Review, "PENDING"}, {idv.Validated, "PENDING"}, {idv.Refused, "INCONCLUSIVE"}, {idv.OutOfDate, "VALIDATED"},
		{idv.Validated, "FAILED"}, {idv.Refused, "VALIDATED"}, {idv.Refused, "OUTDATED"}, {idv.Expired, "VALIDATED"},
		{idv.Review, "EXPIRED"},
	} {
		out := step(t, c.from, c.event, false)
		require.Equal(t, fsm.Conflict, out.Verdict, "%s × %s", c.from, c.event)
		require.Equal(t, c.from, out.To)
	}
}

func TestSection12_1_ADowngradeWithoutASuccessIsAGap(t *testing.T) {
	t.Parallel()
	for _, from := range []idv.State{idv.Pending, idv.Review} {
		out := step(t, from, "OUTDATED", false)
		require.Equal(t, fsm.Gap, out.Verdict)
		require.Equal(t, idv.OutOfDate, out.To)
	}
}

func TestTrap1_StatesCarryTheProvidersStatusNames(t *testing.T) {
	t.Parallel()
	for s, name := range map[idv.State]string{
		idv.None: "", idv.Pending: "PENDING", idv.Review: "REVIEW", idv.Validated: "VALIDATED", idv.Refused: "REFUSED",
		idv.OutOfDate: "OUT_OF_DATE", idv.Expired: "EXPIRED",
	} {
		require.Equal(t, name, s.String())
		back, ok := idv.Machine.State(name)
		require.True(t, ok)
		require.Equal(t, s, back)
	}
}

func TestSection12_1_RankOrdersEventsOfOneSecond(t *testing.T) {
	t.Parallel()
	want := map[string]int{"PENDING": 0, "INCONCLUSIVE": 1, "VALIDATED": 2, "FAILED": 2, "EXPIRED": 2, "OUTDATED": 3}
	for event, rank := range want {
		require.Equal(t, rank, idv.Rank(prefix+event), event)
		require.True(t, slices.Contains(idv.Machine.Definition().Events, prefix+event))
	}
	require.Zero(t, idv.Rank("USER_KYC_REGULAR"))
}

func TestS3_ALinkIsValidForADay(t *testing.T) {
	t.Parallel()
	require.Equal(t, int64(86400), int64(idv.LinkValidity/time.Second))
}
