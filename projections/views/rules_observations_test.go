package views_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func confirmed(d told) map[string]any { return d.fields["confirmed"].(map[string]any) }

func TestRule13_AnObservationTouchesOnlyWhatItRead(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.UserKYCRegular, t0), claim(mangopay.UserAccountActivated, t0), says(mangopay.KindUser, t0+1000, "status", "ACTIVE"))
	assert.Equal(t, true, confirmed(d)["status"])
	assert.Equal(t, false, confirmed(d)["kyc"])
	assert.Len(t, d.History, 3)
}

func TestRule13_A404IsOneNotedLineThatMovesAndBacksNothing(t *testing.T) {
	t.Parallel()
	gone := observed(mangopay.KindUser, t0+1000, events.Reading{Missing: true})
	d := user(t, claim(mangopay.UserAccountActivated, t0), gone)
	assert.Equal(t, []string{"status first →ACTIVE", " noted →"}, d.moves())
	assert.Equal(t, "ACTIVE", d.text("user_status"))
	assert.Equal(t, false, confirmed(d)["status"])
	d = user(t, claim(mangopay.UserAccountActivated, t0), says(mangopay.KindUser, t0+500, "status", "ACTIVE"), gone)
	assert.Equal(t, true, confirmed(d)["status"], "backing stays as it was")
	assert.Empty(t, tell(t, gone), "and alone it makes no document")
}

func TestRule14_AnObservationIsBelievedWhenNoNewerClaimContradictsIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claim    events.Type
		observed string
		after    int64 // seconds from claim to observation
		believed bool
	}{
		"same value":                           {mangopay.IdentityVerificationValidated, "VALIDATED", 0, true},
		"an earlier state at once":             {mangopay.IdentityVerificationValidated, "PENDING", 0, false},
		"an earlier state within the window":   {mangopay.IdentityVerificationValidated, "PENDING", 299, false},
		"an earlier state at the window's end": {mangopay.IdentityVerificationValidated, "PENDING", 300, true},
		"a later state of the chain at once":   {mangopay.IdentityVerificationPending, "VALIDATED", 0, true},
		"two steps later at once":              {mangopay.IdentityVerificationPending, "OUT_OF_DATE", 1, true},
		"an unrelated state within the window": {mangopay.IdentityVerificationValidated, "REFUSED", 1, false},
		"an unrelated state beyond the window": {mangopay.IdentityVerificationValidated, "REFUSED", 300, true},
		"an unknown value within the window":   {mangopay.IdentityVerificationValidated, "ERROR", 1, false},
		"an observation older than the claim":  {mangopay.IdentityVerificationValidated, "PENDING", -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := session(t, claim(c.claim, t0), says(mangopay.KindSession, t0+c.after, "session", c.observed))
			for _, l := range d.History {
				if l.Event == string(events.Observed) {
					assert.Equal(t, c.believed, l.To == c.observed, "%v", l)
				}
			}
		})
	}
}

func TestRule14_CyclicValuesContradictEachOtherWithinTheWindow(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.UserKYCRegular, t0), says(mangopay.KindUser, t0+1, "kyc", "LIGHT"))
	assert.Equal(t, "REGULAR", d.text("kyc_level"), "the stale read that developers report")
	d = user(t, claim(mangopay.UserKYCRenewalRequired, t0), says(mangopay.KindUser, t0+1, "kyc", "REGULAR"))
	assert.Equal(t, true, confirmed(d)["kyc"], "RENEWAL_REQUIRED names REGULAR")
	d = user(t, claim(mangopay.UserAccountActivated, t0), says(mangopay.KindUser, t0+1, "status", "CLOSED"))
	assert.Equal(t, "CLOSED", d.text("user_status"), "ACTIVE leads to CLOSED and nothing leads back")
}

func TestRule14_OnlySUCCEEDEDNamesAValueOfSCA(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.SCAEnrollmentFailed, t0), says(mangopay.KindUser, t0+1, "sca", "true"))
	assert.Equal(t, true, confirmed(d)["sca"])
	d = user(t, claim(mangopay.SCAEnrollmentSucceeded, t0), says(mangopay.KindUser, t0+1, "sca", "false"))
	assert.Equal(t, "true", d.text("sca_enrolled"), "not visible yet")
}

func TestRule14_EveryClaimOfTheWindowCountsNotOnlyTheLast(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.UserKYCLight, t0), claim(mangopay.UserKYCRegular, t0+10), says(mangopay.KindUser, t0+20, "kyc", "REGULAR"))
	assert.Equal(t, false, confirmed(d)["kyc"], "LIGHT ten seconds before forbids to believe REGULAR yet")
}

