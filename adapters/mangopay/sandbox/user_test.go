package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLegacyEndpointsMakeActiveUsersWithoutAnyEvent(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for path, body := range map[string]obj{"/users/natural": natural(), "/users/legal": flat()} {
		for category, want := range map[any]string{"OWNER": "OWNER", "PAYER": "PAYER", nil: "OWNER"} {
			u := h.post(path, changed(body, []any{"UserCategory", category}))
			assert.Equal(t, []any{"ACTIVE", want, "LIGHT"}, []any{u["UserStatus"], u["UserCategory"], u["KYCLevel"]})
			assert.NotContains(t, u, "PendingUserAction")
			assert.Empty(t, h.events(u["Id"]))
			assert.Equal(t, u, h.get("/users/"+u["Id"].(string)), "what is read is what was created")
		}
	}
	u := h.post("/users/natural", natural("UserCategory", nil, "TermsAndConditionsAccepted", nil))
	assert.Equal(t, "PAYER", u["UserCategory"], "without the terms")
	a := h.do(http.MethodPost, "/users/natural", natural("TermsAndConditionsAccepted", false))
	assert.Equal(t, http.StatusForbidden, a.status)
}

func TestRequiredFieldsAreNamed(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for path, want := range map[string][]string{
		"/users/natural":     {"FirstName", "LastName", "Email"},
		"/sca/users/natural": {"FirstName", "LastName", "Email", "UserCategory"},
		"/users/legal":       {"Name", "LegalPersonType", "Email", "LegalRepresentativeFirstName", "LegalRepresentativeLastName"},
		"/sca/users/legal":   {"Name", "LegalPersonType", "Email", "LegalRepresentative.FirstName", "LegalRepresentative.LastName", "LegalRepresentative.Email", "UserCategory"},
	} {
		a := h.do(http.MethodPost, path, obj{})
		fields := []string{}
		for field, words := range a.body["errors"].(obj) {
			fields = append(fields, field)
			assert.Equal(t, "The "+field+" field is required.", words)
		}
		assert.ElementsMatch(t, want, fields, path)
	}
	for field, v := range map[string]any{"LegalPersonType": "CLUB", "UserCategory": "KING", "ScaContext": "USER_ASLEEP"} {
		a := h.do(http.MethodPost, "/sca/users/legal", legal("BUSINESS", field, v))
		assert.Contains(t, a.body["errors"], field)
	}
}

func TestTheTwoShapesOfALegalUserShowTheSame(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/sca/users/legal", legal("BUSINESS"))
	f := h.get("/users/" + u["Id"].(string))
	r := u["LegalRepresentative"].(obj)
	for _, field := range []string{"FirstName", "LastName", "Email", "Birthday", "Nationality", "CountryOfResidence"} {
		assert.Equal(t, r[field], f["LegalRepresentative"+field], field)
	}
	assert.NotContains(t, f, "LegalRepresentative")
	assert.Nil(t, h.post("/users/legal", flat())["LegalRepresentativeEmail"])
	h.put("/users/legal/"+u["Id"].(string), obj{"LegalRepresentativeFirstName": "Janine", "CompanyNumber": 5})
	assert.Equal(t, "Janine", h.user(u["Id"])["LegalRepresentative"].(obj)["FirstName"])
	assert.Equal(t, "jeanne@example.com", h.user(u["Id"])["LegalRepresentative"].(obj)["Email"], "what is not named stays")
	assert.Equal(t, "5", h.user(u["Id"])["CompanyNumber"], "an SDK sends it as a number")
	assert.Equal(t, http.StatusNotFound, h.do(http.MethodPut, "/users/natural/"+u["Id"].(string), obj{}).status)
}

