package readapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// listed asks for a list.
func (h *house) listed(t testing.TB, target string) readapi.Listing {
	t.Helper()
	got := h.get(t, target)
	require.Equal(t, http.StatusOK, got.status, "%s: %s", target, got.body)
	var l readapi.Listing
	require.NoError(t, json.Unmarshal([]byte(got.body), &l))
	return l
}

// ids are those of a list's documents.
func ids(t testing.TB, l readapi.Listing) (out []string) {
	t.Helper()
	for _, item := range l.Items {
		var d struct{ ID string }
		require.NoError(t, json.Unmarshal(item, &d))
		out = append(out, d.ID)
	}
	return out
}

// observed is what the API said of a resource.
func observed(kind, id string, date int64, r events.Reading) events.Event {
	data, err := events.Canonical(r)
	if err != nil {
		panic(err)
	}
	return events.Event{Type: events.Observed, Ref: events.Ref{Source: "mangopay", Kind: kind, ID: id}, Date: date, Data: data}
}

// town is a house with eight users, three of them CLOSED and two of those confirmed, and sessions of two of them.
func town(t testing.TB) *house {
	h := open(t, nil)
	for i := range int64(8) {
		h.tell(t, says("USER_ACCOUNT_ACTIVATED", fmt.Sprintf("user_%d", i), s4+i))
	}
	h.tell(t, says("USER_ACCOUNT_CLOSED", "user_1", s4+100), says("USER_ACCOUNT_CLOSED", "user_4", s4+100), says("USER_ACCOUNT_CLOSED", "user_6", s4+100))
	for _, id := range []string{"user_4", "user_6"} {
		h.tell(t, observed(mangopay.KindUser, id, s4+500, events.Reading{Values: map[string]string{"status": "CLOSED"}}))
	}
	for i, user := range []string{"user_1", "user_2", "user_1", "a/b", "nobody"} {
		id := fmt.Sprintf("idnver_%d", i)
		h.tell(t, says(mangopay.IdentityVerificationPending, id, s4))
		h.tell(t, observed(mangopay.KindSession, id, s4+500, events.Reading{
			Values: map[string]string{"session": []string{"PENDING", "VALIDATED"}[i%2]}, Attributes: map[string]string{views.UserID: user},
		}))
	}
	return h
}

func TestAListHoldsTheSameDocumentsAsTheyAreServedByThemselves(t *testing.T) {
	t.Parallel()
	h := town(t)
	for plural, want := range map[string]int{"users": 8, "idv-sessions": 5, "hooks": 0} {
		l := h.listed(t, "/v1/"+plural)
		assert.Len(t, l.Items, want)
		assert.Empty(t, l.Next)
		for i, id := range ids(t, l) {
			assert.Equal(t, h.get(t, "/v1/"+plural+"/"+url.PathEscape(id)).body, string(l.Items[i])+"\n")
		}
	}
	assert.Equal(t, `{"items":[],"next":""}`+"\n", h.get(t, "/v1/hooks").body, "no documents are a list too")
	got := h.get(t, "/v1/users")
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		assert.Equal(t, want, got.header.Get(name))
	}
	head := h.ask(t, http.MethodHead, "/v1/users")
	assert.Equal(t, http.StatusOK, head.status)
	assert.Empty(t, head.body)
}

func TestPagesMeet(t *testing.T) {
	t.Parallel()
	h := town(t)
	for limit, pages := range map[int]int{1: 8, 3: 3, 8: 1, 1000: 1} {
		var all []string
		cursor, n := "", 0
		for {
			target := fmt.Sprintf("/v1/users?limit=%d", limit)
			if cursor != "" {
				target += "&cursor=" + url.QueryEscape(cursor)
			}
			l := h.listed(t, target)
			assert.LessOrEqual(t, len(l.Items), limit)
			all, n = append(all, ids(t, l)...), n+1
			if cursor = l.Next; cursor == "" {
				break
			}
		}
		assert.Equal(t, pages, n, "limit %d", limit)
		assert.Equal(t, []string{"user_0", "user_1", "user_2", "user_3", "user_4", "user_5", "user_6", "user_7"}, all)
	}
}

