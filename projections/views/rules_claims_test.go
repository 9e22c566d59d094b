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

func TestRule1_CopiesOfOneIdentityAreOneEvent(t *testing.T) {
	t.Parallel()
	a := claim(mangopay.UserKYCRegular, t0)
	b := a
	b.Delivery = events.Delivery{Origin: events.Backfill, Received: 99, Replica: "other", Attempt: 7}
	assert.Equal(t, []string{"kyc first →REGULAR"}, user(t, a, b, a).moves())
}

func TestRule2_DocumentsHaveAFixedKeyOrderAndNoHTMLEscapes(t *testing.T) {
	t.Parallel()
	e := mangopay.Notification{Type: mangopay.IdentityVerificationPending, ResourceID: "a<b>&c", Date: t0}.Event("")
	docs, err := projections.Documents(views.All(), []projections.Record{{Event: e}}, projections.AsOf{})
	require.NoError(t, err)
	require.Len(t, docs, 1)
	assert.Equal(t, `{"kind":"idv_session","id":"a<b>&c","source":"mangopay","status":"PENDING","since":1743600000,"confirmed":false,`+
		`"user_id":"","link_expired":false,"conflicts":0,"gaps":0,"history":[{"date":1743600000,"event":"IDENTITY_VERIFICATION_PENDING",`+
		`"machine":"session","verdict":"first","from":"","to":"PENDING","why":"S3: creating a session sets PENDING and emits this event, so it is the usual first word about one."}]}`,
		string(docs[0].JSON))
}

func TestRule3_AClaimDatedMoreThanAnHourAheadOfItsArrivalIsRefused(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	r.put(t, claim(mangopay.UserKYCLight, t0+3600), claim(mangopay.UserKYCRegular, t0+3601), claim(mangopay.UserKYCRegular, 4_070_908_800))
	r.run(t)
	assert.Equal(t, []projections.Fate{projections.Admitted, projections.TooNew, projections.TooNew}, r.fates(views.Users))
	assert.Equal(t, "LIGHT", r.doc(t, views.Users, "u").text("kyc_level"), "a date of 2099 moves nothing")
}

func TestRule3_WhatIsOlderThanTheHorizonIsRefusedAndOnlyClaimsMoveIt(t *testing.T) {
	t.Parallel()
	r := newRunning(t, t0)
	const h = projections.DefaultHorizon
	r.put(t,
		claim(mangopay.UserKYCLight, t0),
		says(mangopay.KindUser, t0+100*day, "status", "ACTIVE"), // an observation moves no horizon
		claim(mangopay.UserAccountActivated, t0-h),              // at the horizon
		claim(mangopay.UserAccountValidationAsked, t0-h-1),      // behind it
		says(mangopay.KindUser, t0-h-1, "kyc", "LIGHT"),
		tick(mangopay.KindUser, "u", t0-h-1))
	r.run(t)
	assert.Equal(t, []projections.Fate{
		projections.Admitted, projections.Admitted, projections.Admitted, projections.TooOld, projections.TooOld, projections.TooOld,
	}, r.fates(views.Users))
}

func TestRule3_ALaterCopyOfARefusedClaimIsJudgedAnew(t *testing.T) {
	t.Parallel()
	forged := projections.Record{Seq: 1, Event: claim(mangopay.UserKYCRegular, t0+7200)}
	r := newRunning(t, t0)
	r.put(t, forged.Event)
	r.run(t)
	require.Equal(t, []projections.Fate{projections.TooNew}, r.fates(views.Users))
	other := newRunning(t, t0+3600) // the same claim, stored an hour later
	other.put(t, forged.Event)
	other.run(t)
	assert.Equal(t, []projections.Fate{projections.Admitted}, other.fates(views.Users))
}

func TestRule4_FoldHasNoLogAndAdmitsEverything(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.UserKYCLight, t0), claim(mangopay.UserKYCRegular, 4_070_908_800))
	assert.Equal(t, "REGULAR", d.text("kyc_level"))
	assert.Equal(t, []string{" noted →", "kyc applied LIGHT→REGULAR"}, d.moves(), "M is the newest claim of the input, so the old one hides")
}