func TestAnUpdateChangesWhatItNamesAndTakesTheWholeObjectBack(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/users/natural", natural("Birthday", 188301600.0, "Tag", "mine"))
	id := u["Id"].(string)
	u["Occupation"] = "actress"
	u["Id"], u["KYCLevel"], u["CreationDate"], u["UserStatus"] = "other", "REGULAR", 5, "CLOSED" // what cannot be set is not looked at
	got := h.put("/users/natural/"+id, u)
	assert.Equal(t, []any{id, "actress", "mine", "LIGHT", "ACTIVE"}, []any{got["Id"], got["Occupation"], got["Tag"], got["KYCLevel"], got["UserStatus"]})
	assert.Equal(t, 188301600.0, got["Birthday"])
	assert.Equal(t, got, h.get("/users/natural/"+id))
}

func TestAnEnrolledOwnersNewContactDataAsksForANewEnrolment(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	target := "/sca/users/natural/" + id.(string)
	assert.Nil(t, h.put(target, obj{"Occupation": "actress"})["PendingUserAction"])
	for _, change := range []obj{{"Email": "new@example.com"}, {"PhoneNumber": "+33622222222"}, {"PhoneNumberCountry": "BE"}} {
		u := h.put(target, change)
		assert.Equal(t, "PENDING_USER_ACTION", u["UserStatus"])
		assert.Equal(t, askedEvent, last(h.events(id)))
		s := h.get("/sca/users/" + id.(string) + "/sca-status")
		assert.Equal(t, true, s["IsEnrolled"], "it stays so during a re-enrolment")
		h.click(redirect(t, u), "succeeded")
		assert.Equal(t, "ACTIVE", h.user(id)["UserStatus"])
		assert.Equal(t, activeEvent, last(h.events(id)))
	}
	h.put(target, obj{"Email": "newer@example.com"})
	before := h.events(id)
	h.put(target, obj{"Email": "newest@example.com"})
	assert.Equal(t, before, h.events(id), "the status does not change a second time")
	h.mangopay(id, obj{"sca": "succeeded"})
	u := h.put("/users/natural/"+id.(string), obj{"Email": "old@example.com"})
	assert.Equal(t, "ACTIVE", u["UserStatus"], "without SCA there is no enrolment")
}

func TestEnrollNeverChangesTheStatus(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	old := h.post("/users/natural", natural())["Id"]
	one := redirect(t, h.post("/sca/users/"+old.(string)+"/enrollment", nil))
	two := redirect(t, h.post("/sca/users/"+old.(string)+"/enrollment", nil))
	assert.Equal(t, "ACTIVE", h.user(old)["UserStatus"])
	assert.Empty(t, h.events(old))
	h.click(two, "succeeded")
	h.click(one, "failed") // a second session is as good as the first
	assert.Equal(t, []string{sucEvent, failEvent}, h.events(old))
	s := h.get("/sca/users/" + old.(string) + "/sca-status")
	assert.Equal(t, []any{true, float64(start.Unix())}, []any{s["IsEnrolled"], s["LastEnrollmentDate"]}, "an earlier enrolment holds")
}

func TestTheEnrolmentPageReturnsTheUserWithAnIndication(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for choice, want := range map[string]string{"succeeded": "VALIDATED", "failed": "FAILED"} {
		u := h.post("/sca/users/natural", natural())
		a := h.click(redirect(t, u)+"&returnUrl=https%3A%2F%2Fplatform.example%2Fback%3Fx%3D1", choice)
		assert.Equal(t, "https://platform.example/back?controlStatus="+want+"&x=1", a.header.Get("Location"))
		assert.Equal(t, http.StatusGone, h.page(redirect(t, u)).status)
	}
	u := h.post("/sca/users/natural", natural())
	a := h.click(redirect(t, u)+"&returnUrl=javascript%3Aalert(1)", "failed")
	assert.Empty(t, a.header.Get("Location"))
	assert.Equal(t, http.StatusNotFound, h.page(h.at+"/sca?token=sca_unknown").status)
}

