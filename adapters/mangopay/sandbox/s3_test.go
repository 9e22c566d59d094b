package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// come lets a new session of a user come out.
func (h *house) come(user any, outcomes ...obj) obj {
	h.t.Helper()
	v := h.begin(user)
	for _, o := range outcomes {
		h.outcome(v["Id"], o)
	}
	return h.session(v["Id"])
}

// company creates a legal OWNER who needs no SCA.
func (h *house) company(kind string) any {
	h.t.Helper()
	body := legal(kind)
	body["LegalRepresentative"].(obj)["Email"] = "accept@example.com"
	return h.post("/sca/users/legal", body)["Id"]
}

// checks are the statuses of a session's checks.
func checks(v obj) map[string]string {
	out := map[string]string{}
	for _, c := range v["Checks"].([]any) {
		out[c.(obj)["Type"].(string)] = c.(obj)["CheckStatus"].(string)
	}
	return out
}

// reasonOf is the first reason of a check.
func reasonOf(v obj, kind string) obj {
	for _, c := range v["Checks"].([]any) {
		if rs := c.(obj)["Reasons"].([]any); c.(obj)["Type"] == kind && len(rs) > 0 {
			return rs[0].(obj)
		}
	}
	return nil
}

// data are the verified values of a session.
func data(v obj) map[string]any {
	out := map[string]any{}
	for _, c := range v["Checks"].([]any) {
		for _, d := range c.(obj)["Data"].([]any) {
			out[d.(obj)["Type"].(string)] = d.(obj)["Value"]
		}
	}
	return out
}

func TestS3_ASessionNeedsAnOwner(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	payer := h.post("/sca/users/natural", natural("UserCategory", "PAYER"))["Id"].(string)
	a := h.do(http.MethodPost, "/users/"+payer+"/identity-verifications", obj{"ReturnUrl": "https://platform.example"})
	assert.Equal(t, http.StatusBadRequest, a.status)
	assert.Equal(t, "invalid_action", a.body["Type"])
	a = h.do(http.MethodPost, "/users/nobody/identity-verifications", obj{"ReturnUrl": "https://platform.example"})
	assert.Equal(t, "param_error", a.body["Type"])
	h.begin(h.enrolled())
}

func TestS3_OwnersProvideMoreAndEnrolInSCA(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, field := range []string{"Birthday", "Nationality", "CountryOfResidence"} {
		a := h.do(http.MethodPost, "/sca/users/natural", natural(field, nil))
		assert.Equal(t, http.StatusBadRequest, a.status)
		assert.Equal(t, obj{field: "The " + field + " field is required."}, a.body["errors"])
		h.post("/sca/users/natural", natural(field, nil, "UserCategory", "PAYER"))
	}
	a := h.do(http.MethodPost, "/sca/users/natural", natural("TermsAndConditionsAccepted", false))
	assert.Equal(t, http.StatusForbidden, a.status)
	assert.Equal(t, "user_hasnt_accepted_terms_and_conditions", a.body["Type"])
	u := h.post("/sca/users/natural", natural())
	assert.Equal(t, "PENDING_USER_ACTION", u["UserStatus"])
	assert.True(t, strings.HasPrefix(redirect(t, u), "http"))
	assert.Nil(t, h.user(u["Id"])["PendingUserAction"], "only the call that triggers SCA gives the link")
	p := h.post("/sca/users/natural", natural("UserCategory", "PAYER"))
	assert.Equal(t, "ACTIVE", p["UserStatus"])
	assert.Nil(t, p["PendingUserAction"])
}

func TestS3_AcceptInTheEmailBypassesSCAInSandbox(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/sca/users/natural", natural("Email", "jeanne+accept@example.com"))
	company := legal("BUSINESS")
	company["LegalRepresentative"].(obj)["Email"] = "accept@example.com"
	c := h.post("/sca/users/legal", company)
	for _, o := range []obj{u, c} {
		assert.Equal(t, "ACTIVE", o["UserStatus"])
		assert.Nil(t, o["PendingUserAction"])
		assert.Empty(t, h.events(o["Id"]))
	}
	h.begin(u["Id"])
	not := h.post("/sca/users/legal", legal("BUSINESS", "Email", "accept@example.com"))
	assert.Equal(t, "PENDING_USER_ACTION", not["UserStatus"], "the representative's address counts")
	prod := open(t, production)
	u = prod.post("/sca/users/natural", natural("Email", "accept@example.com"))
	assert.Equal(t, "PENDING_USER_ACTION", u["UserStatus"])
}