func TestRule5_OneInstantIsFoldedClaimsThenNotedThenTicksThenObservations(t *testing.T) {
	t.Parallel()
	d := user(t,
		says(mangopay.KindUser, t0, "outflows", "UNBLOCKED", "status", "ACTIVE"),
		tick(mangopay.KindUser, "u", t0),
		claim("SCA_PHONE_NUMBER_VERIFIED", t0), claim("SCA_EMAIL_VERIFIED", t0),
		claim(mangopay.UserOutflowsBlocked, t0), claim(mangopay.UserInflowsBlocked, t0), claim(mangopay.SCAEnrollmentSucceeded, t0),
		claim(mangopay.UserKYCLight, t0), claim(mangopay.UserCategoryUpdatedToOwner, t0), claim(mangopay.UserAccountActivated, t0))
	var got []string
	for _, l := range d.History {
		got = append(got, l.Event+"/"+l.Machine)
	}
	assert.Equal(t, []string{
		"USER_ACCOUNT_ACTIVATED/status", "USER_CATEGORY_UPDATED_TO_OWNER/category", "USER_KYC_LIGHT/kyc",
		"SCA_ENROLLMENT_SUCCEEDED/sca", "USER_INFLOWS_BLOCKED/inflows", "USER_OUTFLOWS_BLOCKED/outflows",
		"SCA_EMAIL_VERIFIED/", "SCA_PHONE_NUMBER_VERIFIED/", "hookfold.observed/status", "hookfold.observed/outflows",
	}, got)
}

func TestRule6_ASessionsTiesGoByRankThenType(t *testing.T) {
	t.Parallel()
	d := session(t, claim(mangopay.IdentityVerificationOutdated, t0), claim(mangopay.IdentityVerificationValidated, t0),
		claim(mangopay.IdentityVerificationInconclusive, t0), claim(mangopay.IdentityVerificationPending, t0))
	assert.Equal(t, []string{
		"session first →PENDING", "session applied PENDING→REVIEW", "session applied REVIEW→VALIDATED", "session applied VALIDATED→OUT_OF_DATE",
	}, d.moves())
	d = session(t, claim(mangopay.IdentityVerificationValidated, t0), claim(mangopay.IdentityVerificationFailed, t0))
	assert.Equal(t, []string{"session first →REFUSED", "session conflict REFUSED→REFUSED"}, d.moves(), "FAILED before VALIDATED by type")
}

func TestRule6_CyclicTiesTakeTheLeastContradictoryThenTheMostRestrictiveEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, tied []events.Type
		field, want  string
		last         []string
	}{
		"status: nothing known ends PENDING_USER_ACTION": {
			tied:  []events.Type{mangopay.UserAccountActivated, mangopay.UserAccountValidationAsked},
			field: "user_status", want: "PENDING_USER_ACTION",
			last: []string{"status first →ACTIVE", "status applied ACTIVE→PENDING_USER_ACTION"},
		},
		"status: no duplicate is better than restrictive": {
			before: []events.Type{mangopay.UserAccountValidationAsked},
			tied:   []events.Type{mangopay.UserAccountActivated, mangopay.UserAccountValidationAsked},
			field:  "user_status", want: "PENDING_USER_ACTION",
			last: []string{"status applied PENDING_USER_ACTION→ACTIVE", "status applied ACTIVE→PENDING_USER_ACTION"},
		},
		"status: CLOSED comes last, because nothing may follow it": {
			tied:  []events.Type{mangopay.UserAccountClosed, mangopay.UserAccountActivated},
			field: "user_status", want: "CLOSED",
			last: []string{"status first →ACTIVE", "status applied ACTIVE→CLOSED"},
		},
		"category: ends PAYER": {
			tied:  []events.Type{mangopay.UserCategoryUpdatedToOwner, mangopay.UserCategoryUpdatedToPayer},
			field: "user_category", want: "PAYER",
			last: []string{"category first →OWNER", "category applied OWNER→PAYER"},
		},
		"category: of two orders with one gap the restrictive end": {
			tied:  []events.Type{mangopay.UserCategoryUpdatedToPlatform, mangopay.UserCategoryUpdatedToPayer},
			field: "user_category", want: "PAYER",
			last: []string{"category first →PLATFORM", "category gap PLATFORM→PAYER"},
		},
		"kyc: no gap is better than one": {
			before: []events.Type{mangopay.UserKYCLight},
			tied:   []events.Type{mangopay.UserKYCRenewalRequired, mangopay.UserKYCRegular},
			field:  "kyc_renewal_due", want: "true",
			last: []string{"kyc applied LIGHT→REGULAR", "kyc applied REGULAR→REGULAR+due"},
		},
		"kyc: ends LIGHT": {
			tied:  []events.Type{mangopay.UserKYCLight, mangopay.UserKYCRegular},
			field: "kyc_level", want: "LIGHT",
			last: []string{"kyc first →REGULAR", "kyc applied REGULAR→LIGHT"},
		},
		"inflows: end BLOCKED": {
			tied:  []events.Type{mangopay.UserInflowsBlocked, mangopay.UserInflowsUnblocked},
			field: "inflows_blocked", want: "true",
			last: []string{"inflows first →UNBLOCKED", "inflows applied UNBLOCKED→BLOCKED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var es []events.Event
			for _, x := range c.before {
				es = append(es, claim(x, t0-10))
			}
			for _, x := range c.tied {
				es = append(es, claim(x, t0))
			}
			d := user(t, es...)
			assert.Equal(t, c.want, d.text(c.field))
			moves := d.moves()
			assert.Equal(t, c.last, moves[len(moves)-len(c.last):])
		})
	}
}

