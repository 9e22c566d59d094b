package readapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
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

// noon is when every record of a test's log is stored; s4 is the date of the notification in S4, long before.
const s4 = 1743627006

var noon = time.Unix(s4+100*24*3600, 0)

// house is a log, its read models and the API over them.
type house struct {
	log   *projections.MemoryLog
	store *projections.MemoryStore
	proj  *projections.Projector
	url   string
}

// open starts a house. change, if given, changes the configuration of the API.
func open(t testing.TB, change func(*readapi.Config, *house)) *house {
	t.Helper()
	h := &house{log: projections.NewMemoryLog("log", func() time.Time { return noon }, 0), store: projections.NewMemoryStore()}
	var err error
	h.proj, err = projections.New(projections.Config{Log: h.log, Store: h.store, Models: views.All()})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.proj.Run(ctx) }()
	c := readapi.Config{Store: h.store, Models: views.All(), Source: "mangopay", Wait: h.proj.Wait}
	if change != nil {
		change(&c, h)
	}
	handler, err := readapi.New(c)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	h.url = server.URL
	t.Cleanup(func() {
		server.Close()
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	return h
}

// tell appends events and waits until they are folded.
func (h *house) tell(t testing.TB, es ...events.Event) projections.Seq {
	t.Helper()
	seq, err := h.log.Append(t.Context(), es...)
	require.NoError(t, err)
	require.NoError(t, h.proj.Wait(t.Context(), seq))
	return seq
}

// reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	body   string
}

// sentence is what an error says.
func (r reply) sentence(t testing.TB) string {
	t.Helper()
	var said map[string]string
	require.NoError(t, json.Unmarshal([]byte(r.body), &said), r.body)
	require.Len(t, said, 1)
	return said["error"]
}

// ask asks the API.
func (h *house) ask(t testing.TB, method, target string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.url+target, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return reply{res.StatusCode, res.Header, string(body)}
}

func (h *house) get(t testing.TB, target string) reply { return h.ask(t, http.MethodGet, target) }

// says is a notification.
func says(kind events.Type, id string, date int64) events.Event {
	return mangopay.Notification{Type: kind, ResourceID: id, Date: date}.Event("")
}

// documents is what the fold alone makes of events.
func documents(t testing.TB, at projections.AsOf, es ...events.Event) map[string]string {
	t.Helper()
	var records []projections.Record
	for i, e := range es {
		records = append(records, projections.Record{Seq: projections.Seq(i + 1), Time: noon, Event: e})
	}
	docs, err := projections.Documents(views.All(), records, at)
	require.NoError(t, err)
	out := map[string]string{}
	for _, d := range docs {
		out[d.Ref.Kind+" "+d.Ref.ID] = string(d.JSON) + "\n"
	}
	return out
}

// story concerns a session, a user and a hook.
func story(t testing.TB) []events.Event {
	t.Helper()
	reading, err := events.Canonical(events.HookReading{At: s4 * 1000, HookID: "hook_m_1", Status: "ENABLED", Validity: "VALID"})
	require.NoError(t, err)
	return []events.Event{
		says("IDENTITY_VERIFICATION_PENDING", "idnver_1", s4-10), says("IDENTITY_VERIFICATION_VALIDATED", "idnver_1", s4),
		says("USER_ACCOUNT_ACTIVATED", "user_m_1", s4), says("USER_KYC_REGULAR", "user_m_1", s4+5),
		{Type: events.HookUpdated, Ref: events.Ref{Source: "mangopay", Kind: views.KindHook, ID: "USER_KYC_REGULAR"}, Date: s4, Data: reading},
	}
}

func TestContract_TheAPIServesTheDocumentsOfTheFold(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	es := story(t)
	h.tell(t, es...)
	want := documents(t, projections.AsOf{}, es...)
	require.Len(t, want, 3)
	for target, doc := range map[string]struct{ name, seq string }{
		"/v1/idv-sessions/idnver_1":  {"idv_session idnver_1", "2"},
		"/v1/users/user_m_1":         {"user user_m_1", "4"},
		"/v1/hooks/USER_KYC_REGULAR": {"hook USER_KYC_REGULAR", "5"},
		"/v1/hooks/hook_m_1":         {"hook USER_KYC_REGULAR", "5"},
	} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusOK, got.status, target)
		assert.Equal(t, want[doc.name], got.body, target)
		assert.Equal(t, doc.seq, got.header.Get("Hookfold-Seq"), target)
		assert.Equal(t, "application/json", got.header.Get("Content-Type"), target)
		assert.Equal(t, "no-store", got.header.Get("Cache-Control"), target)
		assert.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"), target)
	}
}