func TestRule15_TheVerdictOfABelievedObservation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before events.Type // "" for none
		value  string
		want   string
	}{
		{"", "VALIDATED", "session first →VALIDATED"},
		{mangopay.IdentityVerificationValidated, "VALIDATED", "session duplicate VALIDATED→VALIDATED"},
		{mangopay.IdentityVerificationPending, "REVIEW", "session applied PENDING→REVIEW"},
		{mangopay.IdentityVerificationPending, "OUT_OF_DATE", "session gap PENDING→OUT_OF_DATE"},
		{mangopay.IdentityVerificationInconclusive, "OUT_OF_DATE", "session gap REVIEW→OUT_OF_DATE"},
		{mangopay.IdentityVerificationFailed, "VALIDATED", "session conflict REFUSED→VALIDATED"},
		{mangopay.IdentityVerificationValidated, "PENDING", "session conflict VALIDATED→PENDING"},
	} {
		es := []events.Event{says(mangopay.KindSession, t0+1000, "session", c.value)}
		if c.before != "" {
			es = append(es, claim(c.before, t0))
		}
		moves := session(t, es...).moves()
		assert.Equal(t, c.want, moves[len(moves)-1])
	}
}

func TestRule15_TheVerdictGoesByPublishedValues(t *testing.T) {
	t.Parallel()
	d := user(t, says(mangopay.KindUser, t0, "sca", "false"), says(mangopay.KindUser, t0+1000, "sca", "true"))
	assert.Equal(t, "sca applied NOT_ENROLLED+NO_ATTEMPT→ENROLLED+NO_ATTEMPT", d.moves()[1])
	d = user(t, says(mangopay.KindUser, t0, "sca", "true"), says(mangopay.KindUser, t0+1000, "sca", "false"))
	assert.Equal(t, "sca conflict ENROLLED+NO_ATTEMPT→NOT_ENROLLED+NO_ATTEMPT", d.moves()[1], "nothing documented un-enrols")
}

func TestRule15_ABelievedConflictMovesAndBacks(t *testing.T) {
	t.Parallel()
	d := session(t, claim(mangopay.IdentityVerificationFailed, t0), says(mangopay.KindSession, t0+1000, "session", "VALIDATED"))
	assert.Equal(t, "VALIDATED", d.text("status"))
	assert.Equal(t, "true", d.text("confirmed"))
	assert.Equal(t, "1", d.text("conflicts"))
}

func TestRule16_WhatIsNotBelievedIsNotedAndClearsBacking(t *testing.T) {
	t.Parallel()
	d := session(t, says(mangopay.KindSession, t0-1000, "session", "PENDING"),
		claim(mangopay.IdentityVerificationPending, t0-10),
		claim(mangopay.IdentityVerificationValidated, t0), says(mangopay.KindSession, t0+1, "session", "PENDING"))
	assert.Equal(t, "VALIDATED", d.text("status"))
	assert.Equal(t, "false", d.text("confirmed"))
	assert.Equal(t, "session noted VALIDATED→VALIDATED", d.moves()[3])
}

func TestRule16_TwoReadingsOfOneInstantThatDifferAreBothNoted(t *testing.T) {
	t.Parallel()
	d := user(t, says(mangopay.KindUser, t0, "kyc", "LIGHT", "status", "ACTIVE"), says(mangopay.KindUser, t0, "kyc", "REGULAR", "status", "ACTIVE"))
	assert.Equal(t, []string{"status first →ACTIVE", "status duplicate ACTIVE→ACTIVE", "kyc noted →", "kyc noted →"}, d.moves())
	assert.Equal(t, true, confirmed(d)["status"], "a machine on which they agree is not concerned")
}

func TestRule17_BackingAfterClaims(t *testing.T) {
	t.Parallel()
	backed := func(machine string, es ...events.Event) any { return confirmed(user(t, es...))[machine] }
	sure := says(mangopay.KindUser, t0, "status", "ACTIVE", "kyc", "REGULAR", "sca", "true")
	const later = t0 + 1000
	assert.Equal(t, true, backed("status", sure, claim(mangopay.UserAccountActivated, later)), "kept by a duplicate")
	assert.Equal(t, true, backed("kyc", sure, claim(mangopay.UserKYCRenewed, later)), "kept by what is noted")
	assert.Equal(t, true, backed("kyc", sure, claim(mangopay.UserKYCRenewalRequired, later)), "kept where the published value stays")
	assert.Equal(t, true, backed("sca", sure, claim(mangopay.SCAEnrollmentFailed, later)), "kept where the published value stays")
	assert.Equal(t, false, backed("status", sure, claim(mangopay.UserAccountValidationAsked, later)), "cleared by a change")
	closed := says(mangopay.KindUser, t0, "status", "CLOSED")
	assert.Equal(t, false, backed("status", closed, claim(mangopay.UserAccountActivated, later)), "cleared by a conflict")
	assert.Equal(t, true, backed("kyc", sure, claim(mangopay.UserAccountValidationAsked, later)), "each machine for itself")
}

