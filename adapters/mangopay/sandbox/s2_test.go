package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
)

const (
	sucEvent, expEvent, failEvent = "SCA_ENROLLMENT_SUCCEEDED", "SCA_ENROLLMENT_EXPIRED", "SCA_ENROLLMENT_FAILED"
	askedEvent, activeEvent       = "USER_ACCOUNT_VALIDATION_ASKED", "USER_ACCOUNT_ACTIVATED"
	toOwner, toPayer, toPlatform  = "USER_CATEGORY_UPDATED_TO_OWNER", "USER_CATEGORY_UPDATED_TO_PAYER", "USER_CATEGORY_UPDATED_TO_PLATFORM"
)

// redirect is the link that an answer gives to act.
func redirect(t testing.TB, o obj) string {
	t.Helper()
	require.IsType(t, obj{}, o["PendingUserAction"], "%v", o)
	return o["PendingUserAction"].(obj)["RedirectUrl"].(string)
}

func TestS2_PlatformsAreNotifiedWhenAnEnrolmentSucceedsExpiresOrFails(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{"succeeded": sucEvent, "failed": failEvent, "": expEvent} {
		h := open(t, nil)
		r := receive(t)
		for _, e := range []string{sucEvent, expEvent, failEvent} {
			h.post("/hooks", obj{"EventType": e, "Url": r.URL})
		}
		u := h.post("/sca/users/natural", natural())
		if how != "" {
			h.click(redirect(t, u), how)
		}
		h.advance(11 * time.Minute)
		got := r.all()
		require.Len(t, got, 1, want)
		assert.Equal(t, want, got[0].Get("EventType"))
		assert.Equal(t, u["Id"], got[0].Get("RessourceId"))
	}
}

func TestS2_AnEnrolmentExpiresTenMinutesAfterTheAnswerAndItsPageIsThenClosed(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/sca/users/natural", natural())
	h.advance(10*time.Minute - time.Second)
	assert.NotContains(t, h.events(u["Id"]), expEvent)
	h.advance(time.Second)
	assert.Contains(t, h.events(u["Id"]), expEvent)
	assert.Equal(t, http.StatusGone, h.page(redirect(t, u)).status)
	assert.Equal(t, "PENDING_USER_ACTION", h.user(u["Id"])["UserStatus"], "a failed or expired enrolment changes no status")
}

func TestS2_AnyNewEnrolmentPromptedByACallFiresWhicheverEndpointGaveTheLink(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	enrol := func(how string, id any, link string) {
		t.Helper()
		before := len(h.events(id))
		require.Less(t, h.click(link, "succeeded").status, 400)
		assert.Contains(t, h.events(id)[before:], sucEvent, how)
	}
	created := h.post("/sca/users/natural", natural())
	enrol("create", created["Id"], redirect(t, created))
	updated := h.put("/sca/users/natural/"+created["Id"].(string), obj{"PhoneNumber": "+33622222222"})
	enrol("update", created["Id"], redirect(t, updated))
	again := h.post("/sca/users/"+created["Id"].(string)+"/enrollment", nil)
	enrol("enroll", created["Id"], redirect(t, again))

	company := h.post("/sca/users/legal", legal("BUSINESS"))
	enrol("create legal", company["Id"], redirect(t, company))

	payer := h.post("/sca/users/natural", natural("UserCategory", "PAYER"))
	owner := h.put("/sca/users/natural/"+payer["Id"].(string)+"/category", obj{"UserCategory": "OWNER"})
	enrol("categorise", payer["Id"], redirect(t, owner))

	old := h.post("/users/natural", natural())
	consent := h.post("/sca/users/"+old["Id"].(string)+"/consent", nil)
	enrol("consent", old["Id"], redirect(t, consent))

	other := h.post("/users/natural", natural())
	enrol("wallets", other["Id"], h.challenge(other["Id"]))
}