func TestRule7_TiesOfACyclicMachineAreAmbiguousUntilItMovesOrIsBelieved(t *testing.T) {
	t.Parallel()
	tie := []events.Event{claim(mangopay.UserKYCLight, t0), claim(mangopay.UserKYCRegular, t0)}
	with := func(more ...events.Event) told { return user(t, append(more, tie...)...) }
	assert.Equal(t, "true", with().text("ambiguous"))
	assert.Equal(t, "true", with(claim(mangopay.UserKYCLight, t0+1)).text("ambiguous"), "a duplicate moves nothing")
	assert.Equal(t, "true", with(claim(mangopay.UserAccountActivated, t0+1)).text("ambiguous"), "another machine's move does not count")
	assert.Equal(t, "false", with(claim(mangopay.UserKYCRegular, t0+1)).text("ambiguous"))
	assert.Equal(t, "true", with(says(mangopay.KindUser, t0+1, "kyc", "LIGHT")).text("ambiguous"), "not believed within the window")
	assert.Equal(t, "false", with(says(mangopay.KindUser, t0+300, "kyc", "LIGHT")).text("ambiguous"))
}

func TestRule7_ATieWithCLOSEDIsNotAmbiguousAndSCAIsNotCyclic(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "false", user(t, claim(mangopay.UserAccountActivated, t0), claim(mangopay.UserAccountClosed, t0)).text("ambiguous"))
	assert.Equal(t, "false", user(t, claim(mangopay.SCAEnrollmentFailed, t0), claim(mangopay.SCAEnrollmentExpired, t0)).text("ambiguous"))
	assert.Equal(t, "EXPIRED/FAILED", func() string {
		d := user(t, claim(mangopay.SCAEnrollmentFailed, t0), claim(mangopay.SCAEnrollmentExpired, t0))
		return d.History[0].Event[len("SCA_ENROLLMENT_"):] + "/" + d.text("sca_last_attempt")
	}(), "sca goes by type")
}

func TestRule7_ATieClearsBacking(t *testing.T) {
	t.Parallel()
	d := user(t, says(mangopay.KindUser, t0-1000, "kyc", "LIGHT"), claim(mangopay.UserKYCLight, t0), claim(mangopay.UserKYCRegular, t0))
	assert.Equal(t, false, d.fields["confirmed"].(map[string]any)["kyc"])
}

func TestRule8_TypesWithoutAMachineAreNotedAndMakeNoDocument(t *testing.T) {
	t.Parallel()
	assert.Empty(t, tell(t, claim("SCA_EMAIL_VERIFIED", t0), claim("IDENTITY_VERIFICATION_PSC_VALIDATED", t0), claim("PAYIN_NORMAL_SUCCEEDED", t0), claim("BRAND_NEW", t0)))
	d := session(t, claim("IDENTITY_VERIFICATION_PSC_VALIDATED", t0+1), claim(mangopay.IdentityVerificationPending, t0))
	assert.Equal(t, []string{"session first →PENDING", " noted →"}, d.moves())
}