func TestAnIdentifierMayHoldEveryOddCharacter(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	ids := []string{
		"a/b", "/", "//", ".", "..", "../users", "a.b.c", "%", "%2F", "100%25", " ", "a b", "+", "a+b", "?", "a?at=1", "#", "é", "ß/ü",
		"💶", "*", ">", "=XX", "\x00", "\n", `"`, `\`, "<&>", "users", strings.Repeat("x", mangopay.MaxLength), "U", "u",
	}
	var es []events.Event
	for i, id := range ids {
		es = append(es, says("USER_KYC_LIGHT", id, s4+int64(i)))
	}
	h.tell(t, es...)
	want := documents(t, projections.AsOf{}, es...)
	for _, id := range ids {
		got := h.get(t, "/v1/users/"+url.PathEscape(id))
		assert.Equal(t, http.StatusOK, got.status, "%q", id)
		assert.Equal(t, want["user "+id], got.body, "%q", id)
	}
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/users/%FF").status, "no text in UTF-8")
}

func TestRule19_AtShowsThePast(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	es := story(t)
	h.tell(t, es...)
	for at, want := range map[string]projections.AsOf{
		strconv.Itoa(s4 + 4):                projections.AtTime(s4 + 4),
		"2025-04-02T20:50:10Z":              projections.AtTime(s4 + 4),
		"2025-04-02T22%3A50%3A10%2B02%3A00": projections.AtTime(s4 + 4),
		"seq:3":                             projections.AtSeq(3),
		strconv.Itoa(s4 + 3600*24*365*1000): projections.AtTime(s4 + 3600*24*365*1000),
	} {
		got := h.get(t, "/v1/users/user_m_1?at="+at)
		assert.Equal(t, http.StatusOK, got.status, at)
		assert.Equal(t, documents(t, want, es...)["user user_m_1"], got.body, at)
	}
	before := h.get(t, "/v1/users/user_m_1?at=seq:2")
	assert.Equal(t, http.StatusNotFound, before.status)
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/users/user_m_1?at=5").status)
	assert.Contains(t, before.sentence(t), "never heard of this resource")
}

func TestTheStateAfterARecordIsNotToldBeforeTheRecordIsApplied(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, _ *house) { c.WaitMost = time.Millisecond })
	h.tell(t, story(t)...)
	got := h.get(t, "/v1/users/user_m_1?at=seq:99")
	assert.Equal(t, http.StatusServiceUnavailable, got.status, "else the same question had two answers")
	assert.Contains(t, got.sentence(t), "asked for 99")
}

func TestAQuestionThatCannotBeReadIsNotAnsweredWithThePresent(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tell(t, says("USER_KYC_LIGHT", "u", s4))
	for _, query := range []string{"at=%zz", "at=1750000005;", "At=1750000005", "at=1&at=2", "when=1"} {
		got := h.get(t, "/v1/users/u?"+query)
		assert.Equal(t, http.StatusBadRequest, got.status, query)
		assert.Contains(t, got.sentence(t), "only at, wait and source", query)
	}
}

func TestWhoeverIsNotHealthyIsNotReady(t *testing.T) {
	t.Parallel()
	wrong := errors.New("nothing can be stored")
	h := open(t, func(c *readapi.Config, _ *house) { c.Health = func() error { return wrong } })
	got := h.get(t, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.Equal(t, wrong.Error(), got.sentence(t))
	h.tell(t, says("USER_KYC_LIGHT", "u", s4))
	assert.Equal(t, http.StatusOK, h.get(t, "/v1/users/u").status, "what is known can still be read")
}

func TestLaw11_AParkedResourceSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range int64(projections.DefaultLimit) {
		h.tell(t, says("USER_KYC_LIGHT", "u", s4+i))
	}
	assert.Empty(t, h.get(t, "/v1/users/u").header.Get(readapi.ParkedHeader))
	seq := h.tell(t, says("USER_ACCOUNT_CLOSED", "u", s4+5000))
	got := h.get(t, "/v1/users/u")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Equal(t, strconv.FormatUint(uint64(seq), 10), got.header.Get(readapi.ParkedHeader))
}

func TestWhatIsNoMomentAndWhatIsNoSequenceIsAnswered400(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *readapi.Config, _ *house) {
		c.Ready = func(context.Context) error { return errors.New("a wrong request does not wait for this") }
	})
	for _, at := range []string{"yesterday", "seq:", "seq:-1", "seq:x", "1.5", "%00", "2025-04-02", "99999999999999999999"} {
		got := h.get(t, "/v1/users/u?at="+at)
		assert.Equal(t, http.StatusBadRequest, got.status, at)
		assert.Contains(t, got.sentence(t), "give Unix seconds, an RFC 3339 time, or seq:N", at)
	}
	for _, wait := range []string{"x", "-1", "1.0", "%201", "18446744073709551616", "0x1", "seq:1"} {
		got := h.get(t, "/v1/users/u?wait="+wait)
		assert.Equal(t, http.StatusBadRequest, got.status, wait)
		assert.Contains(t, got.sentence(t), "give the number of a Hookfold-Seq header", wait)
	}
}

func TestRule19_WhatLiesBehindTheHorizonIsAnswered410(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range int64(projections.DefaultSpare) {
		h.tell(t, says("USER_KYC_LIGHT", "u", s4+i))
	}
	h.tell(t, says("USER_KYC_REGULAR", "u", s4+100), says("USER_KYC_RENEWAL_REQUIRED", "u", s4+61*24*3600))
	for _, at := range []string{strconv.Itoa(s4 + 5), "seq:1"} {
		got := h.get(t, "/v1/users/u?at="+at)
		assert.Equal(t, http.StatusGone, got.status, at)
		assert.Contains(t, got.sentence(t), "fold the archived log instead")
	}
	now := h.get(t, "/v1/users/u")
	assert.Equal(t, http.StatusOK, now.status)
	assert.Contains(t, now.body, `"event":"hookfold.base"`)
	assert.Contains(t, now.body, `"kyc_renewal_due":true`)
}

func TestSourcesAreKeptApart(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tell(t, says("USER_KYC_LIGHT", "u", s4), mangopay.Notification{Type: "USER_KYC_REGULAR", ResourceID: "u", Date: s4}.Event("sandbox/1"))
	assert.Contains(t, h.get(t, "/v1/users/u").body, `"source":"mangopay"`)
	assert.Contains(t, h.get(t, "/v1/users/u?source=").body, `"source":"mangopay"`)
	other := h.get(t, "/v1/users/u?source=sandbox%2F1")
	assert.Contains(t, other.body, `"source":"sandbox/1"`)
	assert.Contains(t, other.body, `"kyc_level":"REGULAR"`)
	assert.Equal(t, http.StatusNotFound, h.get(t, "/v1/users/u?source=nobody").status)
}

func TestWhatIsNotThereIsAnswered404WithASentence(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tell(t, story(t)...)
	for _, target := range []string{
		"/v1/users/nobody", "/v1/idv-sessions/user_m_1", "/v1/users/USER_M_1", "/v1/hooks/USER_KYC_LIGHT", "/v1/hooks/hook_m_2",
	} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusNotFound, got.status, target)
		assert.Contains(t, got.sentence(t), "never heard of this resource", target)
		assert.Empty(t, got.header.Get("Hookfold-Seq"), target)
	}
	for _, target := range []string{
		"/", "/v1", "/v1/", "/v1/user", "/v1/users/", "/v1//users", "/v1/user/user_m_1", "/v1/users/user_m_1/", "/v1/users/a/b", "/v2/users/user_m_1",
		"/hooks", "/healthz/", "/readyz/x", "//v1/users/user_m_1", "/v1/users/..%2Fuser_m_1/x",
	} {
		got := h.get(t, target)
		assert.Equal(t, http.StatusNotFound, got.status, target)
		assert.Contains(t, got.sentence(t), "documents are at /v1/idv-sessions|users|hooks/{id}, lists at /v1/idv-sessions|users|hooks", target)
	}
}

func TestOnlyGETAndHEADAreServed(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.tell(t, story(t)...)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "BREW"} {
		got := h.ask(t, method, "/v1/users/user_m_1")
		assert.Equal(t, http.StatusMethodNotAllowed, got.status, method)
		assert.Equal(t, "GET, HEAD", got.header.Get("Allow"), method)
		assert.Equal(t, "only GET is served here", got.sentence(t), method)
	}
	head, get := h.ask(t, http.MethodHead, "/v1/users/user_m_1"), h.get(t, "/v1/users/user_m_1")
	assert.Equal(t, http.StatusOK, head.status)
	assert.Empty(t, head.body)
	for _, name := range []string{"Hookfold-Seq", "Content-Type", "Cache-Control"} {
		assert.Equal(t, get.header.Get(name), head.header.Get(name), name)
	}
	assert.Equal(t, http.StatusNotFound, h.ask(t, http.MethodHead, "/v1/users/nobody").status)
}

func TestAConfigurationThatCannotBeUsedTellsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := readapi.New(readapi.Config{WaitMost: -1})
	require.ErrorIs(t, err, readapi.ErrConfig)
	for _, what := range []string{"Store is missing", "Wait is missing", "Source is empty", "Models is empty", "a wait is negative"} {
		assert.Contains(t, err.Error(), what)
	}
	_, err = readapi.New(readapi.Config{
		Store: projections.NewMemoryStore(), Source: "s", Models: []projections.AnyModel{views.Users, views.Users},
		Wait: func(context.Context, projections.Seq) error { return nil },
	})
	require.ErrorIs(t, err, readapi.ErrConfig)
	assert.Contains(t, err.Error(), `model "users" is given twice`)
}