func TestS3_TheSolutionIsAvailableForTheseTypes(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.begin(h.enrolled())
	for _, kind := range []string{"BUSINESS", "SOLETRADER", "ORGANIZATION"} {
		h.begin(h.company(kind))
	}
	a := h.do(http.MethodPost, "/users/"+h.company("PARTNERSHIP").(string)+"/identity-verifications", obj{"ReturnUrl": "https://platform.example"})
	assert.Equal(t, "invalid_action", a.body["Type"])
}

func TestS3_TheSimulatorReplicatesEachCheckAndItsOutcomes(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	natural := string(h.page(h.begin(h.enrolled())["HostedUrl"].(string)).raw)
	for _, part := range []string{"IDENTITY_DOCUMENT_VERIFICATION:FACE_MATCH_FAIL", "IDV_NAME_MATCH_CHECK:DOCUMENT_NOT_ACCEPTED", "IDV_AGE_CHECK:DOCUMENT_NOT_ACCEPTED"} {
		assert.Contains(t, natural, `value="REFUSED:`+part+`"`)
	}
	assert.NotContains(t, natural, "REVIEW:")
	for kind, part := range map[string]string{
		"BUSINESS": "BUSINESS_INSIGHTS_MATCH:BUSINESS_INSIGHTS_MATCH_FAILED", "SOLETRADER": "BUSINESS_NAME_MATCH:BUSINESS_NAME_MATCH_FAILED",
		"ORGANIZATION": "BUSINESS_VERIFICATION:DOCUMENT_NOT_ACCEPTED",
	} {
		page := h.page(h.begin(h.company(kind))["HostedUrl"].(string))
		assert.Contains(t, string(page.raw), `value="REVIEW:`+part+`"`)
	}
}

func TestS3_ReturnUrlMustBeIncluded(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	target := "/users/" + h.enrolled().(string) + "/identity-verifications"
	for _, bad := range []any{obj{}, obj{"ReturnUrl": ""}, obj{"ReturnUrl": "javascript:alert(1)"}, obj{"ReturnUrl": "https://x.example/" + strings.Repeat("x", 500)}, obj{"ReturnUrl": 5}} {
		a := h.do(http.MethodPost, target, bad)
		assert.Equal(t, http.StatusBadRequest, a.status, "%v", bad)
		assert.Contains(t, a.body["errors"], "ReturnUrl")
	}
}

func TestS3_HostedUrlIsUniqueAndHoldsTheReturnUrlEncoded(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	one, two := h.begin(id), h.begin(id)
	assert.NotEqual(t, one["HostedUrl"], two["HostedUrl"])
	assert.True(t, strings.HasSuffix(one["HostedUrl"].(string), "redirectURL="+url.QueryEscape("https://platform.example/back?x=1")))
	assert.Equal(t, "https://platform.example/back?x=1", one["ReturnUrl"])
}

func TestS3_ANewSessionIsPendingAndSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	r := receive(t)
	h.post("/hooks", obj{"EventType": "IDENTITY_VERIFICATION_PENDING", "Url": r.URL})
	v := h.begin(h.enrolled())
	assert.Equal(t, "PENDING", v["Status"])
	assert.Empty(t, v["Checks"])
	assert.Equal(t, []string{"IDENTITY_VERIFICATION_PENDING"}, h.events(v["Id"]))
	h.advance(0)
	require.Len(t, r.all(), 1)
	assert.Equal(t, v["Id"], r.all()[0].Get("RessourceId"))
}

