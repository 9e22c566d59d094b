package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moody is a receiver that can fail, and counts.
type moody struct {
	URL    string
	status atomic.Int64
	count  atomic.Int64
}

func newMoody(t testing.TB) *moody {
	t.Helper()
	m := &moody{}
	m.status.Store(http.StatusOK)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		m.count.Add(1)
		w.WriteHeader(int(m.status.Load()))
	}))
	t.Cleanup(server.Close)
	m.URL = server.URL
	return m
}

// block fires n events about a user: an inflow blocked, unblocked and so on. It ends as it began if n is even.
func (h *house) block(user any, n int) {
	h.t.Helper()
	for i := range n {
		h.mangopay(user, obj{"blocks": obj{"inflows": i%2 == 0}})
	}
}

func TestS4_ANotificationIsAGETWithTheThreeParameters(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	asked := make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Method + " " + r.URL.RequestURI() }))
	t.Cleanup(server.Close)
	h.post("/hooks", obj{"EventType": activeEvent, "Url": server.URL})
	u := h.post("/sca/users/natural", natural())
	h.advance(192 * time.Second)
	h.click(redirect(t, u), "succeeded")
	h.advance(0)
	assert.Equal(t, "GET /?EventType=USER_ACCOUNT_ACTIVATED&RessourceId="+u["Id"].(string)+"&Date=1743627006", <-asked, "the example of the guide")
}

func TestS4_ACreatedHookIsEnabledAndValid(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	hook := h.post("/hooks", obj{"EventType": activeEvent, "Url": "https://webhook.site/e1def644", "Tag": "Created using the Mangopay Postman collection"})
	assert.Regexp(t, `^hook_m_[0-9A-Z]{26}$`, hook["Id"])
	delete(hook, "Id")
	assert.Equal(t, obj{
		"Url": "https://webhook.site/e1def644", "Status": "ENABLED", "Validity": "VALID", "EventType": "USER_ACCOUNT_ACTIVATED",
		"Tag": "Created using the Mangopay Postman collection", "CreationDate": 1743626814.0, "Email": nil,
	}, hook)
}

func TestS4_UserAccountActivatedFollowsTheSCASessionThatTheEndpointTriggered(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for _, path := range []string{"natural", "legal"} {
		body := natural()
		if path == "legal" {
			body = legal("BUSINESS")
		}
		u := h.post("/sca/users/"+path, body)
		assert.Equal(t, "PENDING_USER_ACTION", u["UserStatus"])
		assert.Equal(t, []string{askedEvent}, h.events(u["Id"]))
		h.click(redirect(t, u), "succeeded")
		assert.Equal(t, []string{askedEvent, sucEvent, activeEvent}, h.events(u["Id"]))
		assert.Equal(t, "ACTIVE", h.user(u["Id"])["UserStatus"], "a GET confirms the event, and shows the other data")
		assert.NotEmpty(t, h.user(u["Id"])["Email"])
	}
}

func TestS4_ANotificationIsSentWhenTheEventOccursForTheResource(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	r := receive(t)
	h.post("/hooks", obj{"EventType": "IDENTITY_VERIFICATION_VALIDATED", "Url": r.URL})
	v := h.come(h.enrolled(), obj{"outcome": "VALIDATED"})
	h.come(h.enrolled(), obj{"outcome": "REFUSED"})
	h.advance(time.Hour)
	require.Len(t, r.all(), 1, "for the event type of the hook only")
	assert.Equal(t, v["Id"], r.all()[0].Get("RessourceId"))
}

func TestS4_OnlyAnAnswerOf200IsASuccess(t *testing.T) {
	t.Parallel()
	for status, tries := range map[int64]int{200: 1, 201: 2, 204: 2, 302: 2, 404: 2, 500: 2} {
		h, m := open(t, nil), newMoody(t)
		m.status.Store(status)
		h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})
		h.block(h.company("BUSINESS"), 1)
		h.advance(10 * time.Minute)
		assert.Equal(t, int64(tries), m.count.Load(), "%d", status)
	}
}

