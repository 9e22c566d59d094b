package webhook_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
)

func TestS4_TheNotificationOfTheGuideIsKeptAndAnswered200(t *testing.T) {
	t.Parallel()
	log := &memory{}
	h := handler(t, webhook.Config{Log: log, Replica: "a"})
	w := send(h, http.MethodGet, "/hooks", s4)

	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "1", w.Header().Get("Hookfold-Seq"))
	kept := log.all()
	require.Len(t, kept, 1)
	assert.Equal(t, events.Event{
		Type: "USER_ACCOUNT_ACTIVATED",
		Ref:  events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_01JQVHDG0S0TJP5KFX029211BF"},
		Date: 1743627006,
		Delivery: events.Delivery{
			Origin: events.Webhook, Received: noon.UnixMilli(), Replica: "a", Attempt: uint64(noon.UnixMicro()) + 1,
		},
	}, kept[0])
	assert.Equal(t, webhook.Counts{Accepted: 1}, h.Counts())
}

func TestEveryAnswerThereIs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 8<<10)
	for name, c := range map[string]struct {
		method, path, query string
		log                 webhook.Appender
		status, kept        int
		counts              webhook.Counts
	}{
		"a notification":            {query: s4, status: 200, kept: 1, counts: webhook.Counts{Accepted: 1}},
		"parameters in any order":   {query: "Date=1&RessourceId=a&EventType=USER_KYC_REGULAR", status: 200, kept: 1, counts: webhook.Counts{Accepted: 1}},
		"an unknown type":           {query: "EventType=BRAND_NEW&RessourceId=a&Date=1", status: 200, kept: 1, counts: webhook.Counts{Accepted: 1, Unknown: 1}},
		"a ping":                    {query: "RessourceId=&EventType=USER_KYC_REGULAR&Date=1468540800", status: 200, counts: webhook.Counts{Pings: 1}},
		"no date":                   {query: "EventType=USER_KYC_REGULAR&RessourceId=a", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"a date of no clock":        {query: "EventType=USER_KYC_REGULAR&RessourceId=a&Date=99999999999999999999999", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"a date that is no number":  {query: "EventType=USER_KYC_REGULAR&RessourceId=a&Date=yesterday", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"two resources":             {query: "EventType=USER_KYC_REGULAR&RessourceId=a&RessourceId=b&Date=1", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"two types":                 {query: "EventType=USER_KYC_REGULAR&EventType=USER_KYC_LIGHT&RessourceId=a&Date=1", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"an id over 128 characters": {query: "EventType=USER_KYC_REGULAR&Date=1&RessourceId=" + long[:129], status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"a type over all bounds":    {query: "EventType=" + long[:4000] + "&Date=1&RessourceId=a", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"an id that is not UTF-8":   {query: "EventType=USER_KYC_REGULAR&RessourceId=%FF&Date=1", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"a broken escape":           {query: "EventType=USER_KYC_REGULAR&RessourceId=%ZZ&Date=1", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"a broken escape in a type": {query: "EventType=%ZZ&RessourceId=a&Date=1", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},
		"an event type of ours":     {query: "EventType=hookfold.observed&RessourceId=a&Date=1", status: 200, kept: 1, counts: webhook.Counts{Unreadable: 1}},

		"no query":                  {status: 400, counts: webhook.Counts{NoEventType: 1}},
		"an empty type":             {query: "EventType=&RessourceId=a&Date=1", status: 400, counts: webhook.Counts{NoEventType: 1}},
		"no type":                   {query: "RessourceId=a&Date=1", status: 400, counts: webhook.Counts{NoEventType: 1}},
		"rubbish without a type":    {query: "%ZZ;&&==&%", status: 400, counts: webhook.Counts{NoEventType: 1}},
		"another path":              {path: "/", query: s4, status: 404, counts: webhook.Counts{Strangers: 1}},
		"a deeper path":             {path: "/hooks/", query: s4, status: 404, counts: webhook.Counts{Strangers: 1}},
		"another path by POST":      {method: "POST", path: "/", query: s4, status: 404, counts: webhook.Counts{Strangers: 1}},
		"HEAD":                      {method: "HEAD", query: s4, status: 405, counts: webhook.Counts{WrongMethod: 1}},
		"POST":                      {method: "POST", query: s4, status: 405, counts: webhook.Counts{WrongMethod: 1}},
		"OPTIONS":                   {method: "OPTIONS", query: s4, status: 405, counts: webhook.Counts{WrongMethod: 1}},
		"a query one byte too long": {query: s4 + "&" + long[:8192-len(s4)], status: 414, counts: webhook.Counts{TooLong: 1}},
		"a log that fails":          {query: s4, log: appendFunc(broken), status: 503, counts: webhook.Counts{Failed: 1}},
		"a log that fails, unread":  {query: "EventType=X", log: appendFunc(broken), status: 503, counts: webhook.Counts{Failed: 1}},
		"a log that would fail":     {query: "EventType=X&RessourceId=&Date=1", log: appendFunc(broken), status: 200, counts: webhook.Counts{Pings: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mem := &memory{}
			cfg := webhook.Config{Log: mem}
			if c.log != nil {
				cfg.Log = c.log
			}
			h := handler(t, cfg)
			w := send(h, or(c.method, "GET"), or(c.path, "/hooks"), c.query)

			assert.Equal(t, c.status, w.Code)
			assert.Equal(t, c.counts, h.Counts())
			assert.Len(t, mem.all(), c.kept)
			assert.Equal(t, c.kept == 1, w.Header().Get("Hookfold-Seq") == "1", "Hookfold-Seq exactly where something was kept")
			assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			assert.Equal(t, c.status == 405, w.Header().Get("Allow") == "GET")
			assert.Regexp(t, `^[A-Z][A-Za-z,. ]+\.\n$`, w.Body.String(), "one plain sentence")
		})
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func TestTheLongestQueryThatIsAllowedIsRead(t *testing.T) {
	t.Parallel()
	h := handler(t, webhook.Config{Log: &memory{}})
	w := send(h, http.MethodGet, "/hooks", s4+"&"+strings.Repeat("x", 8<<10-len(s4)-1))
	assert.Equal(t, http.StatusOK, w.Code)
}

func TestWhatCannotBeReadIsKeptRawAndBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ query, id, data string }{
		"no date": {"EventType=USER_KYC_REGULAR&RessourceId=a", "USER_KYC_REGULAR",
			`{"query":"EventType=USER_KYC_REGULAR&RessourceId=a","reason":"missing"}`},
		"repeated": {"EventType=A&EventType=B&RessourceId=a&Date=1", "A",
			`{"query":"EventType=A&EventType=B&RessourceId=a&Date=1","reason":"repeated"}`},
		"date": {"EventType=A&RessourceId=a&Date=%3C1%3E", "A",
			`{"query":"EventType=A&RessourceId=a&Date=%3C1%3E","reason":"date"}`},
		"long id": {"EventType=A&Date=1&RessourceId=" + strings.Repeat("é", 2000), "A",
			`{"query":"EventType=A&Date=1&RessourceId=` + strings.Repeat("é", 1008) + `","reason":"too_long"}`},
		"long type": {"EventType=" + strings.Repeat("é", 100) + "&Date=1", strings.Repeat("é", 64), ""},
		"bad bytes": {"EventType=A%FFB&RessourceId=a&Date=1", "A\uFFFDB",
			`{"query":"EventType=A%FFB&RessourceId=a&Date=1","reason":"encoding"}`},
		"reserved": {"EventType=hookfold.observed&RessourceId=a&Date=1", "hookfold.observed",
			`{"query":"EventType=hookfold.observed&RessourceId=a&Date=1","reason":"reserved"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &memory{}
			h := handler(t, webhook.Config{Log: log, Source: "mangopay-sandbox"})
			require.Equal(t, http.StatusOK, send(h, http.MethodGet, "/hooks", c.query).Code)
			e := log.all()[0]
			assert.Equal(t, events.Unreadable, e.Type)
			assert.Equal(t, events.Ref{Source: "mangopay-sandbox", Kind: "unreadable", ID: c.id}, e.Ref)
			assert.Equal(t, noon.Unix(), e.Date)
			assert.Equal(t, events.Webhook, e.Delivery.Origin)
			if c.data != "" {
				assert.Equal(t, c.data, string(e.Data))
			}
		})
	}
}

func TestOddIdsAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"0", "user.m > *", "Ünï/çødé", "a+b", strings.Repeat("x", 128), "\u202e", "CASE", "case"} {
		log := &memory{}
		h := handler(t, webhook.Config{Log: log})
		w := send(h, http.MethodGet, "/hooks", "EventType=USER_KYC_REGULAR&Date=1743627006&RessourceId="+url.QueryEscape(id))
		require.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, id, log.all()[0].Ref.ID)
	}
}

func TestAttemptsRiseAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	log := &memory{}
	h := handler(t, webhook.Config{Log: log})
	for range 3 {
		send(h, http.MethodGet, "/hooks", s4)
	}
	kept := log.all()
	require.Len(t, kept, 3)
	first := uint64(noon.UnixMicro())
	for i, e := range kept {
		assert.Equal(t, first+uint64(i)+1, e.Delivery.Attempt)
	}
	assert.Equal(t, kept[0].ID(), kept[1].ID(), "a repetition is the same event, delivered again")
}

func TestLaw7_WhateverNamesAnEventTypeIsAnswered200(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.OneOf(
			rapid.StringN(0, 40, 300),
			rapid.SampledFrom([]string{"Date=1", "Date=", "RessourceId=", "RessourceId=a", "ResourceId=b", "%", ";", "EventType", "eventtype=A"}),
		), 0, 6).Draw(t, "parts")
		named := rapid.Bool().Draw(t, "named")
		if named {
			parts = append(parts, "EventType="+rapid.SampledFrom([]string{"A", "USER_KYC_REGULAR", "%ZZ", "hookfold.tick", "é"}).Draw(t, "type"))
		}
		query := strings.Join(rapid.Permutation(parts).Draw(t, "order"), "&")
		h, err := webhook.New(webhook.Config{Log: &memory{}})
		require.NoError(t, err)
		w := send(h, http.MethodGet, "/hooks", query)
		if named && w.Code != http.StatusOK {
			t.Fatalf("%q was answered with %d", query, w.Code)
		}
		if !named && !strings.Contains(query, "EventType=") && w.Code != http.StatusBadRequest {
			t.Fatalf("%q was answered with %d", query, w.Code)
		}
	})
}
