package sandbox_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// act is something that a platform, a user or Mangopay may do; what is not possible just then is refused.
type act func(t *rapid.T, h *house, user, session string)

// mangopayDoes asks the control API for something that may be refused.
func mangopayDoes(what obj) act {
	return func(_ *rapid.T, h *house, user, _ string) { h.try(http.MethodPost, "/users/"+user, what) }
}

// comesOut lets a session come out in a way that may be refused.
func comesOut(o obj) act {
	return func(_ *rapid.T, h *house, _, session string) { h.try(http.MethodPost, "/idv-sessions/"+session, o) }
}

// asks makes a request that may be refused.
func asks(method, before, after string, body any) act {
	return func(_ *rapid.T, h *house, user, _ string) { h.do(method, before+user+after, body) }
}

var acts = map[string]act{
	"succeeded": mangopayDoes(obj{"sca": "succeeded"}), "failed": mangopayDoes(obj{"sca": "failed"}), "expired": mangopayDoes(obj{"sca": "expired"}),
	"payer": mangopayDoes(obj{"category": "PAYER"}), "owner": mangopayDoes(obj{"category": "OWNER"}), "platform": mangopayDoes(obj{"category": "PLATFORM"}),
	"regular": mangopayDoes(obj{"kyc": "REGULAR"}), "light": mangopayDoes(obj{"kyc": "LIGHT"}),
	"due": mangopayDoes(obj{"renewal": "required"}), "renewed": mangopayDoes(obj{"renewal": "renewed"}),
	"block": mangopayDoes(obj{"blocks": obj{"inflows": true}}), "unblock": mangopayDoes(obj{"blocks": obj{"outflows": true}}),
	"close":     mangopayDoes(obj{"close": true}),
	"validated": comesOut(obj{"outcome": "VALIDATED"}), "refused": comesOut(obj{"outcome": "REFUSED"}),
	"review": comesOut(obj{"outcome": "REVIEW"}), "outdated": comesOut(obj{"outcome": "OUT_OF_DATE"}),
	"rename": func(t *rapid.T, h *house, user, _ string) {
		h.do(http.MethodPut, "/sca/users/natural/"+user, obj{"FirstName": rapid.StringMatching(`[A-Z][a-z]{3}`).Draw(t, "name")})
	},
	"contact": func(t *rapid.T, h *house, user, _ string) {
		h.do(http.MethodPut, "/sca/users/natural/"+user, obj{"Email": rapid.StringMatching(`[b-d]{4}@example\.com`).Draw(t, "email")})
	},
	"enroll":     asks(http.MethodPost, "/sca/users/", "/enrollment", nil),
	"categorise": asks(http.MethodPut, "/sca/users/natural/", "/category", obj{"UserCategory": "OWNER"}),
	"begin":      asks(http.MethodPost, "/users/", "/identity-verifications", obj{"ReturnUrl": "https://platform.example"}),
	"hour":       func(_ *rapid.T, h *house, _, _ string) { h.advance(time.Hour) },
}

// What the events of any story add up to, in Hookfold's own read models, is what the API shows: no arrow is used that the
// machines do not know, and no change goes untold.
func TestAnyStorysEventsAddUpToWhatTheAPIShows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := open(t, nil)
		users := []string{h.post("/sca/users/natural", natural())["Id"].(string), h.post("/sca/users/natural", natural("UserCategory", "PAYER"))["Id"].(string),
			h.company("BUSINESS").(string)}
		sessions := []string{h.begin(users[2])["Id"].(string)}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names(acts)), 1, 16).Draw(rt, "acts") {
			h.tool(http.MethodPost, "/clock", obj{"advance": "1s"}) // two events of one second would be told apart by nobody
			acts[name](rt, h, rapid.SampledFrom(users).Draw(rt, "user"), rapid.SampledFrom(sessions).Draw(rt, "session"))
			if name == "begin" {
				sessions = h.sessions(users)
			}
		}
		h.addsUp(rt)
	})
}

// sessions are those of some users.
func (h *house) sessions(users []string) (out []string) {
	for _, u := range users {
		for _, v := range h.list("/users/" + u + "/identity-verifications?per_page=100") {
			out = append(out, v["Id"].(string))
		}
	}
	return out
}

// addsUp compares the documents of all that took place with the API.
func (h *house) addsUp(t require.TestingT) {
	var records []projections.Record
	for i, e := range h.tool(http.MethodGet, "/events", nil).list {
		n := mangopay.Notification{Type: events.Type(e["EventType"].(string)), ResourceID: e["ResourceId"].(string), Date: int64(e["Date"].(float64))}
		records = append(records, projections.Record{Seq: projections.Seq(i + 1), Event: n.Event("")})
	}
	docs, err := projections.Documents(views.All(), records, projections.AsOf{})
	require.NoError(t, err)
	for _, d := range docs {
		var doc obj
		require.NoError(t, json.Unmarshal(d.JSON, &doc))
		require.Equal(t, []any{0.0, 0.0}, []any{doc["conflicts"], doc["gaps"]}, "%s", d.JSON)
		switch d.Ref.Kind {
		case mangopay.KindSession:
			require.Equal(t, h.session(d.Ref.ID)["Status"], doc["status"], "%s", d.JSON)
		case mangopay.KindUser:
			h.userAddsUp(t, d.Ref.ID, doc)
		}
	}
}

// userAddsUp compares a user's document with the API. What no event has told is not known.
func (h *house) userAddsUp(t require.TestingT, id string, doc obj) {
	u := h.user(id)
	for field, said := range map[string]any{"user_status": u["UserStatus"], "user_category": u["UserCategory"], "kyc_level": u["KYCLevel"]} {
		if doc[field] != "" {
			require.Equal(t, said, doc[field], "%s of %v", field, doc)
		}
	}
	blocks := h.get("/users/" + id + "/regulatory")["ScopeBlocked"].(obj)
	require.Equal(t, []any{blocks["Inflows"], blocks["Outflows"]}, []any{doc["inflows_blocked"], doc["outflows_blocked"]}, "%v", doc)
	if s := h.do(http.MethodGet, "/sca/users/"+id+"/sca-status", nil); doc["sca_enrolled"] == true {
		require.Equal(t, true, s.body["IsEnrolled"], "%v", doc)
	}
}

// names are the keys of a map, in order.
func names[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
