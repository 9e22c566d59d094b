package user_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/user"
)

func step[S ~uint8](t *testing.T, m *fsm.Machine[S, struct{}], from S, event string) (fsm.Verdict, S) {
	t.Helper()
	c, ok := m.Column(event)
	require.True(t, ok, event)
	out := m.Step(from, c, struct{}{})
	return out.Verdict, out.To
}

type row[S ~uint8] struct {
	from    S
	event   string
	verdict fsm.Verdict
	to      S
}

func hold[S ~uint8](t *testing.T, m *fsm.Machine[S, struct{}], rows []row[S]) {
	t.Helper()
	for _, r := range rows {
		v, to := step(t, m, r.from, r.event)
		require.Equal(t, r.verdict, v, "%q × %s", m.Name(r.from), r.event)
		require.Equal(t, m.Name(r.to), m.Name(to), "%q × %s", m.Name(r.from), r.event)
	}
}

func TestSection12_2_Status(t *testing.T) {
	t.Parallel()
	hold(t, user.StatusMachine, []row[user.Status]{
		{user.StatusNone, "USER_ACCOUNT_VALIDATION_ASKED", fsm.First, user.StatusPendingUserAction},
		{user.StatusPendingUserAction, "USER_ACCOUNT_ACTIVATED", fsm.Applied, user.StatusActive},
		{user.StatusActive, "USER_ACCOUNT_VALIDATION_ASKED", fsm.Applied, user.StatusPendingUserAction},
		{user.StatusActive, "USER_ACCOUNT_CLOSED", fsm.Applied, user.StatusClosed},
		{user.StatusClosed, "USER_ACCOUNT_ACTIVATED", fsm.Conflict, user.StatusClosed},
		{user.StatusClosed, "USER_ACCOUNT_VALIDATION_ASKED", fsm.Conflict, user.StatusClosed},
		{user.StatusClosed, "USER_ACCOUNT_CLOSED", fsm.Duplicate, user.StatusClosed},
	})
}

func TestS2_Category(t *testing.T) {
	t.Parallel()
	hold(t, user.CategoryMachine, []row[user.Category]{
		{user.CategoryNone, "USER_CATEGORY_UPDATED_TO_OWNER", fsm.First, user.CategoryOwner},
		{user.CategoryPayer, "USER_CATEGORY_UPDATED_TO_OWNER", fsm.Applied, user.CategoryOwner},
		{user.CategoryOwner, "USER_CATEGORY_UPDATED_TO_PAYER", fsm.Applied, user.CategoryPayer},
		{user.CategoryOwner, "USER_CATEGORY_UPDATED_TO_PLATFORM", fsm.Applied, user.CategoryPlatform},
		{user.CategoryPayer, "USER_CATEGORY_UPDATED_TO_PLATFORM", fsm.Gap, user.CategoryPlatform},
		{user.CategoryPlatform, "USER_CATEGORY_UPDATED_TO_OWNER", fsm.Gap, user.CategoryOwner},
		{user.CategoryPlatform, "USER_CATEGORY_UPDATED_TO_PAYER", fsm.Gap, user.CategoryPayer},
	})
}

func TestRule11_KYC(t *testing.T) {
	t.Parallel()
	const regular, light, due, renewed = "USER_KYC_REGULAR", "USER_KYC_LIGHT", "USER_KYC_RENEWAL_REQUIRED", "USER_KYC_RENEWED"
	hold(t, user.KYCMachine, []row[user.KYC]{
		{user.KYCNone, due, fsm.First, user.KYCRegularDue},
		{user.KYCLight, due, fsm.Gap, user.KYCRegularDue},
		{user.KYCRegular, due, fsm.Applied, user.KYCRegularDue},
		{user.KYCRegularDue, due, fsm.Duplicate, user.KYCRegularDue},
		{user.KYCNone, renewed, fsm.First, user.KYCRegular},
		{user.KYCLight, renewed, fsm.Gap, user.KYCRegular},
		{user.KYCRegular, renewed, fsm.Noted, user.KYCRegular},
		{user.KYCRegularDue, renewed, fsm.Applied, user.KYCRegular},
		{user.KYCRegularDue, light, fsm.Applied, user.KYCLight},
		{user.KYCRegularDue, regular, fsm.Duplicate, user.KYCRegularDue},
		{user.KYCLight, regular, fsm.Applied, user.KYCRegular},
		{user.KYCRegular, light, fsm.Applied, user.KYCLight},
	})
}