func TestScaStatusIsUnknownUntilAnEnrolmentWasTriggered(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	payer := h.post("/sca/users/natural", natural("UserCategory", "PAYER"))["Id"].(string)
	assert.Equal(t, http.StatusNotFound, h.do(http.MethodGet, "/sca/users/"+payer+"/sca-status", nil).status)
	u := h.post("/sca/users/natural", natural())
	target := "/sca/users/" + u["Id"].(string) + "/sca-status"
	s := h.get(target)
	assert.Equal(t, obj{
		"UserStatus": "PENDING_USER_ACTION", "IsEnrolled": false, "LastEnrollmentDate": nil, "LastConsentCollectionDate": nil,
		"ConsentScope": obj{"ContactInformationUpdate": nil, "RecipientRegistration": nil, "Transfer": nil, "ViewAccountInformation": nil},
	}, s)
	h.click(redirect(t, h.post("/sca/users/"+u["Id"].(string)+"/consent", nil)), "succeeded")
	s = h.get(target)
	assert.Equal(t, true, s["IsEnrolled"])
	assert.Equal(t, "ACTIVE", s["ConsentScope"].(obj)["Transfer"])
	assert.Contains(t, h.events(u["Id"]), "SCA_TRANSFER_CONSENT_GIVEN")
}

func TestCategoriseMergesWithWhatIsThereAndAsksForSCA(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	bare := obj{"FirstName": "Jeanne", "LastName": "Moreau", "Email": "jeanne@example.com", "UserCategory": "PAYER"}
	id := h.post("/sca/users/natural", bare)["Id"]
	target := "/sca/users/natural/" + id.(string) + "/category"
	a := h.do(http.MethodPut, target, obj{"UserCategory": "OWNER"})
	assert.Contains(t, a.body["errors"], "Birthday")
	more := obj{"UserCategory": "OWNER", "Birthday": 188301600, "Nationality": "FR", "CountryOfResidence": "FR"}
	a = h.do(http.MethodPut, target, more)
	assert.Equal(t, "user_hasnt_accepted_terms_and_conditions", a.body["Type"])
	more["TermsAndConditionsAccepted"] = true
	u := h.put(target, more)
	assert.Equal(t, []any{"OWNER", "PENDING_USER_ACTION", "Jeanne"}, []any{u["UserCategory"], u["UserStatus"], u["FirstName"]})
	assert.Equal(t, []string{toOwner, askedEvent}, h.events(id))
	h.click(redirect(t, u), "succeeded")
	assert.Equal(t, []string{toOwner, askedEvent, sucEvent, activeEvent}, h.events(id))
}

func TestAClosureIsForGoodBlocksTheFlowsAndNeedsEmptyWallets(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for person, id := range map[string]any{"natural": h.enrolled(), "legal": h.company("BUSINESS")} {
		w := h.wallet(id, 5)
		target := "/users/" + person + "/" + id.(string)
		assert.Equal(t, "user_closure_not_possible", h.do(http.MethodDelete, target, nil).body["Type"])
		h.tool(http.MethodPost, "/wallets/"+w, obj{"add": -5})
		before := len(h.events(id))
		a := h.do(http.MethodDelete, target, nil)
		assert.Equal(t, http.StatusNoContent, a.status)
		assert.Empty(t, a.raw)
		assert.ElementsMatch(t, []string{"USER_ACCOUNT_CLOSED", "USER_INFLOWS_BLOCKED", "USER_OUTFLOWS_BLOCKED"}, h.events(id)[before:])
		assert.Equal(t, "user_closure_failed", h.do(http.MethodDelete, target, nil).body["Type"])
		assert.Equal(t, "CLOSED", h.user(id)["UserStatus"])
		assert.Equal(t, obj{"Inflows": true, "Outflows": true}, h.get("/users/" + id.(string) + "/regulatory")["ScopeBlocked"])
		for path, method := range map[string]string{"/sca" + target: http.MethodPut, "/sca/users/" + id.(string) + "/enrollment": http.MethodPost} {
			assert.Equal(t, http.StatusBadRequest, h.do(method, path, obj{}).status, path)
		}
		assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id.(string), obj{"kyc": "REGULAR"}).status)
	}
}

