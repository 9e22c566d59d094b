package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEventsAreListedByTypeAndWindow(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	one := h.post("/sca/users/natural", natural())["Id"]
	h.advance(100 * time.Second)
	two := h.enrolled()
	rows := h.list("/events?EventType=" + askedEvent)
	require.Len(t, rows, 2)
	assert.Equal(t, obj{"ResourceId": one, "EventType": askedEvent, "Date": 1743626814.0}, rows[0])
	for query, want := range map[string][]any{
		"AfterDate=1743626815": {two}, "BeforeDate=1743626913": {one}, "AfterDate=1743626814&BeforeDate=1743626914": {one, two},
		"AfterDate=1743626915": {}, "afterdate=1743626815&eventtype=" + askedEvent: {two},
	} {
		got := []any{}
		for _, row := range h.list("/events?EventType=" + askedEvent + "&" + query) {
			got = append(got, row["ResourceId"])
		}
		assert.Equal(t, want, got, query)
	}
	assert.Len(t, h.list("/events?EventType=ALL"), 4)
	assert.Len(t, h.list("/events"), 4)
	assert.Equal(t, http.StatusBadRequest, h.do(http.MethodGet, "/events?AfterDate=yesterday", nil).status)
}

func TestAPageHoldsAHundredAtMost(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.block(h.company("BUSINESS"), 101)
	a := h.do(http.MethodGet, "/events?per_page=1000", nil)
	assert.Len(t, a.list, 100)
	assert.Equal(t, "2", a.header.Get("X-Number-Of-Pages"))
}

func TestEventsOlderThanFortyFiveDaysCannotBeSearched(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.enrolled()
	h.advance(45 * 24 * time.Hour)
	assert.Len(t, h.list("/events?AfterDate="+fmt.Sprint(start.Unix())), 3)
	h.advance(time.Second)
	assert.Empty(t, h.list("/events"))
	for _, field := range []string{"AfterDate", "BeforeDate"} {
		a := h.do(http.MethodGet, "/events?"+field+"="+fmt.Sprint(start.Unix()), nil)
		assert.Equal(t, http.StatusBadRequest, a.status)
		assert.Equal(t, obj{field: "Events older than 45 days can not be searched"}, a.body["errors"])
	}
}

func TestEventsCanBeIndexedLate(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tool(http.MethodPut, "/faults", obj{"index": 20})
	h.enrolled()
	h.advance(19 * time.Second)
	assert.Empty(t, h.list("/events"))
	h.advance(time.Second)
	assert.Len(t, h.list("/events"), 3)
}

func TestReadsCanBeStaleAndWritesAreNot(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled()
	v := h.begin(id)
	h.tool(http.MethodPut, "/faults", obj{"stale": 30, "stale_for": 60})
	h.advance(10 * time.Second)
	h.outcome(v["Id"], obj{"outcome": "VALIDATED"})
	h.advance(29 * time.Second)
	assert.Equal(t, []any{"PENDING", "LIGHT"}, []any{h.session(v["Id"])["Status"], h.user(id)["KYCLevel"]})
	assert.Equal(t, "PENDING", h.list("/users/" + id.(string) + "/identity-verifications")[0]["Status"])
	h.put("/sca/users/natural/"+id.(string), obj{"Occupation": "actress"})
	h.advance(time.Second)
	assert.Equal(t, []any{"VALIDATED", "REGULAR"}, []any{h.session(v["Id"])["Status"], h.user(id)["KYCLevel"]})
	assert.Nil(t, h.user(id)["Occupation"])
	h.advance(20 * time.Second) // stale_for has passed
	assert.Equal(t, []any{"actress", "REGULAR"}, []any{h.user(id)["Occupation"], h.user(id)["KYCLevel"]}, "what was written rests on what is so")
	late := h.enrolled()
	h.tool(http.MethodPut, "/faults", obj{"stale": 30})
	assert.Equal(t, late, h.user(late)["Id"], "what is younger is shown as it was created")
	assert.Equal(t, "ACTIVE", h.user(late)["UserStatus"], "or, within one instant, as it became")
}

func TestTheNextCallsCanFailAndHaveThenChangedNothing(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tool(http.MethodPut, "/faults", obj{"errors": 2})
	for range 2 {
		assert.Equal(t, http.StatusServiceUnavailable, h.do(http.MethodPost, "/users/natural", natural()).status)
	}
	h.post("/users/natural", natural())
	assert.Len(t, h.list("/users"), 1)
	h.tool(http.MethodPut, "/faults", obj{"errors": 1, "status": 429, "retry_after": 7})
	a := h.do(http.MethodGet, "/users", nil)
	assert.Equal(t, []any{http.StatusTooManyRequests, "rate_limit", "7"}, []any{a.status, a.body["Type"], a.header.Get("Retry-After")})
	h.tool(http.MethodPut, "/faults", obj{"errors": 1, "status": 500})
	assert.Equal(t, http.StatusInternalServerError, h.ask("acme", "secret", "").status)
}