func TestRule11_KYCPublishesTheLevelAndWhetherRenewalIsDue(t *testing.T) {
	t.Parallel()
	for k, want := range map[user.KYC]struct {
		level string
		due   bool
	}{
		user.KYCNone: {"", false}, user.KYCLight: {"LIGHT", false}, user.KYCRegular: {"REGULAR", false}, user.KYCRegularDue: {"REGULAR", true},
	} {
		level, due := user.KYCLevel(k)
		require.Equal(t, want.level, level)
		require.Equal(t, want.due, due)
	}
}

func TestRule15_AnObservedRegularKeepsARenewalDue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from  user.KYC
		level string
		to    user.KYC
		ok    bool
	}{
		{user.KYCNone, "LIGHT", user.KYCLight, true}, {user.KYCNone, "REGULAR", user.KYCRegular, true},
		{user.KYCLight, "REGULAR", user.KYCRegular, true}, {user.KYCRegular, "LIGHT", user.KYCLight, true},
		{user.KYCRegularDue, "REGULAR", user.KYCRegularDue, true}, {user.KYCRegularDue, "LIGHT", user.KYCLight, true},
		{user.KYCRegular, "GOLD", user.KYCNone, false}, {user.KYCRegularDue, "", user.KYCNone, false},
	} {
		to, ok := user.ObserveKYC(c.from, c.level)
		require.Equal(t, c.ok, ok)
		require.Equal(t, c.to, to, "%s observed as %q", c.from, c.level)
	}
}

// Rule 12 in its own words, applied to every state and event.
func TestRule12_SCAIsEnrolmentAndLastAttempt(t *testing.T) {
	t.Parallel()
	for event, attempt := range map[string]string{
		"SCA_ENROLLMENT_SUCCEEDED": "SUCCEEDED", "SCA_ENROLLMENT_FAILED": "FAILED", "SCA_ENROLLMENT_EXPIRED": "EXPIRED",
	} {
		for i := range user.SCAMachine.Definition().States {
			from := user.SCA(i)
			enrolled := user.SCAEnrolled(from)
			if attempt == "SUCCEEDED" {
				enrolled = "true"
			}
			verdict := fsm.Applied
			switch {
			case user.SCALastAttempt(from) == "":
				verdict = fsm.First
			case user.SCALastAttempt(from) == attempt && user.SCAEnrolled(from) == enrolled:
				verdict = fsm.Duplicate
			}
			v, to := step(t, user.SCAMachine, from, event)
			require.Equal(t, verdict, v, "%s × %s", from, event)
			require.Equal(t, enrolled, user.SCAEnrolled(to), "%s × %s", from, event)
			require.Equal(t, attempt, user.SCALastAttempt(to), "%s × %s", from, event)
		}
	}
}

func TestRule12_SCAStatesAreNamedAfterTheirValues(t *testing.T) {
	t.Parallel()
	for s, want := range map[user.SCA][3]string{
		user.SCANone: {"", "", ""}, user.SCAAttemptFailed: {"ATTEMPT_FAILED", "", "FAILED"}, user.SCAAttemptExpired: {"ATTEMPT_EXPIRED", "", "EXPIRED"},
		user.SCAEnrolledSucceeded:           {"ENROLLED", "true", "SUCCEEDED"},
		user.SCAEnrolledFailed:              {"ENROLLED+ATTEMPT_FAILED", "true", "FAILED"},
		user.SCAEnrolledExpired:             {"ENROLLED+ATTEMPT_EXPIRED", "true", "EXPIRED"},
		user.SCAEnrolledNoAttempt:           {"ENROLLED+NO_ATTEMPT", "true", ""},
		user.SCANotEnrolledNoAttempt:        {"NOT_ENROLLED+NO_ATTEMPT", "false", ""},
		user.SCANotEnrolledAttemptSucceeded: {"NOT_ENROLLED+ATTEMPT_SUCCEEDED", "false", "SUCCEEDED"},
		user.SCANotEnrolledAttemptFailed:    {"NOT_ENROLLED+ATTEMPT_FAILED", "false", "FAILED"},
		user.SCANotEnrolledAttemptExpired:   {"NOT_ENROLLED+ATTEMPT_EXPIRED", "false", "EXPIRED"},
	} {
		require.Equal(t, want, [3]string{s.String(), user.SCAEnrolled(s), user.SCALastAttempt(s)})
	}
}

