package views_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// person folds a user.
func person(es ...events.Event) views.User {
	var recs []projections.Record
	for _, e := range es {
		recs = append(recs, projections.Record{Event: e})
	}
	return projections.Fold(views.Users, events.Ref{Source: mangopay.Source, Kind: mangopay.KindUser, ID: "u"}, recs, projections.AsOf{}).Value
}

// api is a reading of the user.
func api(pairs ...string) events.Event { return says(mangopay.KindUser, t0+9000, pairs...) }

func TestS2_002702_APAYERCannotReceiveFromAnOWNER(t *testing.T) {
	t.Parallel()
	d := views.MayReceiveFromOwner(person(claim(mangopay.UserCategoryUpdatedToPayer, t0)))
	assert.Equal(t, views.Decision{Basis: views.Claimed, Code: "002702", Reason: d.Reason}, d)
	d = views.MayReceiveFromOwner(person(api("category", "PAYER")))
	assert.Equal(t, views.Confirmed, d.Basis)
	d = views.MayTransfer(person(api("category", "OWNER")), person(api("category", "PAYER")))
	assert.Equal(t, "002702", d.Code)
}

func TestLaw8_ADecisionSaysWhatItRestsOn(t *testing.T) {
	t.Parallel()
	d := views.MayReceiveFromOwner(person(claim(mangopay.UserCategoryUpdatedToOwner, t0)))
	assert.True(t, d.Allowed)
	assert.Equal(t, views.Claimed, d.Basis, "a notification alone")
	d = views.MayReceiveFromOwner(person(api("category", "OWNER")))
	assert.Equal(t, views.Confirmed, d.Basis)
	d = views.MayReceiveFromOwner(person(api("category", "OWNER"), claim(mangopay.UserInflowsUnblocked, t0)))
	assert.Equal(t, views.Claimed, d.Basis, "one claimed value lowers the whole")
}

func TestTrap11_CreationIsSilentSoNothingFollowsFromTheAbsenceOfEvents(t *testing.T) {
	t.Parallel()
	nobody := person(claim(mangopay.UserKYCRegular, t0))
	owner := person(api("category", "OWNER", "+"+views.PersonType, "NATURAL"))
	for name, d := range map[string]views.Decision{
		"receive": views.MayReceiveFromOwner(nobody), "pay out": views.MayPayOut(nobody),
		"verify": views.MayStartVerification(nobody), "send": views.MayTransfer(nobody, owner), "to": views.MayTransfer(owner, nobody),
	} {
		assert.False(t, d.Allowed, name)
		assert.Equal(t, views.Unknown, d.Basis, name)
	}
}

func TestLaw7_AValueThatIsNotKnownHereUnlocksNothing(t *testing.T) {
	t.Parallel()
	for _, pairs := range [][]string{
		{"category", "RESELLER"}, {"category", "OWNER", "status", "FROZEN"},
		{"category", "OWNER", "inflows", "MAYBE"}, {"category", "OWNER", "inflows", "true"},
	} {
		u := person(api(pairs...))
		for _, d := range []views.Decision{views.MayReceiveFromOwner(u), views.MayTransfer(person(api("category", "OWNER")), u)} {
			assert.False(t, d.Allowed, "%v", pairs)
			assert.Equal(t, views.Unknown, d.Basis, "%v", pairs)
		}
	}
	assert.False(t, views.MayPayOut(person(api("category", "OWNER", "outflows", "MAYBE"))).Allowed)
}

func TestClosedAndBlockedUsersAreRefused(t *testing.T) {
	t.Parallel()
	closed := person(claim(mangopay.UserAccountClosed, t0), claim(mangopay.UserCategoryUpdatedToOwner, t0))
	in := person(api("category", "OWNER", "inflows", "BLOCKED"))
	out := person(api("category", "OWNER", "outflows", "BLOCKED"))
	ok := person(api("category", "OWNER"))
	for name, d := range map[string]views.Decision{
		"closed receives": views.MayReceiveFromOwner(closed), "closed pays out": views.MayPayOut(closed),
		"closed sends": views.MayTransfer(closed, ok), "to closed": views.MayTransfer(ok, closed),
		"inflows": views.MayReceiveFromOwner(in), "to inflows": views.MayTransfer(ok, in),
		"outflows": views.MayPayOut(out), "from outflows": views.MayTransfer(out, ok),
	} {
		assert.False(t, d.Allowed, name)
		assert.Equal(t, "008700", d.Code, name)
	}
	assert.True(t, views.MayReceiveFromOwner(out).Allowed)
	assert.True(t, views.MayPayOut(in).Allowed)
	assert.False(t, views.MayStartVerification(closed).Allowed)
}