func TestS2_ChallengesOfAnEnrolledUserFireNothing(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	before := h.events(id)
	link := h.challenge(id)
	h.click(link, "failed")
	h.click(h.challenge(id), "succeeded")
	h.challengeNot(id)
	assert.Equal(t, before, h.events(id))
	expired := h.enrolled()
	h.challenge(expired)
	was := h.events(expired)
	h.advance(time.Hour)
	assert.Equal(t, was, h.events(expired))
}

func TestS2_PlatformsAreNotifiedWhenTheCategoryChanges(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	r := receive(t)
	for _, e := range []string{toOwner, toPayer, toPlatform} {
		h.post("/hooks", obj{"EventType": e, "Url": r.URL})
	}
	u := h.post("/sca/users/natural", natural("UserCategory", "PAYER", "Email", "accept@example.com"))
	h.put("/sca/users/natural/"+u["Id"].(string)+"/category", obj{"UserCategory": "OWNER"})
	h.mangopay(u["Id"], obj{"kyc": "REGULAR"})
	h.mangopay(u["Id"], obj{"category": "PLATFORM"})
	h.mangopay(h.enrolled(), obj{"category": "PAYER"})
	h.advance(0)
	var got []string
	for _, n := range r.all() {
		got = append(got, n.Get("EventType"))
	}
	assert.ElementsMatch(t, []string{toOwner, toPlatform, toPayer}, got)
}

func TestS2_PayerOrPlatformIsOnlyPossibleByMangopay(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	owner, payer := h.enrolled(), h.post("/sca/users/natural", natural("UserCategory", "PAYER"))["Id"]
	for _, to := range []string{"PAYER", "PLATFORM"} {
		for path, id := range map[string]any{"/category": payer, "": owner} {
			target := "/sca/users/natural/" + id.(string) + path
			h.do(http.MethodPut, target, obj{"UserCategory": to})
			assert.NotContains(t, h.events(id), toPayer)
			assert.NotContains(t, h.events(id), toPlatform)
		}
		a := h.do(http.MethodPut, "/sca/users/natural/"+payer.(string)+"/category", obj{"UserCategory": to})
		assert.Equal(t, http.StatusBadRequest, a.status)
		a = h.do(http.MethodPut, "/users/natural/"+owner.(string), obj{"UserCategory": to})
		assert.Equal(t, http.StatusBadRequest, a.status)
		a = h.do(http.MethodPost, "/sca/users/natural", natural("UserCategory", "PLATFORM"))
		assert.Equal(t, "param_error", a.body["Type"])
	}
	assert.Equal(t, "OWNER", h.user(owner)["UserCategory"])
	assert.Equal(t, "PAYER", h.user(payer)["UserCategory"])
}

func TestS2_MangopaySometimesMakesAnOwnerAPayer(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	h.mangopay(id, obj{"category": "PAYER"})
	assert.Equal(t, "PAYER", h.user(id)["UserCategory"])
	assert.Equal(t, toPayer, last(h.events(id)))
	a := h.do(http.MethodPost, "/sca/users/"+id.(string)+"/enrollment", nil)
	assert.Equal(t, "not_allowed_for_user_category_payer", a.body["Type"])
}

func TestS2_MangopaySometimesMakesAnOwnerAPlatform(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id.(string), obj{"category": "PLATFORM"}).status, "the user must be REGULAR")
	h.mangopay(id, obj{"kyc": "REGULAR"})
	h.mangopay(id, obj{"category": "PLATFORM"})
	assert.Equal(t, "PLATFORM", h.user(id)["UserCategory"])
	assert.Equal(t, toPlatform, last(h.events(id)))
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id.(string), obj{"category": "PAYER"}).status, "no document knows this way")
}