func TestAShareOfCallsCanFail(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tool(http.MethodPut, "/faults", obj{"share": 0.5})
	failed := 0
	for range 100 {
		if h.do(http.MethodGet, "/users", nil).status == http.StatusServiceUnavailable {
			failed++
		}
	}
	assert.Greater(t, failed, 20)
	assert.Less(t, failed, 80)
	assert.Equal(t, 0.5, h.tool(http.MethodGet, "/faults", nil).body["share"])
	h.tool(http.MethodPut, "/faults", obj{})
	assert.Equal(t, 0.0, h.tool(http.MethodGet, "/faults", nil).body["share"])
	for _, bad := range []obj{{"share": 2}, {"errors": -1}, {"status": 404}, {"stale": "x"}} {
		assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPut, "/faults", bad).status, "%v", bad)
	}
}

func TestDeliveryFaultsAreThoseOfTheSender(t *testing.T) {
	t.Parallel()
	h, r := open(t, nil), receive(t)
	h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": r.URL})
	user := h.company("BUSINESS")
	h.tool(http.MethodPut, "/delivery-faults", obj{"drop": 1})
	h.block(user, 2)
	h.advance(time.Hour)
	assert.Empty(t, r.all())
	h.tool(http.MethodPut, "/delivery-faults", obj{"duplicate": 1})
	h.block(user, 1)
	h.advance(time.Hour)
	assert.Len(t, r.all(), 2)
	h.tool(http.MethodPut, "/delivery-faults", obj{"fail": 1, "only": []string{"USER_INFLOWS_UNBLOCKED"}})
	h.block(user, 1)
	h.advance(0)
	assert.Len(t, r.all(), 2, "nothing has changed")
	h.mangopay(user, obj{"blocks": obj{}})
	h.block(user, 1)
	h.advance(0)
	assert.Len(t, r.all(), 3, "faults meet another event type only")
	assert.Equal(t, obj{"dropped": 1.0, "delayed": 0.0, "duplicated": 1.0, "reordered": 0.0, "failed": 0.0}, h.tool(http.MethodGet, "/delivery-faults", nil).body)
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPut, "/delivery-faults", obj{"drop": 2}).status)
}

func TestAResetEmptiesTheProviderAndLeavesTheClock(t *testing.T) {
	t.Parallel()
	h, m := open(t, nil), newMoody(t)
	m.status.Store(500)
	h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})
	v := h.begin(h.enrolled())
	h.click(v["HostedUrl"].(string), "VALIDATED")
	h.post("/sca/users/natural", natural())
	h.block(h.company("BUSINESS"), 1)
	h.advance(0)
	require.Equal(t, int64(1), m.count.Load())
	h.tool(http.MethodPost, "/reset", nil)
	assert.Equal(t, http.StatusUnauthorized, h.do(http.MethodGet, "/users", nil).status)
	h.advance(24 * time.Hour) // what was still to come finds nothing
	assert.Equal(t, int64(1), m.count.Load())
	for _, list := range []string{"/users", "/hooks", "/events", "/kyc/documents"} {
		assert.Empty(t, h.list(list), list)
	}
	assert.Equal(t, float64(start.Add(24*time.Hour).Unix()), h.tool(http.MethodGet, "/clock", nil).body["unix"])
	h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})
}

func TestTheControlAPISaysWhatItCannotDo(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	w := h.wallet(id, 1)
	for target, body := range map[string]any{
		"/clock": obj{"advance": "-1s"}, "/users/" + id: obj{"category": "KING"}, "/users/nobody": obj{}, "/idv-sessions/none": obj{"outcome": "VALIDATED"},
		"/documents/none": obj{"status": "VALIDATED"}, "/wallets/none": obj{"add": 1}, "/wallets/" + w: obj{"add": -2},
	} {
		a := h.try(http.MethodPost, target, body)
		assert.Equal(t, http.StatusBadRequest, a.status, target)
		assert.NotEmpty(t, a.body["error"], target)
	}
	for _, what := range []obj{{"sca": "maybe"}, {"sca": "succeeded"}, {"kyc": "HEAVY"}, {"renewal": "soon"}} {
		assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/users/"+id, what).status, "%v", what)
	}
}

func TestTheControlAPIEndsAnEnrolment(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for how, want := range map[string]string{"succeeded": activeEvent, "failed": failEvent, "expired": expEvent} {
		u := h.post("/sca/users/natural", natural())
		h.mangopay(u["Id"], obj{"sca": how})
		assert.Equal(t, want, last(h.events(u["Id"])))
	}
}

func TestTheControlAPIMakesAUserWithAKnownId(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tool(http.MethodPut, "/users/user_m_known", natural())
	assert.Equal(t, []any{"ACTIVE", "OWNER"}, []any{h.user("user_m_known")["UserStatus"], h.user("user_m_known")["UserCategory"]})
	assert.Equal(t, true, h.get("/sca/users/user_m_known/sca-status")["IsEnrolled"])
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPut, "/users/user_m_known", natural()).status)
}

func TestFaultsCanBeThoseOfOneClient(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tool(http.MethodPut, "/faults", obj{"client": "other", "share": 1, "stale": 30, "index": 30, "no_verification": true})
	id := h.enrolled()
	h.advance(time.Second)
	assert.Len(t, h.list("/events"), 3)
	h.begin(id)
	assert.Equal(t, http.StatusServiceUnavailable, h.ask("other", "secret", "").status, "the token is asked for by that client")
	h.tool(http.MethodPut, "/faults", obj{"client": "acme", "share": 1})
	assert.Equal(t, http.StatusServiceUnavailable, h.do(http.MethodGet, "/events", nil).status)
	assert.Equal(t, http.StatusOK, h.ask("other", "secret", "").status)
}