func Test002701_APAYERCannotTransferToAPAYERNorPayOut(t *testing.T) {
	t.Parallel()
	payer, owner := person(api("category", "PAYER")), person(api("category", "OWNER"))
	assert.Equal(t, "002701", views.MayTransfer(payer, payer).Code)
	assert.Equal(t, "002701", views.MayPayOut(payer).Code)
	assert.True(t, views.MayTransfer(payer, owner).Allowed)
	assert.True(t, views.MayTransfer(owner, owner).Allowed)
	claimed := person(claim(mangopay.UserCategoryUpdatedToPayer, t0))
	assert.Equal(t, views.Claimed, views.MayTransfer(payer, claimed).Basis)
}

func TestTrap16_PENDINGUSERACTIONIsNotBlocked(t *testing.T) {
	t.Parallel()
	u := person(api("category", "OWNER", "status", "PENDING_USER_ACTION"))
	assert.True(t, views.MayReceiveFromOwner(u).Allowed)
	assert.True(t, views.MayPayOut(u).Allowed)
}

func TestS3_TheUserCategoryMustBeOWNEROfASupportedType(t *testing.T) {
	t.Parallel()
	verify := func(pairs ...string) views.Decision { return views.MayStartVerification(person(api(pairs...))) }
	const typ, legal = "+" + views.PersonType, "+" + views.LegalPersonType
	assert.True(t, verify("category", "OWNER", typ, "NATURAL").Allowed)
	for _, x := range []string{"BUSINESS", "SOLETRADER", "ORGANIZATION"} {
		assert.True(t, verify("category", "OWNER", typ, "LEGAL", legal, x).Allowed, x)
	}
	d := verify("category", "OWNER", typ, "LEGAL", legal, "PARTNERSHIP")
	assert.Equal(t, "invalid_action", d.Code)
	assert.False(t, d.Allowed)
	assert.Equal(t, "invalid_action", verify("category", "PAYER", typ, "NATURAL").Code)
	assert.Equal(t, views.Unknown, verify("category", "OWNER").Basis)
	assert.Equal(t, views.Unknown, verify("category", "OWNER", typ, "LEGAL").Basis)
	assert.False(t, verify("category", "OWNER", "status", "PENDING_USER_ACTION", typ, "NATURAL").Allowed, "SCA comes first")
	assert.True(t, verify("category", "OWNER", "status", "PENDING_USER_ACTION", "sca", "true", typ, "NATURAL").Allowed)
}

func TestS2_TheFakeNameRuleNamesTheFieldThatTheProviderWillNot(t *testing.T) {
	t.Parallel()
	for name, want := range map[[2]string]string{
		{"Homer", "Simpson"}: "FirstName and LastName", {"marilyn", " MONROE "}: "FirstName and LastName",
		{"test", "Durand"}: "FirstName", {"Jane", "undefined"}: "LastName", {"Jane", "Unknown"}: "LastName",
		{"aeofinzef", "Durand"}: "FirstName", {"Jane", "ojenoiner"}: "LastName", {"", "Durand"}: "FirstName",
		{"123", "Durand"}: "FirstName", {"Jane", "xxxx"}: "LastName",
	} {
		d := views.CheckName(name[0], name[1], true)
		assert.False(t, d.Allowed, "%v", name)
		assert.Equal(t, "fraud_policy", d.Code)
		assert.Equal(t, want, d.Field, "%v", name)
		for _, value := range name {
			if value != "" {
				assert.NotContains(t, d.Reason, value, "values are not repeated")
			}
		}
	}
	for _, name := range [][2]string{{"Aoife", "Ng"}, {"Li", "O"}, {"Þór", "Ó Briain"}, {"Homer", "Durand"}, {"Testino", "Monroe"}} {
		assert.True(t, views.CheckName(name[0], name[1], true).Allowed, "%v", name)
	}
	assert.True(t, views.CheckName("Homer", "Simpson", false).Allowed, "Production only")
}