func TestS4_ANotificationIsRetriedEveryTenMinutesForAnHourAndThenEveryEightHoursForThreeDays(t *testing.T) {
	t.Parallel()
	h, m := open(t, nil), newMoody(t)
	m.status.Store(500)
	h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})
	h.block(h.company("BUSINESS"), 1)
	h.advance(10 * 24 * time.Hour)
	var after []float64
	for _, a := range h.tool(http.MethodGet, "/attempts", nil).list {
		after = append(after, (a["at"].(float64)-float64(start.Unix()))/60)
		assert.Equal(t, float64(start.Unix()), a["date"], "the same notification")
	}
	assert.Equal(t, []float64{0, 10, 20, 30, 40, 50, 60, 540, 1020, 1500, 1980, 2460, 2940, 3420, 3900, 4380}, after)
}

func TestS4_AHundredConsecutiveFailuresWarnTenTimesAndMakeTheHookInvalid(t *testing.T) {
	t.Parallel()
	h, m := open(t, nil), newMoody(t)
	m.status.Store(500)
	id := h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL, "Email": "ops@example.com"})["Id"].(string)
	user := h.company("BUSINESS")
	h.block(user, 2*99)
	h.advance(0)
	assert.Equal(t, "VALID", h.get("/hooks/" + id)["Validity"], "99 failures")
	h.block(user, 2*9)
	h.advance(0)
	assert.Equal(t, []any{"INVALID", "ENABLED"}, []any{h.get("/hooks/" + id)["Validity"], h.get("/hooks/" + id)["Status"]})
	h.advance(5 * 24 * time.Hour)
	assert.Equal(t, int64(100), m.count.Load(), "no more notifications are sent, new or retries")
	var told []any
	for _, mail := range h.tool(http.MethodGet, "/mails", nil).list {
		told = append(told, mail["failures"])
		assert.Equal(t, []any{"ops@example.com", id, mail["failures"] == 100.0}, []any{mail["to"], mail["hook"], mail["invalid"]})
	}
	assert.Equal(t, []any{10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0}, told)
}

func TestS4_OneSuccessResetsTheCounterAndANewUrlDoesNot(t *testing.T) {
	t.Parallel()
	for _, reset := range []bool{true, false} {
		h, m := open(t, nil), newMoody(t)
		m.status.Store(500)
		id := h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})["Id"].(string)
		user := h.company("BUSINESS")
		h.block(user, 2*99)
		h.advance(0)
		if reset {
			m.status.Store(200)
			h.block(user, 2)
			h.advance(0)
			m.status.Store(500)
		} else {
			h.put("/hooks/"+id, obj{"Url": m.URL + "/elsewhere"})
		}
		h.block(user, 2)
		h.advance(0)
		want := map[bool]string{true: "VALID", false: "INVALID"}[reset]
		assert.Equal(t, want, h.get("/hooks/" + id)["Validity"])
	}
}

func TestS4_AnInvalidHookIsResetToValidByPut(t *testing.T) {
	t.Parallel()
	h, m := open(t, nil), newMoody(t)
	m.status.Store(500)
	id := h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": m.URL})["Id"].(string)
	user := h.company("BUSINESS")
	h.block(user, 200)
	h.advance(0)
	whole := h.get("/hooks/" + id)
	assert.Equal(t, "INVALID", whole["Validity"])
	assert.Equal(t, "INVALID", h.put("/hooks/"+id, whole)["Validity"], "an SDK sends back what it has read")
	assert.Equal(t, "VALID", h.put("/hooks/"+id, obj{"Validity": "VALID"})["Validity"])
	m.status.Store(200)
	before := m.count.Load()
	h.block(user, 1)
	h.advance(4 * 24 * time.Hour)
	assert.Equal(t, before+1, m.count.Load(), "future notifications")
	a := h.do(http.MethodPut, "/hooks/"+id, obj{"Validity": "INVALID"})
	assert.Contains(t, a.body["errors"], "Validity")
}