func TestALinkOfAClosedUserEndsWithoutAnEvent(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/sca/users/natural", natural())
	h.mangopay(u["Id"], obj{"close": true})
	before := h.events(u["Id"])
	h.advance(time.Hour)
	assert.Equal(t, before, h.events(u["Id"]))
	assert.Equal(t, "CLOSED", h.user(u["Id"])["UserStatus"])
}

func TestEachBlockIsAnEventOfItsOwn(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.post("/users/natural", natural())["Id"]
	h.mangopay(id, obj{"blocks": obj{"inflows": true, "action_code": "008701"}})
	h.mangopay(id, obj{"blocks": obj{"inflows": true, "outflows": true, "action_code": "008701"}})
	r := h.get("/users/" + id.(string) + "/regulatory")
	assert.Equal(t, []any{"008701", obj{"Inflows": true, "Outflows": true}}, []any{r["ActionCode"], r["ScopeBlocked"]})
	h.mangopay(id, obj{"blocks": obj{}})
	assert.Equal(t, []string{"USER_INFLOWS_BLOCKED", "USER_OUTFLOWS_BLOCKED", "USER_INFLOWS_UNBLOCKED", "USER_OUTFLOWS_UNBLOCKED"}, h.events(id))
	assert.Equal(t, "", h.get("/users/" + id.(string) + "/blockStatus")["ActionCode"]) //nolint:testifylint // null is empty too, and wrong
}

func TestARenewalIsRequiredNinetyDaysAheadAndIsMadeByANewSession(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id.(string), obj{"renewal": "required"}).status, "the user is LIGHT")
	h.come(id, obj{"outcome": "VALIDATED"})
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id.(string), obj{"renewal": "renewed"}).status)
	h.mangopay(id, obj{"renewal": "required"})
	k := h.get("/users/" + id.(string) + "/regulatory")["KycInformation"].(obj)
	assert.Equal(t, float64(start.Add(90*24*time.Hour).Unix()), k["KycRenewalDeadline"])
	h.come(id, obj{"outcome": "VALIDATED"})
	assert.Equal(t, []string{"USER_KYC_REGULAR", "USER_KYC_RENEWAL_REQUIRED", "USER_KYC_RENEWED"}, h.events(id)[3:])
	assert.Equal(t, "REGULAR", h.user(id)["KYCLevel"])
}

func TestAnOwnerWhoBecomesAPayerIsLight(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.come(id, obj{"outcome": "VALIDATED"})
	h.mangopay(id, obj{"category": "PAYER"})
	assert.Equal(t, []any{"PAYER", "LIGHT"}, []any{h.user(id)["UserCategory"], h.user(id)["KYCLevel"]})
	assert.Equal(t, "OUT_OF_DATE", h.session(v["Id"])["Status"])
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id.(string), obj{"kyc": "REGULAR"}).status)
}

func TestTransfersOfBlockedAndClosedUsersFailWith200(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	one, two := h.enrolled(), h.enrolled()
	from, to := h.wallet(one, 100), h.wallet(two, 0)
	assert.Equal(t, "SUCCEEDED", h.transfer(one, from, to, 1)["Status"])
	h.mangopay(two, obj{"blocks": obj{"inflows": true}})
	x := h.transfer(one, from, to, 1)
	assert.Equal(t, []any{"FAILED", "008700"}, []any{x["Status"], x["ResultCode"]})
	assert.Equal(t, x, h.get("/transfers/"+x["Id"].(string)))
	h.mangopay(two, obj{"close": true})
	assert.Equal(t, "008700", h.transfer(one, from, to, 1)["ResultCode"])
	assert.Len(t, h.list("/wallets/"+from+"/transactions"), 3)
	assert.Len(t, h.list("/users/"+two.(string)+"/transactions"), 3)
	assert.Empty(t, h.list("/transfers/"+x["Id"].(string)+"/refunds"))
	for field, bad := range map[string]obj{
		"AuthorId": {"AuthorId": two}, "DebitedWalletId": {"DebitedWalletId": "x"}, "CreditedWalletId": {"CreditedWalletId": from},
		"DebitedFunds": {"DebitedFunds": obj{"Currency": "EUR", "Amount": 0}},
	} {
		body := obj{"AuthorId": one, "DebitedWalletId": from, "CreditedWalletId": to, "DebitedFunds": obj{"Currency": "EUR", "Amount": 1}}
		for k, v := range bad {
			body[k] = v
		}
		assert.Contains(t, h.do(http.MethodPost, "/transfers", body).body["errors"], field)
	}
}