func TestRule8_TIMEOUTIsReadAsEXPIREDAndKeepsItsName(t *testing.T) {
	t.Parallel()
	d := session(t, claim(mangopay.IdentityVerificationPending, t0), claim(mangopay.IdentityVerificationTimeout, t0+1))
	assert.Equal(t, "EXPIRED", d.text("status"))
	assert.Equal(t, "IDENTITY_VERIFICATION_TIMEOUT", d.History[1].Event)
}

func TestRule9_REVIEWIsAConflictOnlyAfterAnEarlierObservationSaidNATURAL(t *testing.T) {
	t.Parallel()
	pending, review := claim(mangopay.IdentityVerificationPending, t0), claim(mangopay.IdentityVerificationInconclusive, t0+1000)
	knows := func(at int64, person string) events.Event {
		return says(mangopay.KindSession, at, "session", "PENDING", "+"+views.PersonType, person)
	}
	assert.Equal(t, "REVIEW", session(t, pending, review).text("status"))
	assert.Equal(t, "REVIEW", session(t, pending, knows(t0+500, "LEGAL"), review).text("status"))
	d := session(t, pending, knows(t0+500, "NATURAL"), review)
	assert.Equal(t, "PENDING", d.text("status"))
	assert.Equal(t, "1", d.text("conflicts"))
	assert.Contains(t, d.History[2].Why, "natural", "the failed guard says what it saw (law 9)")
	assert.Equal(t, "REVIEW", session(t, pending, review, says(mangopay.KindSession, t0+1000, "+"+views.PersonType, "NATURAL")).text("status"),
		"an observation of the same second comes after the claim")
}

func TestRule10_AnUnknownObservedValueIsKeptAndTheNextClaimIsReadAsFirst(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.UserAccountActivated, t0), says(mangopay.KindUser, t0+1000, "status", "FROZEN"))
	assert.Equal(t, "FROZEN", d.text("user_status"))
	assert.Equal(t, []string{"status first →ACTIVE", "status conflict ACTIVE→FROZEN"}, d.moves())
	d = user(t, says(mangopay.KindUser, t0, "status", "FROZEN"), claim(mangopay.UserAccountClosed, t0+1000))
	assert.Equal(t, "CLOSED", d.text("user_status"))
	assert.Equal(t, []string{"status first →FROZEN", "status first FROZEN→CLOSED"}, d.moves())
}

func TestRule10_AnUnknownValueOfEnrolmentLeavesTheLastAttempt(t *testing.T) {
	t.Parallel()
	d := user(t, claim(mangopay.SCAEnrollmentFailed, t0), says(mangopay.KindUser, t0+1000, "sca", "PARTLY"))
	assert.Equal(t, "false", d.text("sca_enrolled"))
	assert.Equal(t, "FAILED", d.text("sca_last_attempt"))
	d = user(t, claim(mangopay.SCAEnrollmentFailed, t0), says(mangopay.KindUser, t0+1000, "sca", "PARTLY"), claim(mangopay.SCAEnrollmentExpired, t0+2000))
	assert.Equal(t, "sca first PARTLY→ATTEMPT_EXPIRED", d.moves()[2])
}

func TestRule10_OldAndNewSpellingsOfObservedValues(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "OUT_OF_DATE", session(t, says(mangopay.KindSession, t0, "session", "OUTDATED")).text("status"))
	assert.Equal(t, "EXPIRED", session(t, says(mangopay.KindSession, t0, "session", "TIMEOUT")).text("status"))
	d := user(t, claim(mangopay.UserCategoryUpdatedToOwner, t0), says(mangopay.KindUser, t0+1000, "category", "UNKNOWN"))
	assert.Empty(t, d.text("user_category"))
	assert.Equal(t, false, d.fields["confirmed"].(map[string]any)["category"], "what is unknown is not confirmed")
}