func TestS2_CategoryEventsAreOnlyFiredByAChangeNeverByCreation(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for path, body := range map[string]obj{
		"/sca/users/natural": natural(), "/users/natural": natural(), "/sca/users/legal": legal("SOLETRADER"), "/users/legal": flat(),
	} {
		for _, category := range []string{"OWNER", "PAYER"} {
			body["UserCategory"] = category
			u := h.post(path, body)
			for _, e := range h.events(u["Id"]) {
				assert.NotContains(t, e, "USER_CATEGORY", path)
			}
		}
	}
	id := h.enrolled()
	h.mangopay(id, obj{"category": "OWNER"}) // no change
	assert.NotContains(t, h.events(id), toOwner)
	again := h.do(http.MethodPut, "/sca/users/natural/"+id.(string)+"/category", obj{"UserCategory": "OWNER"})
	assert.Equal(t, "not_allowed_for_user_category_owner", again.body["Type"])
}

// production is a sandbox with the rules of Production.
func production(c *sandbox.Config) { c.Production = true }

func TestS2_TheFakeNameRuleAppliesToOwnersAndPayers(t *testing.T) {
	t.Parallel()
	h := open(t, production)
	for _, category := range []string{"OWNER", "PAYER"} {
		a := h.do(http.MethodPost, "/sca/users/natural", natural("FirstName", "undefined", "UserCategory", category))
		assert.Equal(t, http.StatusBadRequest, a.status, category)
		assert.Equal(t, "fraud_policy", a.body["Type"])
		assert.Equal(t, "The data you provided does not comply with our anti-fraud policy", a.body["Message"])
		assert.Nil(t, a.body["errors"], "the field is not named")
		assert.Contains(t, a.body, "errors")
		h.post("/sca/users/natural", natural("UserCategory", category))
	}
}

func TestS2_TheFakeNameRuleIsNotActiveInSandbox(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.post("/sca/users/natural", natural("FirstName", "Homer", "LastName", "Simpson"))
	h.put("/sca/users/natural/"+u["Id"].(string), obj{"FirstName": "test"})
}

func TestS2_TheFakeNameRuleTargetsFictitiousNamesGibberishAndKeywords(t *testing.T) {
	t.Parallel()
	h := open(t, production)
	for _, name := range [][2]string{
		{"Marilyn", "Monroe"}, {"Homer", "Simpson"}, {"aeofinzef", "Moreau"}, {"Jeanne", "ojenoiner"},
		{"test", "Moreau"}, {"Jeanne", "undefined"}, {"unknown", "Moreau"}, {"xkcdfghj", "Moreau"}, {"Jeanne", "---"},
	} {
		a := h.do(http.MethodPost, "/users/natural", natural("FirstName", name[0], "LastName", name[1]))
		assert.Equal(t, "fraud_policy", a.body["Type"], "%v", name)
	}
	for _, name := range [][2]string{
		{"Marilyn", "Moreau"}, {"Ng", "Li"}, {"Krzysztof", "Brzęczyszczykiewicz"}, {"Å", "O"}, {"Søren", "Ærø"}, {"Éléonore", "d'Ys-Testud"},
		{"Jean-Christophe", "Schwartz"}, {"李", "小龍"},
	} {
		a := h.do(http.MethodPost, "/users/natural", natural("FirstName", name[0], "LastName", name[1]))
		assert.Equal(t, http.StatusOK, a.status, "%v", name)
	}
}

func TestS2_TheFakeNameRuleAppliesToTheEightEndpointsAndTheirFields(t *testing.T) {
	t.Parallel()
	h := open(t, production)
	representative := func(field, v string) obj {
		r := legal("BUSINESS")["LegalRepresentative"].(obj)
		r[field] = v
		return obj{"LegalRepresentative": r}
	}
	for path, c := range map[string]struct {
		good   obj
		fields []obj
	}{
		"/sca/users/natural": {natural(), []obj{{"FirstName": "test"}, {"LastName": "test"}}},
		"/users/natural":     {natural(), []obj{{"FirstName": "test"}, {"LastName": "test"}}},
		"/sca/users/legal":   {legal("BUSINESS"), []obj{representative("FirstName", "test"), representative("LastName", "test")}},
		"/users/legal":       {flat(), []obj{{"LegalRepresentativeFirstName": "test"}, {"LegalRepresentativeLastName": "test"}}},
	} {
		id := h.post(path, c.good)["Id"].(string)
		for _, bad := range c.fields {
			put := h.do(http.MethodPut, path+"/"+id, bad)
			assert.Equal(t, "fraud_policy", put.body["Type"], "PUT %s %v", path, bad)
			for field, v := range bad {
				c.good[field] = v
			}
			post := h.do(http.MethodPost, path, c.good)
			assert.Equal(t, "fraud_policy", post.body["Type"], "POST %s %v", path, bad)
		}
	}
}

