package fsm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
)

func explain[S ~uint8, F any](t *testing.T, m *fsm.Machine[S, F], s S, event string, facts F) fsm.Explanation {
	t.Helper()
	c, ok := m.Column(event)
	require.True(t, ok, event)
	e := m.Explain(s, c, facts)
	out := m.Step(s, c, facts)
	require.Equal(t, out.Verdict, e.Verdict)
	require.Equal(t, m.Name(out.To), e.To)
	require.Equal(t, m.Definition().Reason(out.Cell), e.Reason)
	return e
}

func TestLaw9_AGapComesWithTheEventThatWasMissed(t *testing.T) {
	t.Parallel()
	e := explain(t, idv.Machine, idv.Pending, "IDENTITY_VERIFICATION_OUTDATED", idv.Facts{})
	require.Equal(t, fsm.Gap, e.Verdict)
	require.Equal(t, "PENDING", e.PathFrom)
	require.Equal(t, []fsm.Step{
		{Event: "IDENTITY_VERIFICATION_VALIDATED", To: "VALIDATED"},
		{Event: "IDENTITY_VERIFICATION_OUTDATED", To: "OUT_OF_DATE"},
	}, e.Path)
}

func TestLaw9_AFailedGuardShowsWhatItSaw(t *testing.T) {
	t.Parallel()
	e := explain(t, idv.Machine, idv.Pending, "IDENTITY_VERIFICATION_INCONCLUSIVE", idv.Facts{Natural: true})
	require.Equal(t, fsm.Conflict, e.Verdict)
	require.Equal(t, &fsm.GuardFailure{
		Name: "not_natural", Meaning: "the user is not known to be a natural person", Saw: "natural=true",
	}, e.Guard)
	require.Equal(t, []fsm.Step{{Event: "IDENTITY_VERIFICATION_INCONCLUSIVE", To: "REVIEW", Guard: "not_natural"}}, e.Path)

	e = explain(t, hook.Machine, hook.Valid, hook.Failed, hook.Facts{Failures: 99, Count: 1})
	require.Equal(t, "failures=99 count=1", e.Guard.Saw)
	require.Nil(t, e.Path, "an applied event needs no other path")

	e = explain(t, idv.Machine, idv.Pending, "IDENTITY_VERIFICATION_INCONCLUSIVE", idv.Facts{})
	require.Nil(t, e.Guard, "a guard that holds has not failed")
}

func TestLaw9_AFinalStateIsExplainedFromNothingKnown(t *testing.T) {
	t.Parallel()
	e := explain(t, idv.Machine, idv.Refused, "IDENTITY_VERIFICATION_VALIDATED", idv.Facts{})
	require.Equal(t, fsm.Conflict, e.Verdict)
	require.Empty(t, e.PathFrom)
	require.Equal(t, []fsm.Step{
		{Event: "IDENTITY_VERIFICATION_PENDING", To: "PENDING"},
		{Event: "IDENTITY_VERIFICATION_VALIDATED", To: "VALIDATED"},
	}, e.Path, "an applied end says more than the event alone, which would be first")
	require.Equal(t, "IDENTITY_VERIFICATION_VALIDATED in REFUSED: conflict. "+e.Reason+
		" Legal from (nothing known): IDENTITY_VERIFICATION_PENDING → PENDING, IDENTITY_VERIFICATION_VALIDATED → VALIDATED.", e.String())
}

func TestLaw9_AnEventWithoutAnAppliedCellIsExplainedAsFirst(t *testing.T) {
	t.Parallel()
	e := explain(t, idv.Machine, idv.Validated, "IDENTITY_VERIFICATION_PENDING", idv.Facts{})
	require.Equal(t, []fsm.Step{{Event: "IDENTITY_VERIFICATION_PENDING", To: "PENDING"}}, e.Path)
	require.Empty(t, e.PathFrom)
}

func TestLaw9_AnEventThatNothingMakesLegalHasNoPath(t *testing.T) {
	t.Parallel()
	m := fsm.Must[uint8](fsm.Spec[struct{}]{
		Name: "lamp", States: []string{"ON"}, Events: []string{"on", "never"},
		Cells: []fsm.Cell{
			{From: "", Event: "on", Verdict: fsm.First, Next: "ON", Reason: "It was switched on."},
			{From: "", Event: "never", Verdict: fsm.Conflict, Next: "", Reason: "It cannot be."},
			{From: "ON", Event: "on", Verdict: fsm.Duplicate, Next: "ON", Reason: "It is on."},
			{From: "ON", Event: "never", Verdict: fsm.Conflict, Next: "ON", Reason: "It cannot be."},
		},
	})
	require.Nil(t, explain(t, m, 1, "never", struct{}{}).Path)
}

// Whatever is explained, its path is legal and ends with the event.
func TestLaw9_EveryConflictAndGapHasALegalPath(t *testing.T) {
	t.Parallel()
	everyPath(t, idv.Machine, idv.Facts{}, idv.Facts{Natural: true})
	everyPath(t, user.StatusMachine, struct{}{})
	everyPath(t, user.CategoryMachine, struct{}{})
	everyPath(t, user.KYCMachine, struct{}{})
	everyPath(t, user.SCAMachine, struct{}{})
	everyPath(t, hook.Machine, hook.Facts{}, hook.Facts{Failures: 99, Count: 1})
}

func everyPath[S ~uint8, F any](t *testing.T, m *fsm.Machine[S, F], facts ...F) {
	t.Helper()
	d := m.Definition()
	for i, from := range d.States {
		for _, event := range d.Events {
			for _, f := range facts {
				e := explain(t, m, S(i), event, f)
				if e.Verdict != fsm.Conflict && e.Verdict != fsm.Gap {
					require.Nil(t, e.Path)
					continue
				}
				require.NotEmpty(t, e.Path, "%s: %s in %q", d.Name, event, from)
				require.Equal(t, event, e.Path[len(e.Path)-1].Event)
				at := e.PathFrom
				for _, step := range e.Path {
					require.Condition(t, func() bool { return legalStep(d, at, step) }, "%s: %q %+v", d.Name, at, step)
					at = step.To
				}
			}
		}
	}
}

func legalStep(d *fsm.Definition, at string, step fsm.Step) bool {
	for _, c := range d.Cells {
		if c.From == at && c.Event == step.Event && c.Next == step.To && c.Guard == step.Guard {
			return c.Verdict == fsm.Applied || c.Verdict == fsm.First
		}
	}
	return false
}

func TestExplanationsReadAsSentences(t *testing.T) {
	t.Parallel()
	require.Equal(t, "USER_KYC_RENEWED in LIGHT: gap → REGULAR. Only a REGULAR level is renewed, so both its verification and the "+
		"call for renewal have been missed. Legal from LIGHT: USER_KYC_REGULAR → REGULAR, USER_KYC_RENEWAL_REQUIRED → REGULAR+due, "+
		"USER_KYC_RENEWED → REGULAR.", explain(t, user.KYCMachine, user.KYCLight, "USER_KYC_RENEWED", struct{}{}).String())
	require.Equal(t, "IDENTITY_VERIFICATION_INCONCLUSIVE in PENDING: conflict. S3: a natural user's session goes from PENDING straight to VALIDATED or REFUSED and is never reviewed by hand. "+
		"Guard not_natural does not hold (the user is not known to be a natural person): saw natural=true. "+
		"Legal from PENDING: IDENTITY_VERIFICATION_INCONCLUSIVE → REVIEW [not_natural].",
		explain(t, idv.Machine, idv.Pending, "IDENTITY_VERIFICATION_INCONCLUSIVE", idv.Facts{Natural: true}).String())
}