func TestMoneyIsShownToWhoIsPresentOnlyAfterAChallenge(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	w := h.wallet(id, 1)
	for _, path := range []string{"/wallets/" + w, "/wallets/" + w + "/transactions", "/users/" + id + "/wallets", "/users/" + id + "/transactions"} {
		assert.Equal(t, http.StatusUnauthorized, h.do(http.MethodGet, path+"?ScaContext=USER_PRESENT", nil).status, path)
		assert.Equal(t, http.StatusOK, h.do(http.MethodGet, path, nil).status, path)
	}
	h.click(h.challenge(id), "succeeded")
	assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/wallets/"+w+"?ScaContext=USER_PRESENT", nil).status)
	h.advance(180 * 24 * time.Hour)
	assert.Equal(t, http.StatusUnauthorized, h.do(http.MethodGet, "/wallets/"+w+"?ScaContext=USER_PRESENT", nil).status)
}

func TestConsentLetsAPlatformTransferWithoutTheUser(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	one, two := h.enrolled(), h.enrolled()
	from, to := h.wallet(one, 100), h.wallet(two, 0)
	body := obj{
		"AuthorId": one, "DebitedWalletId": from, "CreditedWalletId": to, "DebitedFunds": obj{"Currency": "EUR", "Amount": 1},
		"ScaContext": "USER_NOT_PRESENT",
	}
	a := h.do(http.MethodPost, "/transfers", body)
	assert.Equal(t, []any{http.StatusForbidden, "sca_proxy_missing"}, []any{a.status, a.body["Type"]})
	h.click(redirect(t, h.post("/sca/users/"+one.(string)+"/consent", nil)), "succeeded")
	assert.Equal(t, "SUCCEEDED", h.post("/transfers", body)["Status"])
}

func TestValuesAreTakenAsTheSDKsSendThem(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for in, want := range map[any]bool{1: true, 0: false, "1": true, "false": false, true: true} {
		u := h.post("/users/natural", natural("UserCategory", "PAYER", "TermsAndConditionsAccepted", in, "IncomeRange", "3", "Birthday", -5.0))
		assert.Equal(t, []any{want, 3.0, -5.0}, []any{u["TermsAndConditionsAccepted"], u["IncomeRange"], u["Birthday"]}, "%v", in)
	}
	for field, bad := range map[string]any{"TermsAndConditionsAccepted": "maybe", "Birthday": "yesterday", "IncomeRange": "much"} {
		assert.Equal(t, http.StatusBadRequest, h.do(http.MethodPost, "/users/natural", natural(field, bad)).status, field)
	}
}

func TestAUserWhoIsNotPresentIsNotAskedToAct(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/sca/users/natural", natural("ScaContext", "USER_NOT_PRESENT"))
	assert.Equal(t, []any{"ACTIVE", nil}, []any{u["UserStatus"], u["PendingUserAction"]})
	assert.Empty(t, h.events(u["Id"]))
	id := h.enrolled()
	target, change := "/sca/users/natural/"+id.(string), obj{"Email": "new@example.com", "ScaContext": "USER_NOT_PRESENT"}
	assert.Equal(t, "sca_proxy_missing", h.do(http.MethodPut, target, change).body["Type"])
	assert.Equal(t, "jeanne@example.com", h.user(id)["Email"], "nothing has changed")
	h.click(redirect(t, h.post("/sca/users/"+id.(string)+"/consent", nil)), "succeeded")
	assert.Equal(t, []any{"ACTIVE", "new@example.com"}, []any{h.put(target, change)["UserStatus"], h.user(id)["Email"]})
}