func TestRule18_ConfirmedBlocksNeedAllKnownOnesBackedAndOneKnown(t *testing.T) {
	t.Parallel()
	blocks := func(es ...events.Event) any { return confirmed(user(t, es...))["blocks"] }
	assert.Equal(t, false, blocks(claim(mangopay.UserKYCLight, t0)))
	assert.Equal(t, true, blocks(says(mangopay.KindUser, t0, "inflows", "BLOCKED")))
	assert.Equal(t, false, blocks(says(mangopay.KindUser, t0, "inflows", "BLOCKED"), claim(mangopay.UserOutflowsBlocked, t0)))
	assert.Equal(t, true, blocks(says(mangopay.KindUser, t0+500, "inflows", "BLOCKED", "outflows", "BLOCKED"), claim(mangopay.UserOutflowsBlocked, t0)))
}

func TestLaw8_AValueThatIsNeitherTrueNorFalseConfirmsNothing(t *testing.T) {
	t.Parallel()
	d := user(t, says(mangopay.KindUser, t0, "inflows", "BLOCKED", "sca", "true"), says(mangopay.KindUser, t0+1000, "inflows", "MAYBE", "sca", "PARTLY"))
	assert.Equal(t, "false", d.text("inflows_blocked"))
	assert.Equal(t, false, confirmed(d)["blocks"], "the document can only say true or false, and neither was said")
	assert.Equal(t, false, confirmed(d)["sca"])
}

func TestRule15_AStrangeLevelTakesTheRenewalWithIt(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.UserKYCRenewalRequired, t0), says(mangopay.KindUser, t0+1000, "kyc", "STRANGE"), says(mangopay.KindUser, t0+2000, "kyc", "REGULAR"))
	assert.Equal(t, "kyc conflict STRANGE→REGULAR", d.moves()[2], "the state becomes what is observed")
	assert.Equal(t, "false", d.text("kyc_renewal_due"))
}

func TestRule18_SinceIsWhenTheStatusLastChanged(t *testing.T) {
	t.Parallel()
	p, v := claim(mangopay.IdentityVerificationPending, t0), claim(mangopay.IdentityVerificationValidated, t0+10)
	assert.Equal(t, float64(t0), session(t, p).fields["since"])
	assert.Equal(t, float64(t0+10), session(t, p, v).fields["since"])
	assert.Equal(t, float64(t0+10), session(t, p, v, says(mangopay.KindSession, t0+900, "session", "VALIDATED")).fields["since"], "not by a duplicate")
	assert.Equal(t, float64(t0+900), session(t, p, says(mangopay.KindSession, t0+900, "session", "VALIDATED")).fields["since"], "T of an observation")
}

func TestRule18_ConflictsAndGapsCountBehindTheBaseLine(t *testing.T) {
	t.Parallel()
	d := session(t, claim(mangopay.IdentityVerificationFailed, t0), claim(mangopay.IdentityVerificationValidated, t0+1), claim(mangopay.IdentityVerificationPending, t0+90*day))
	assert.Equal(t, "2", d.text("conflicts"))
	assert.Len(t, d.History, 2)
}

func TestRule19_LinkExpiredNeedsSomeoneWhoKnowsTheTime(t *testing.T) {
	t.Parallel()
	p := claim(mangopay.IdentityVerificationPending, t0)
	expired := func(es ...events.Event) string { return session(t, append(es, p)...).text("link_expired") }
	assert.Equal(t, "false", expired())
	assert.Equal(t, "false", expired(claim("IDENTITY_VERIFICATION_PSC_PENDING", t0+2*day)), "never a claim")
	assert.Equal(t, "false", expired(tick(mangopay.KindSession, "s", t0+day-1)))
	assert.Equal(t, "true", expired(tick(mangopay.KindSession, "s", t0+day)))
	assert.Equal(t, "true", expired(says(mangopay.KindSession, t0+day, "session", "PENDING")))
	assert.Equal(t, "false", expired(tick(mangopay.KindSession, "s", t0+day), claim(mangopay.IdentityVerificationValidated, t0+9)), "only while PENDING")
	assert.Equal(t, "true", expired(tick(mangopay.KindSession, "s", t0+day-5), says(mangopay.KindSession, t0+1, "session", "PENDING", "+"+views.Created, "1743599990")),
		"the provider's CreationDate counts, not the notification's date")
}