func TestRule11_KYC(t *testing.T) {
	t.Parallel()
	const (
		light, regular    = mangopay.UserKYCLight, mangopay.UserKYCRegular
		required, renewed = mangopay.UserKYCRenewalRequired, mangopay.UserKYCRenewed
	)
	for _, c := range []struct {
		types []events.Type
		want  string
	}{
		{[]events.Type{required}, "kyc first →REGULAR+due"},
		{[]events.Type{light, required}, "kyc gap LIGHT→REGULAR+due"},
		{[]events.Type{regular, required}, "kyc applied REGULAR→REGULAR+due"},
		{[]events.Type{required, required}, "kyc duplicate REGULAR+due→REGULAR+due"},
		{[]events.Type{renewed}, "kyc first →REGULAR"},
		{[]events.Type{light, renewed}, "kyc gap LIGHT→REGULAR"},
		{[]events.Type{regular, renewed}, "kyc noted REGULAR→REGULAR"},
		{[]events.Type{required, renewed}, "kyc applied REGULAR+due→REGULAR"},
		{[]events.Type{required, light}, "kyc applied REGULAR+due→LIGHT"},
		{[]events.Type{required, regular}, "kyc duplicate REGULAR+due→REGULAR+due"},
	} {
		var es []events.Event
		for i, x := range c.types {
			es = append(es, claim(x, t0+int64(i)))
		}
		moves := user(t, es...).moves()
		assert.Equal(t, c.want, moves[len(moves)-1], "%v", c.types)
	}
	d := user(t, claim(required, t0), says(mangopay.KindUser, t0+1000, "kyc", "REGULAR"))
	assert.Equal(t, "true", d.text("kyc_renewal_due"), "the API's REGULAR says nothing of the renewal")
	assert.Equal(t, "kyc duplicate REGULAR+due→REGULAR+due", d.moves()[1])
}

func TestRule11_PLATFORMToOWNEROrPAYERIsAGap(t *testing.T) {
	t.Parallel()
	for _, to := range []events.Type{mangopay.UserCategoryUpdatedToOwner, mangopay.UserCategoryUpdatedToPayer} {
		d := user(t, claim(mangopay.UserCategoryUpdatedToPlatform, t0), claim(to, t0+1))
		assert.Equal(t, "1", d.text("gaps"))
	}
}

func TestRule12_SCA(t *testing.T) {
	t.Parallel()
	const ok, failed, expired = mangopay.SCAEnrollmentSucceeded, mangopay.SCAEnrollmentFailed, mangopay.SCAEnrollmentExpired
	for _, c := range []struct {
		types    []events.Type
		enrolled string
		last     string
		verdict  string
	}{
		{[]events.Type{failed}, "false", "FAILED", "first"},
		{[]events.Type{ok}, "true", "SUCCEEDED", "first"},
		{[]events.Type{ok, ok}, "true", "SUCCEEDED", "duplicate"},
		{[]events.Type{ok, failed}, "true", "FAILED", "applied"},
		{[]events.Type{ok, failed, failed}, "true", "FAILED", "duplicate"},
		{[]events.Type{ok, expired, ok}, "true", "SUCCEEDED", "applied"},
		{[]events.Type{failed, expired}, "false", "EXPIRED", "applied"},
		{[]events.Type{expired, ok}, "true", "SUCCEEDED", "applied"},
	} {
		var es []events.Event
		for i, x := range c.types {
			es = append(es, claim(x, t0+int64(i)))
		}
		d := user(t, es...)
		assert.Equal(t, c.enrolled, d.text("sca_enrolled"), "%v", c.types)
		assert.Equal(t, c.last, d.text("sca_last_attempt"), "%v", c.types)
		assert.Equal(t, c.verdict, d.History[len(d.History)-1].Verdict.String(), "%v", c.types)
	}
	d := user(t, claim(ok, t0), says(mangopay.KindUser, t0+1000, "sca", "false"))
	assert.Equal(t, "false", d.text("sca_enrolled"), "an observation may clear it")
	assert.Equal(t, "SUCCEEDED", d.text("sca_last_attempt"), "and leaves the last attempt")
	assert.Equal(t, "first", user(t, says(mangopay.KindUser, t0, "sca", "true"), claim(failed, t0+1000)).History[1].Verdict.String(), "there was no attempt")
}