func TestS2_AnOwnersTransferToAPayerFailsWith002702(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	owner, payer := h.enrolled(), h.post("/sca/users/natural", natural("UserCategory", "PAYER"))["Id"]
	rich, poor := h.wallet(owner, 1000), h.wallet(payer, 500)
	x := h.transfer(owner, rich, poor, 100)
	assert.Equal(t, "FAILED", x["Status"])
	assert.Equal(t, "002702", x["ResultCode"])
	assert.Equal(t, []string{"TRANSFER_NORMAL_CREATED", "TRANSFER_NORMAL_FAILED"}, h.events(x["Id"]))
	assert.Equal(t, obj{"Currency": "EUR", "Amount": 1000.0}, h.get("/wallets/" + rich)["Balance"], "no money moved")

	x = h.transfer(payer, poor, rich, 100)
	assert.Equal(t, "000000", x["ResultCode"], "the other way is fine")
	assert.Equal(t, []string{"TRANSFER_NORMAL_CREATED", "TRANSFER_NORMAL_SUCCEEDED"}, h.events(x["Id"]))
	assert.Equal(t, []any{1100.0, 400.0}, []any{h.get("/wallets/" + rich)["Balance"].(obj)["Amount"], h.get("/wallets/" + poor)["Balance"].(obj)["Amount"]})
	other := h.wallet(h.post("/sca/users/natural", natural("UserCategory", "PAYER"))["Id"], 0)
	assert.Equal(t, "002701", h.transfer(payer, poor, other, 100)["ResultCode"])
	assert.Equal(t, "001001", h.transfer(owner, rich, h.wallet(h.enrolled(), 0), 5000)["ResultCode"])
}

// page opens a hosted page.
func (h *house) page(address string) answer {
	h.t.Helper()
	return h.send(http.MethodGet, address[len(h.at):], nil, nil)
}

// challenge asks to look at a user's wallets and returns the link to authenticate.
func (h *house) challenge(id any) string {
	h.t.Helper()
	a := h.do(http.MethodGet, "/users/"+id.(string)+"/wallets?ScaContext=USER_PRESENT", nil)
	require.Equal(h.t, http.StatusUnauthorized, a.status)
	const before = "PendingUserAction RedirectUrl="
	to := a.header.Get("WWW-Authenticate")
	require.Contains(h.t, to, before)
	return to[len(before):]
}

// challengeNot asks to look at a user's wallets, which is allowed.
func (h *house) challengeNot(id any) {
	h.t.Helper()
	assert.Equal(h.t, http.StatusOK, h.do(http.MethodGet, "/users/"+id.(string)+"/wallets?ScaContext=USER_PRESENT", nil).status)
}

// wallet makes a wallet with money on it.
func (h *house) wallet(owner any, amount int) string {
	h.t.Helper()
	w := h.post("/wallets", obj{"Owners": []any{owner}, "Description": "a wallet", "Currency": "EUR"})["Id"].(string)
	h.tool(http.MethodPost, "/wallets/"+w, obj{"add": amount})
	return w
}

// transfer moves money, or fails to.
func (h *house) transfer(author any, from, to string, amount int) obj {
	h.t.Helper()
	return h.post("/transfers", obj{
		"AuthorId": author, "DebitedWalletId": from, "CreditedWalletId": to,
		"DebitedFunds": obj{"Currency": "EUR", "Amount": amount}, "Fees": obj{"Currency": "EUR", "Amount": 0},
	})
}

// last is the last of a list.
func last(list []string) string { return append([]string{""}, list...)[len(list)] }