func TestRule12_OnlyAnObservationClearsEnrolment(t *testing.T) {
	t.Parallel()
	for i := range user.SCAMachine.Definition().States {
		from := user.SCA(i)
		for _, enrolled := range []string{"true", "false"} {
			to, ok := user.ObserveSCA(from, enrolled)
			require.True(t, ok)
			require.Equal(t, enrolled, user.SCAEnrolled(to), "%s", from)
			if user.SCAEnrolled(from) == enrolled {
				require.Equal(t, from, to, "the same published value leaves the state alone")
			}
			require.Equal(t, user.SCALastAttempt(from), user.SCALastAttempt(to), "the last attempt is kept: %s", from)
		}
		to, ok := user.ObserveSCA(from, "yes")
		require.False(t, ok)
		require.Equal(t, from, to)
	}
}

func TestSection12_6_Blocks(t *testing.T) {
	t.Parallel()
	for prefix, m := range map[string]*fsm.Machine[user.Block, struct{}]{"USER_INFLOWS_": user.InflowsMachine, "USER_OUTFLOWS_": user.OutflowsMachine} {
		hold(t, m, []row[user.Block]{
			{user.BlockNone, prefix + "BLOCKED", fsm.First, user.BlockBlocked},
			{user.BlockNone, prefix + "UNBLOCKED", fsm.First, user.BlockUnblocked},
			{user.BlockBlocked, prefix + "BLOCKED", fsm.Duplicate, user.BlockBlocked},
			{user.BlockBlocked, prefix + "UNBLOCKED", fsm.Applied, user.BlockUnblocked},
			{user.BlockUnblocked, prefix + "BLOCKED", fsm.Applied, user.BlockBlocked},
			{user.BlockUnblocked, prefix + "UNBLOCKED", fsm.Duplicate, user.BlockUnblocked},
		})
	}
	require.Equal(t, "BLOCKED", user.BlockBlocked.String())
	require.Empty(t, user.Block(9).String())
}

func TestMachinesCarryTheNamesOfTheContract(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*fsm.Definition{
		"status": user.StatusMachine.Definition(), "category": user.CategoryMachine.Definition(), "kyc": user.KYCMachine.Definition(),
		"sca": user.SCAMachine.Definition(), "inflows": user.InflowsMachine.Definition(), "outflows": user.OutflowsMachine.Definition(),
	} {
		require.Equal(t, name, d.Name)
	}
	require.Equal(t, "PENDING_USER_ACTION", user.StatusPendingUserAction.String())
	require.Equal(t, "PLATFORM", user.CategoryPlatform.String())
	require.Equal(t, "REGULAR+due", user.KYCRegularDue.String())
	for s, name := range map[user.Block]string{user.BlockNone: "", user.BlockBlocked: "BLOCKED", user.BlockUnblocked: "UNBLOCKED"} {
		require.Equal(t, name, s.String())
		require.Equal(t, name, user.InflowsMachine.Name(s))
		require.Equal(t, name, user.OutflowsMachine.Name(s))
	}
}

func TestRule6_RestrictiveOrdersNameEveryState(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"CLOSED", "PENDING_USER_ACTION", "ACTIVE"}, user.StatusRestrictive)
	require.Equal(t, []string{"PAYER", "OWNER", "PLATFORM"}, user.CategoryRestrictive)
	require.Equal(t, []string{"LIGHT", "REGULAR+due", "REGULAR"}, user.KYCRestrictive)
	require.Equal(t, []string{"BLOCKED", "UNBLOCKED"}, user.BlockRestrictive)
	for d, order := range map[*fsm.Definition][]string{
		user.StatusMachine.Definition(): user.StatusRestrictive, user.CategoryMachine.Definition(): user.CategoryRestrictive,
		user.KYCMachine.Definition(): user.KYCRestrictive, user.InflowsMachine.Definition(): user.BlockRestrictive,
	} {
		require.ElementsMatch(t, d.States[1:], slices.Clone(order), d.Name)
	}
}