func TestAListCanBeAskedForAnyFieldOfItsDocuments(t *testing.T) {
	t.Parallel()
	h := town(t)
	for target, want := range map[string]string{
		"/v1/users?user_status=CLOSED":                             "user_1 user_4 user_6",
		"/v1/users?user_status=CLOSED&confirmed.status=false":      "user_1",
		"/v1/users?confirmed.status=true&gaps=0":                   "user_4 user_6",
		"/v1/users?id=user_3":                                      "user_3",
		"/v1/users?user_category=OWNER":                            "",
		"/v1/users?user_category=%22%22&user_status=CLOSED":        "user_1 user_4 user_6",
		"/v1/users?source=mangopay&id=user_3":                      "user_3",
		"/v1/users?source=sandbox":                                 "",
		"/v1/idv-sessions?status=VALIDATED":                        "idnver_1 idnver_3",
		"/v1/idv-sessions?user_id=user_1&link_expired=false":       "idnver_0 idnver_2",
		"/v1/users/user_1/idv-sessions":                            "idnver_0 idnver_2",
		"/v1/users/user_1/idv-sessions?status=VALIDATED":           "",
		"/v1/users/user_2/idv-sessions?status=VALIDATED&limit=1":   "idnver_1",
		"/v1/users/nobody/idv-sessions":                            "idnver_4",
		"/v1/users/a%2Fb/idv-sessions":                             "idnver_3",
		"/v1/users/user_7/idv-sessions":                            "",
		"/v1/users/user_1/idv-sessions?source=sandbox":             "",
		"/v1/idv-sessions?confirmed=true&conflicts=0&wait=1":       "idnver_0 idnver_1 idnver_2 idnver_3 idnver_4",
		"/v1/idv-sessions?since=" + fmt.Sprint(s4) + "&limit=1000": "idnver_0 idnver_2 idnver_4",
	} {
		assert.Equal(t, want, strings.Join(ids(t, h.listed(t, target)), " "), target)
	}
}

func TestAListThatCannotBeReadIsAnswered400AndNeverByAnother(t *testing.T) {
	t.Parallel()
	h := town(t)
	next := h.listed(t, "/v1/users?limit=2").Next
	for target, want := range map[string]string{
		"/v1/users?limit=":                        "a list takes limit (1 to 1000)",
		"/v1/users?limit=0":                       "a list takes limit (1 to 1000)",
		"/v1/users?limit=1001":                    "a list takes limit (1 to 1000)",
		"/v1/users?limit=-1":                      "a list takes limit (1 to 1000)",
		"/v1/users?limit=x":                       "a list takes limit (1 to 1000)",
		"/v1/users?limit=5&limit=5":               "each once",
		"/v1/users?user_status=A&user_status=B":   "each once",
		"/v1/users?user_status":                   "with a value",
		"/v1/users?user_status=":                  "with a value",
		"/v1/users?source=":                       "with a value",
		"/v1/users?cursor=":                       "with a value",
		"/v1/users?user_status=%zz":               "percent-encoded",
		"/v1/users?user_status=A;gaps=0":          "percent-encoded",
		"/v1/users?status=ACTIVE":                 "its fields are ambiguous, confirmed.blocks, confirmed.category",
		"/v1/users?Limit=5":                       "its fields are",
		"/v1/users?confirmed=false":               "its fields are",
		"/v1/users?history=x":                     "its fields are",
		"/v1/users?gaps=many":                     "gaps takes a number",
		"/v1/users?ambiguous=no":                  "ambiguous takes true or false",
		"/v1/users?at=1743627006":                 "this shows the present",
		"/v1/users?wait=x":                        "give the number of a Hookfold-Seq header",
		"/v1/users?cursor=x":                      "not a cursor of this list",
		"/v1/hooks?cursor=" + next:                "not a cursor of this list",
		"/v1/users?ambiguous=true&cursor=" + next: "not a cursor of this list",
		"/v1/users?source=sandbox&cursor=" + next: "not a cursor of this list",
		"/v1/users/u/idv-sessions?user_id=v":      "each once",
	} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusBadRequest, got.status, target)
		assert.Contains(t, got.sentence(t), want, target)
	}
	for _, target := range []string{"/v1/hooks/x/users", "/v1/users/u/hooks", "/v1/users/u/users", "/v1/users/u/nothing", "/v1/users//idv-sessions", "/v1/users/%22%22/idv-sessions"} {
		assert.Equal(t, http.StatusNotFound, h.get(t, target).status, target)
	}
}