func TestS3_TheLinkIsValidForTwentyFourHoursWhichChangesNoStatusAndFiresNothing(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	v := h.begin(h.enrolled())
	h.advance(24*time.Hour - time.Second)
	assert.Equal(t, http.StatusOK, h.page(v["HostedUrl"].(string)).status)
	h.advance(time.Second)
	assert.Equal(t, http.StatusGone, h.page(v["HostedUrl"].(string)).status)
	u, err := url.Parse(v["HostedUrl"].(string))
	require.NoError(t, err)
	late := h.send(http.MethodPost, u.RequestURI(), []byte("choice=VALIDATED"), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	assert.Equal(t, http.StatusGone, late.status)
	h.advance(48 * time.Hour)
	assert.Equal(t, "PENDING", h.session(v["Id"])["Status"])
	assert.Equal(t, []string{"IDENTITY_VERIFICATION_PENDING"}, h.events(v["Id"]))
}

func TestS3_TheStatusStaysPendingWhetherOrNotThePageWasOpened(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	v := h.begin(h.enrolled())
	before := h.session(v["Id"])
	h.page(v["HostedUrl"].(string))
	assert.Equal(t, before, h.session(v["Id"]))
}

func TestS3_OnceCompletedThePageRedirectsToTheReturnUrlBeforeTheOutcomeIsKnown(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, how := range []string{"VALIDATED", "REFUSED:IDV_AGE_CHECK:DOCUMENT_NOT_ACCEPTED"} {
		v := h.begin(h.enrolled())
		a := h.click(v["HostedUrl"].(string), how)
		assert.Equal(t, http.StatusSeeOther, a.status)
		assert.Equal(t, v["ReturnUrl"], a.header.Get("Location"))
		assert.Equal(t, "PENDING", h.session(v["Id"])["Status"], "even where the checks are automatic")
		again := h.page(v["HostedUrl"].(string))
		assert.NotContains(t, string(again.raw), "<form", "what is submitted is submitted")
		h.advance(time.Minute)
		assert.Equal(t, strings.Split(how, ":")[0], h.session(v["Id"])["Status"])
	}
}

func TestS3_ValidatedMakesTheUserRegularAndUpdatesItsData(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.begin(id)
	h.click(v["HostedUrl"].(string), "VALIDATED", "FIRST_NAME", "Jeanne Marie", "LAST_NAME", "Moreau", "BIRTHDATE", "1969-12-31")
	h.advance(time.Minute)
	u := h.user(id)
	assert.Equal(t, "REGULAR", u["KYCLevel"])
	assert.Equal(t, "Jeanne Marie", u["FirstName"])
	assert.Equal(t, -86400.0, u["Birthday"])
	assert.Equal(t, []string{"IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_VALIDATED"}, h.events(v["Id"]))
	assert.Equal(t, "USER_KYC_REGULAR", last(h.events(id)))
	assert.Equal(t, map[string]string{
		"IDENTITY_DOCUMENT_VERIFICATION": "VALIDATED", "IDV_NAME_MATCH_CHECK": "VALIDATED", "IDV_AGE_CHECK": "VALIDATED",
	}, checks(h.session(v["Id"])))
}

func TestS3_RefusedIsFinalAndANewSessionIsNeeded(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.come(id, obj{"outcome": "REFUSED"})
	for _, to := range []string{"VALIDATED", "REFUSED", "REVIEW", "OUT_OF_DATE"} {
		assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/idv-sessions/"+v["Id"].(string), obj{"outcome": to}).status, to)
	}
	assert.Equal(t, []string{"IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_FAILED"}, h.events(v["Id"]))
	assert.Equal(t, "VALIDATED", h.come(id, obj{"outcome": "VALIDATED"})["Status"])
	assert.Equal(t, "REFUSED", h.session(v["Id"])["Status"])
}

func TestS3_ReviewIsATemporaryStateOfLegalUsersOnly(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, kind := range []string{"BUSINESS", "SOLETRADER", "ORGANIZATION"} {
		for _, end := range []string{"VALIDATED", "REFUSED"} {
			v := h.come(h.company(kind), obj{"outcome": "REVIEW"})
			assert.Equal(t, "REVIEW", v["Status"])
			assert.Equal(t, "IDENTITY_VERIFICATION_INCONCLUSIVE", last(h.events(v["Id"])))
			h.outcome(v["Id"], obj{"outcome": end})
			assert.Equal(t, end, h.session(v["Id"])["Status"])
		}
	}
	v := h.begin(h.enrolled())
	a := h.try(http.MethodPost, "/idv-sessions/"+v["Id"].(string), obj{"outcome": "REVIEW"})
	assert.Equal(t, http.StatusBadRequest, a.status)
	assert.Contains(t, a.body["error"], "legal users")
	assert.Equal(t, "PENDING", h.session(v["Id"])["Status"])
}

func TestS3_ViewReturnsVerifiedDataAndRefusedChecksWithReasons(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	v := h.come(h.enrolled(), obj{"outcome": "VALIDATED"})
	assert.Equal(t, map[string]any{"FIRST_NAME": "Jeanne", "LAST_NAME": "Moreau", "BIRTHDATE": "188301600"}, data(v))
	v = h.come(h.enrolled(), obj{"outcome": "REFUSED", "check": "IDENTITY_DOCUMENT_VERIFICATION", "reason": "DOCUMENT_HAS_EXPIRED"})
	assert.Equal(t, "DOCUMENT_HAS_EXPIRED", reasonOf(v, "IDENTITY_DOCUMENT_VERIFICATION")["Type"])
	assert.NotEmpty(t, reasonOf(v, "IDENTITY_DOCUMENT_VERIFICATION")["Value"])
}

func TestS3_ListShowsKeyDetailsOfAllSessionsOfAUser(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	one := h.come(id, obj{"outcome": "REFUSED"})
	two := h.begin(id)
	h.begin(h.enrolled())
	rows := h.list("/users/" + id.(string) + "/identity-verifications")
	require.Len(t, rows, 2)
	for i, want := range []obj{one, two} {
		assert.Len(t, rows[i], 4)
		for _, field := range []string{"Id", "Status", "CreationDate", "LastUpdate"} {
			assert.Equal(t, want[field], rows[i][field], field)
		}
	}
}

func TestS3_NoStatusLeadsAnywhereElse(t *testing.T) {
	t.Parallel()
	arrows := map[string]map[string]bool{
		"PENDING": {"VALIDATED": true, "REFUSED": true, "REVIEW": true}, "REVIEW": {"VALIDATED": true, "REFUSED": true},
		"VALIDATED": {"OUT_OF_DATE": true}, "REFUSED": {}, "OUT_OF_DATE": {},
	}
	ways := map[string][]obj{
		"PENDING": nil, "REVIEW": {{"outcome": "REVIEW"}}, "VALIDATED": {{"outcome": "VALIDATED"}}, "REFUSED": {{"outcome": "REFUSED"}},
		"OUT_OF_DATE": {{"outcome": "VALIDATED"}, {"outcome": "OUT_OF_DATE"}},
	}
	h := open(t, nil)
	for from, way := range ways {
		for _, to := range []string{"PENDING", "REVIEW", "VALIDATED", "REFUSED", "OUT_OF_DATE", "EXPIRED"} {
			v := h.come(h.company("BUSINESS"), way...)
			require.Equal(t, from, v["Status"])
			before := h.events(v["Id"])
			a := h.try(http.MethodPost, "/idv-sessions/"+v["Id"].(string), obj{"outcome": to})
			assert.Equal(t, arrows[from][to], a.status == http.StatusOK, "%s → %s", from, to)
			if !arrows[from][to] {
				assert.Equal(t, v, h.session(v["Id"]))
				assert.Equal(t, before, h.events(v["Id"]))
			}
		}
	}
}

func TestS3_TheFiveEventTypesNameTheStatusesDifferently(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for want, way := range map[string][]obj{
		"IDENTITY_VERIFICATION_PENDING": nil, "IDENTITY_VERIFICATION_VALIDATED": {{"outcome": "VALIDATED"}},
		"IDENTITY_VERIFICATION_FAILED": {{"outcome": "REFUSED"}}, "IDENTITY_VERIFICATION_INCONCLUSIVE": {{"outcome": "REVIEW"}},
		"IDENTITY_VERIFICATION_OUTDATED": {{"outcome": "VALIDATED"}, {"outcome": "OUT_OF_DATE"}},
	} {
		v := h.come(h.company("BUSINESS"), way...)
		assert.Equal(t, want, last(h.events(v["Id"])))
		assert.Len(t, h.events(v["Id"]), len(way)+1)
	}
}

func TestS3_TheThreeIdentityChecksRefuseTheSessionByThemselves(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, kind := range []string{"IDENTITY_DOCUMENT_VERIFICATION", "IDV_NAME_MATCH_CHECK", "IDV_AGE_CHECK"} {
		id := h.enrolled()
		before := h.user(id)
		v := h.come(id, obj{"outcome": "REFUSED", "check": kind, "data": obj{"FIRST_NAME": "Somebody", "LAST_NAME": "Else"}})
		assert.Equal(t, "REFUSED", v["Status"])
		assert.Equal(t, "REFUSED", checks(v)[kind])
		assert.NotEmpty(t, reasonOf(v, kind)["Type"])
		assert.NotEmpty(t, reasonOf(v, kind)["Value"], "a preset value")
		assert.Equal(t, "Somebody", data(v)["FIRST_NAME"], "data may be returned")
		assert.Equal(t, before, h.user(id), "no action is taken with it, and the level remains LIGHT")
	}
	v := h.come(h.enrolled(), obj{"outcome": "REFUSED"})
	assert.Len(t, checks(v), 1, "names and age are compared only once the document is accepted")
}

func TestS3_TheBusinessChecksSendASessionToReviewAndNeverRefuseIt(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for kind, types := range map[string][]string{
		"BUSINESS": {"BUSINESS_VERIFICATION", "BUSINESS_INSIGHTS_MATCH"}, "SOLETRADER": {"BUSINESS_VERIFICATION", "BUSINESS_NAME_MATCH"},
		"ORGANIZATION": {"BUSINESS_VERIFICATION"},
	} {
		for _, c := range types {
			id := h.company(kind)
			before := h.user(id)
			v := h.come(id, obj{"outcome": "REVIEW", "check": c, "data": obj{"COMPANY_NAME": "Acme SA"}})
			assert.Equal(t, "REVIEW", v["Status"])
			assert.Equal(t, "REFUSED", checks(v)[c], "which check triggered the review")
			assert.Equal(t, "VALIDATED", checks(v)["IDENTITY_DOCUMENT_VERIFICATION"])
			assert.Equal(t, "Acme SA", data(v)["COMPANY_NAME"])
			assert.Equal(t, before, h.user(id), "data is overwritten only once the session is validated")
			fresh := h.begin(id)
			a := h.try(http.MethodPost, "/idv-sessions/"+fresh["Id"].(string), obj{"outcome": "REFUSED", "check": c})
			assert.Equal(t, http.StatusBadRequest, a.status)
		}
	}
	other := h.begin(h.company("ORGANIZATION"))
	a := h.try(http.MethodPost, "/idv-sessions/"+other["Id"].(string), obj{"outcome": "REVIEW", "check": "BUSINESS_INSIGHTS_MATCH"})
	assert.Equal(t, http.StatusBadRequest, a.status, "a check of another type of user")
}

func TestS3_AManualSuccessOverwritesTheDataAndLeavesTheChecksRefused(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.company("BUSINESS")
	v := h.come(id, obj{"outcome": "REVIEW", "data": obj{"COMPANY_NAME": "Acme SA", "COMPANY_NUMBER": "987654321"}})
	h.outcome(v["Id"], obj{"outcome": "VALIDATED"})
	after := h.session(v["Id"])
	assert.Equal(t, "VALIDATED", after["Status"])
	assert.Equal(t, v["Checks"], after["Checks"])
	assert.Equal(t, "REFUSED", checks(after)["BUSINESS_VERIFICATION"])
	u := h.user(id)
	assert.Equal(t, []any{"REGULAR", "Acme SA", "987654321"}, []any{u["KYCLevel"], u["Name"], u["CompanyNumber"]})
}

func TestS3_AManualRefusalUpdatesTheChecksWithACustomMessage(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.company("SOLETRADER")
	before := h.user(id)
	v := h.come(id, obj{"outcome": "REVIEW", "check": "BUSINESS_NAME_MATCH"})
	h.click(v["HostedUrl"].(string), "REFUSED", "comment", "The registration proof is of another company.")
	after := h.session(v["Id"])
	assert.Equal(t, "REFUSED", after["Status"])
	assert.Equal(t, obj{"Type": "BUSINESS_NAME_MATCH_FAILED", "Value": "The registration proof is of another company."}, reasonOf(after, "BUSINESS_NAME_MATCH"))
	assert.Equal(t, before, h.user(id))
	assert.Equal(t, "VALIDATED", checks(after)["IDENTITY_DOCUMENT_VERIFICATION"])
	assert.Empty(t, h.begin(id)["Checks"], "the entire session must be retried")
}

func TestS3_ADowngradeMakesTheSessionOutOfDateAndTheUserLight(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.come(id, obj{"outcome": "VALIDATED"})
	h.mangopay(id, obj{"kyc": "LIGHT"})
	assert.Equal(t, "OUT_OF_DATE", h.session(v["Id"])["Status"])
	assert.Equal(t, "LIGHT", h.user(id)["KYCLevel"])
	assert.Equal(t, "USER_KYC_LIGHT", last(h.events(id)))
	h.come(id, obj{"outcome": "VALIDATED"})
	assert.Equal(t, "REGULAR", h.user(id)["KYCLevel"], "a new session regains it")
	assert.Equal(t, "OUT_OF_DATE", h.session(v["Id"])["Status"])
	h.put("/sca/users/natural/"+id.(string), obj{"FirstName": "Janine"})
	assert.Equal(t, "LIGHT", h.user(id)["KYCLevel"], "a change of name is a reason to downgrade")
	h.put("/sca/users/natural/"+id.(string), obj{"Occupation": "actress"})
}

func TestS3_EveryDataPointOverwritesItsProperty(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	h.come(id, obj{"outcome": "VALIDATED", "data": obj{"FIRST_NAME": "A", "LAST_NAME": "B", "BIRTHDATE": "86400"}})
	u := h.user(id)
	assert.Equal(t, []any{"A", "B", 86400.0}, []any{u["FirstName"], u["LastName"], u["Birthday"]})

	company := h.company("BUSINESS")
	h.come(company, obj{"outcome": "VALIDATED", "data": obj{
		"LEGAL_REPRESENTATIVE_FIRST_NAME": "C", "LEGAL_REPRESENTATIVE_LAST_NAME": "D", "LEGAL_REPRESENTATIVE_BIRTHDATE": "172800",
		"COMPANY_NAME": "E", "COMPANY_NUMBER": "F",
	}})
	u = h.user(company)
	r := u["LegalRepresentative"].(obj)
	assert.Equal(t, []any{"C", "D", 172800.0, "E", "F"}, []any{r["FirstName"], r["LastName"], r["Birthday"], u["Name"], u["CompanyNumber"]},
		"even where the individual is not the one that was entered")
	f := h.get("/users/" + company.(string))
	assert.Equal(t, []any{"C", "D", 172800.0}, []any{
		f["LegalRepresentativeFirstName"], f["LegalRepresentativeLastName"], f["LegalRepresentativeBirthday"],
	}, "the object without SCA has them flat")
}

func TestS3_AFurtherDocumentOfAnyKindIsAddressProofWhichIsValidatedAutomatically(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	status := map[string]string{}
	for _, kind := range []string{"ADDRESS_PROOF", "IDENTITY_PROOF"} {
		d := h.post("/users/"+id+"/kyc/documents", obj{"Type": kind})
		target := "/users/" + id + "/kyc/documents/" + d["Id"].(string)
		assert.Equal(t, "CREATED", d["Status"])
		a := h.do(http.MethodPut, target, obj{"Status": "VALIDATION_ASKED"})
		assert.Equal(t, "param_error", a.body["Type"], "there is no page")
		assert.Equal(t, http.StatusNoContent, h.do(http.MethodPost, target+"/pages", obj{"File": "aGVsbG8gd29ybGQ="}).status)
		assert.Equal(t, "VALIDATION_ASKED", h.put(target, obj{"Status": "VALIDATION_ASKED"})["Status"])
		h.advance(time.Minute)
		status[kind] = h.get("/kyc/documents/" + d["Id"].(string))["Status"].(string)
		want := []string{"KYC_CREATED", "KYC_VALIDATION_ASKED"}
		if kind == "ADDRESS_PROOF" {
			want = append(want, "KYC_SUCCEEDED")
		}
		assert.Equal(t, want, h.events(d["Id"]))
	}
	assert.Equal(t, map[string]string{"ADDRESS_PROOF": "VALIDATED", "IDENTITY_PROOF": "VALIDATION_ASKED"}, status)
	assert.Equal(t, "LIGHT", h.user(id)["KYCLevel"], "which means nothing before it is reviewed")
}