func TestS4_ADisabledHookReceivesNothingUntilItIsEnabled(t *testing.T) {
	t.Parallel()
	h, r := open(t, nil), receive(t)
	id := h.post("/hooks", obj{"EventType": "USER_INFLOWS_BLOCKED", "Url": r.URL})["Id"].(string)
	user := h.company("BUSINESS")
	assert.Equal(t, "DISABLED", h.put("/hooks/"+id, obj{"Status": "DISABLED"})["Status"])
	h.block(user, 2)
	h.advance(time.Hour)
	assert.Empty(t, r.all())
	assert.Equal(t, "ENABLED", h.put("/hooks/"+id, obj{"Status": "ENABLED"})["Status"])
	h.block(user, 1)
	h.advance(time.Hour)
	assert.Len(t, r.all(), 1)
	assert.Contains(t, h.do(http.MethodPut, "/hooks/"+id, obj{"Status": "PAUSED"}).body["errors"], "Status")
}

func TestS4_TheDashboardsTestIsSentWithoutAResource(t *testing.T) {
	t.Parallel()
	h, r := open(t, nil), receive(t)
	id := h.post("/hooks", obj{"EventType": activeEvent, "Url": r.URL})["Id"].(string)
	h.tool(http.MethodPost, "/hooks/"+id+"/test", nil)
	h.advance(0)
	require.Len(t, r.all(), 1)
	assert.Equal(t, []string{""}, r.all()[0]["RessourceId"])
	assert.Equal(t, http.StatusBadRequest, h.try(http.MethodPost, "/hooks/hook_m_none/test", nil).status)
}

func TestThereIsOneHookForAnEventTypeAndNoneIsDeleted(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	hook := h.post("/hooks", obj{"EventType": activeEvent, "Url": "https://platform.example"})
	again := h.do(http.MethodPost, "/hooks", obj{"EventType": activeEvent, "Url": "https://platform.example/other"})
	assert.Equal(t, http.StatusBadRequest, again.status)
	assert.Equal(t, "param_error", again.body["Type"])
	assert.Equal(t, obj{"EventType": "A hook has already been registered for this EventType"}, again.body["errors"])
	a := h.do(http.MethodDelete, "/hooks/"+hook["Id"].(string), nil)
	assert.Equal(t, http.StatusMethodNotAllowed, a.status)
	bad := h.do(http.MethodPost, "/hooks", obj{"Url": "ftp://platform.example", "Tag": strings.Repeat("x", 256)})
	for _, field := range []string{"EventType", "Url", "Tag"} {
		assert.Contains(t, bad.body["errors"], field)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut} {
		assert.Equal(t, http.StatusNotFound, h.do(method, "/hooks/hook_m_none", obj{}).status)
	}
}

func TestHooksAreListedTenToAPageTheNewestFirst(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range 23 {
		h.post("/hooks", obj{"EventType": fmt.Sprintf("PAYIN_NORMAL_%d", i), "Url": "https://platform.example"})
		h.advance(time.Second)
	}
	page := h.list("/hooks")
	require.Len(t, page, 10)
	assert.Equal(t, "PAYIN_NORMAL_22", page[0]["EventType"])
	third := h.do(http.MethodGet, "/hooks?page=3&Sort=CreationDate:ASC", nil)
	require.Len(t, third.list, 3)
	assert.Equal(t, "PAYIN_NORMAL_20", third.list[0]["EventType"])
	assert.Equal(t, []string{"3", "23"}, []string{third.header.Get("X-Number-Of-Pages"), third.header.Get("X-Number-Of-Items")})
	assert.Len(t, h.list("/hooks?per_page=100"), 23)
}