func TestRule19_FoldAtDropsWhatIsLaterAndTicksEveryResource(t *testing.T) {
	t.Parallel()
	es := []events.Event{claim(mangopay.IdentityVerificationPending, t0), claim(mangopay.IdentityVerificationValidated, t0+2*day)}
	at := func(s int64) told { return tellAt(t, projections.AtTime(s), es...)[mangopay.KindSession] }
	assert.Equal(t, "false", at(t0+day-1).text("link_expired"))
	assert.Equal(t, "true", at(t0+day).text("link_expired"))
	assert.Equal(t, "PENDING", at(t0+2*day-1).text("status"))
	assert.Equal(t, "VALIDATED", at(t0+2*day).text("status"))
	assert.Empty(t, tellAt(t, projections.AtTime(t0-1), es...))
}

func TestRule20_OldRecordsHideBehindOneLineWheneverStorageCompacts(t *testing.T) {
	t.Parallel()
	es := []events.Event{
		claim(mangopay.IdentityVerificationPending, t0), claim(mangopay.IdentityVerificationValidated, t0+10),
		claim(mangopay.IdentityVerificationOutdated, t0+90*day),
	}
	d := session(t, es...)
	require.Len(t, d.History, 2)
	base := d.History[0]
	assert.Equal(t, "hookfold.base", base.Event)
	assert.Equal(t, int64(t0+10), base.Date)
	assert.Regexp(t, `^2 earlier events, digest [0-9a-f]{64}$`, base.Why)
	assert.Equal(t, "session applied VALIDATED→OUT_OF_DATE", d.moves()[1])
	for _, spare := range []int{-1, 1, 0} { // at once, late, not yet
		eager := views.Sessions
		eager.Terms.Spare = spare
		for _, order := range [][]int{{0, 1, 2}, {1, 0, 2}} {
			r := newRunning(t, t0+90*day, eager)
			for _, i := range order {
				r.put(t, es[i])
				r.run(t)
			}
			assert.Equal(t, d, r.doc(t, eager, "s"))
		}
	}
}

func TestRule21_OneLineForEachMachineOfAnObservationAndNoArrivalMetadata(t *testing.T) {
	t.Parallel()
	d := user(t, says(mangopay.KindUser, t0, "status", "ACTIVE", "kyc", "LIGHT", "sca", "true", "inflows", "BLOCKED", "outflows", "UNBLOCKED", "category", "OWNER"))
	assert.Len(t, d.History, 6)
}

func TestRule22_ATransitionIsADifferenceOfPublishedValuesPerRecordAlsoInsideABatch(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0+5000)
	r.put(t,
		claim(mangopay.UserKYCRegular, t0),           // 1: moves kyc
		claim(mangopay.UserKYCRenewalRequired, t0+5), // 2: the level stays
		claim(mangopay.UserAccountActivated, t0),     // 3: moves status
		claim(mangopay.UserKYCLight, t0-10),          // 4: late, changes only the past
		claim(mangopay.UserKYCLight, t0+9))           // 5: moves kyc
	r.run(t)
	var got []projections.Transition
	for _, s := range r.seen {
		got = append(got, s.made...)
	}
	ref := events.Ref{Source: mangopay.Source, Kind: mangopay.KindUser, ID: "u"}
	assert.Equal(t, []projections.Transition{
		{Ref: ref, Machine: "kyc", Seq: 1, From: "", To: "REGULAR"},
		{Ref: ref, Machine: "status", Seq: 3, From: "", To: "ACTIVE"},
		{Ref: ref, Machine: "kyc", Seq: 5, From: "REGULAR", To: "LIGHT"},
	}, got)
}

func TestRule26_AFiredDeadlineIsAnEventOfTheLog(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	r.put(t, claim(mangopay.IdentityVerificationPending, t0))
	r.run(t)
	assert.Equal(t, "false", r.doc(t, views.Sessions, "s").text("link_expired"))
	r.now = r.now.AddDate(1, 0, 0) // no clock is read: time passing changes nothing
	r.run(t)
	assert.Equal(t, "false", r.doc(t, views.Sessions, "s").text("link_expired"))
	r.put(t, tick(mangopay.KindSession, "s", t0+day))
	r.run(t)
	assert.Equal(t, "true", r.doc(t, views.Sessions, "s").text("link_expired"))
}