func TestDocumentsGoTheirWay(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	d := h.post("/users/"+id+"/KYC/documents/", obj{"Type": "IDENTITY_PROOF", "Tag": "mine"})
	target := "/users/" + id + "/kyc/documents/" + d["Id"].(string)
	for _, bad := range []string{"", "any file content...", "qqqq"} {
		assert.Equal(t, http.StatusBadRequest, h.do(http.MethodPost, target+"/pages", obj{"File": bad}).status, bad)
	}
	assert.Equal(t, http.StatusNoContent, h.do(http.MethodPost, target+"/pages", obj{"File": "aGVsbG8g\nd29ybGQ=\n"}).status)
	h.put(target, obj{"Status": "VALIDATION_ASKED"})
	assert.Equal(t, http.StatusBadRequest, h.do(http.MethodPost, target+"/pages", obj{"File": "aGVsbG8gd29ybGQ="}).status)
	h.tool(http.MethodPost, "/documents/"+d["Id"].(string), obj{"status": "REFUSED", "reason": "DOCUMENT_UNREADABLE", "message": "Too dark."})
	got := h.get(target)
	assert.Equal(t, []any{"REFUSED", "DOCUMENT_UNREADABLE", "Too dark."}, []any{got["Status"], got["RefusedReasonType"], got["RefusedReasonMessage"]})
	assert.Equal(t, []string{"KYC_CREATED", "KYC_VALIDATION_ASKED", "KYC_FAILED"}, h.events(d["Id"]))
	assert.Equal(t, []obj{got}, h.list("/kyc/documents"))
	assert.Equal(t, []obj{got}, h.list("/users/"+id+"/kyc/documents"))
	assert.Empty(t, h.list("/kyc/documents?AfterDate="+"1843626814"))
	assert.Equal(t, http.StatusNotFound, h.do(http.MethodGet, strings.Replace(target, id, h.enrolled().(string), 1), nil).status)
	assert.Equal(t, http.StatusBadRequest, h.do(http.MethodPost, "/users/"+id+"/kyc/documents", obj{"Type": "LETTER"}).status)

	h.tool(http.MethodPost, "/documents/"+d["Id"].(string), obj{"status": "VALIDATED"})
	h.mangopay(id, obj{"kyc": "REGULAR"})
	h.mangopay(id, obj{"kyc": "LIGHT"})
	assert.Equal(t, "KYC_OUTDATED", last(h.events(d["Id"])), "a downgrade takes documents along")
}

func TestUsersAreListedPageByPage(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	var ids []any
	for range 12 {
		ids = append(ids, h.post("/users/natural", natural())["Id"])
	}
	one := h.do(http.MethodGet, "/users", nil)
	require.Len(t, one.list, 10)
	assert.Empty(t, one.header.Get("X-Number-Of-Pages"), "SDKs that ask for no page want none")
	two := h.do(http.MethodGet, "/users?page=2&per_page=5&Sort=CreationDate:DESC", nil)
	require.Len(t, two.list, 5)
	assert.Equal(t, ids[6], two.list[0]["Id"])
	assert.Equal(t, []string{"3", "12"}, []string{two.header.Get("X-Number-Of-Pages"), two.header.Get("X-Number-Of-Items")})
	for _, rel := range []string{"first", "prev", "next", "last"} {
		assert.Contains(t, two.header.Get("Link"), `rel="`+rel+`"`)
	}
	assert.Equal(t, ids[0], h.list("/users?Page=0&Per_Page=200")[0]["Id"])
	assert.Empty(t, h.list("/users?page=9"))
	for _, bad := range []string{"page=x", "per_page=-1", "Sort=Name:asc"} {
		assert.Equal(t, http.StatusBadRequest, h.do(http.MethodGet, "/users?"+bad, nil).status, bad)
	}
}