func TestLaw11_AParkedResourceIsMarkedInItsList(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range int64(projections.DefaultLimit) {
		h.tell(t, says("USER_KYC_LIGHT", "u", s4+i))
	}
	h.tell(t, says("USER_KYC_LIGHT", "v", s4))
	seq := h.tell(t, says("USER_ACCOUNT_CLOSED", "u", s4+5000))
	l := h.listed(t, "/v1/users")
	assert.Equal(t, []string{"u", "v"}, ids(t, l))
	assert.Equal(t, []readapi.Parked{{ID: "u", Seq: uint64(seq)}}, l.Parked)
}

func TestLaw11_AResourceThatCannotBeReadIsNamedInItsList(t *testing.T) {
	t.Parallel()
	h := town(t)
	ctx := context.Background()
	at, err := h.store.Checkpoint(ctx, views.Users.ID(), 0)
	require.NoError(t, err)
	bad := projections.Row{Ref: events.Ref{Source: "mangopay", Kind: mangopay.KindUser, ID: "user_3"}, State: projections.Bytes("{")}
	require.NoError(t, h.store.Commit(ctx, projections.Commit{Model: views.Users.ID(), From: at, To: at, Rows: []projections.Row{bad}}))
	l := h.listed(t, "/v1/users")
	assert.Len(t, l.Items, 7)
	assert.Equal(t, []string{"user_3"}, l.Unreadable)
}

func TestAModelOfOnesOwnIsListedAndBelongsLikeOurs(t *testing.T) {
	t.Parallel()
	type row struct {
		Hall string `json:"hall"`
	}
	kind := func(k string) func(projections.Record) (events.Ref, bool) {
		return func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == k }
	}
	apply := func(v row, m projections.Moment, h *projections.History) row {
		h.Add(projections.Line{Date: m.Time, Machine: "seat"})
		v.Hall = string(m.Records[0].Event.Type)
		return v
	}
	seats := projections.Model[row]{
		Name: "seats", Version: 1, Kind: "seat", Key: kind("seat"), Apply: apply,
		Index: func(v row) map[string]string { return map[string]string{"hall": v.Hall} }, IndexFields: map[string]string{"hall": "in"},
		Document: func(v projections.View[row]) any { return map[string]any{"id": v.Ref.ID, "in": v.Value.Hall} },
	}
	halls := projections.Model[row]{
		Name: "halls", Version: 1, Kind: "hall", Key: kind("hall"), Apply: apply,
		Document: func(v projections.View[row]) any { return map[string]any{"id": v.Ref.ID} },
	}
	models := []projections.AnyModel{seats, halls}
	store := projections.NewMemoryStore()
	log := projections.NewMemoryLog("log", func() time.Time { return noon }, 0)
	h := open(t, func(c *readapi.Config, h *house) {
		proj, err := projections.New(projections.Config{Log: log, Store: store, Models: models})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- proj.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })
		c.Store, c.Models, c.Wait = store, models, proj.Wait
	})
	for _, id := range []string{"1", "2"} {
		_, err := log.Append(t.Context(), events.Event{Type: "red", Ref: events.Ref{Source: "mangopay", Kind: "seat", ID: id}, Date: s4})
		require.NoError(t, err)
	}
	assert.Equal(t, `{"items":[{"id":"1","in":"red"},{"id":"2","in":"red"}],"next":""}`+"\n", h.get(t, "/v1/halls/red/seats?wait=2").body)
	assert.Equal(t, `{"items":[],"next":""}`+"\n", h.get(t, "/v1/halls/blue/seats").body)
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/seats/1/halls").status)
	assert.Contains(t, h.get(t, "/v1/seats?nonsense=1").sentence(t), "its fields are id, in")
}

func TestWhatIsComputedOfAResourceIsServedBesideIt(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, h *house) {
		c.Derived = map[string]readapi.Derived{"users/age": func(ctx context.Context, source, id string) (any, error) {
			doc, err := projections.ReadDocument(ctx, h.store, views.Users, source, id, projections.AsOf{})
			return map[string]any{"id": doc.Ref.ID, "source": source, "seq": doc.Seq}, err
		}}
	})
	h.tell(t, says("USER_KYC_LIGHT", "a/b<", s4))
	assert.Equal(t, `{"id":"a/b<","seq":1,"source":"mangopay"}`+"\n", h.get(t, "/v1/users/a%2Fb%3C/age?wait=1").body)
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/users/nobody/age").status)
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/users/a%2Fb%3C/age?source=other").status)
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/hooks/x/age").status)
	for _, query := range []string{"at=5", "nonsense=1", "wait=x"} {
		assert.Equal(t, http.StatusBadRequest, h.get(t, "/v1/users/a%2Fb%3C/age?"+query).status, query)
	}
}
