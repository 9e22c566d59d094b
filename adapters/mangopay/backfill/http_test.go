package backfill_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/events"
)

// served is a provider on real HTTP: it refuses what reaches further than 45 days and every so often answers that there were
// too many calls.
type served struct {
	*provider
	busy, refused int
	every         int // one in so many calls is refused; 0 none
}

func (s *served) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/v2.01/oauth/token" {
		_, _ = fmt.Fprint(w, `{"access_token":"t","token_type":"bearer","expires_in":1200}`)
		return
	}
	if s.busy++; s.every > 0 && s.busy%s.every == 0 {
		s.refused++
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = fmt.Fprint(w, `{"Message":"Too many","Type":"rate_limit","Id":"e","Date":1746458497.0,"errors":null}`)
		return
	}
	query := r.URL.Query()
	number := func(name string) int { n, _ := strconv.Atoi(query.Get(name)); return n }
	q := mangopay.EventQuery{
		Type: events.Type(query.Get("EventType")), After: int64(number("AfterDate")), Before: int64(number("BeforeDate")),
		Page: number("page"), PerPage: number("per_page"),
	}
	w.Header().Set("Date", s.Now().Format(http.TimeFormat))
	if q.After < s.Now().Add(-backfill.Reach).Unix() {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"Message":"x","Type":"param_error","Id":"e","Date":1,"errors":{"AfterDate":"Events older than 45 days can not be searched"}}`)
		return
	}
	a, err := s.Events(r.Context(), q)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("X-Number-Of-Pages", strconv.Itoa(a.Value.Pages))
	w.Header().Set("Date", a.At.Format(http.TimeFormat))
	rows := []map[string]any{}
	for _, e := range a.Value.Events {
		rows = append(rows, map[string]any{"EventType": e.Type, "ResourceId": e.ResourceID, "Date": e.Date})
	}
	_ = json.NewEncoder(w).Encode(rows)
}

func TestOverHTTPEverythingThatTheProviderListsIsIn(t *testing.T) {
	t.Parallel()
	s := &served{provider: &provider{now: start, late: 20}, every: 4}
	for i := range 730 { // and many in one second, in another order at each reading
		at := start.Unix() - int64(i%7)*86400*6 - 3600
		s.happens(kyc, fmt.Sprint("user_m_", i), at)
	}
	shift := 0
	s.order = func(n int) int { shift += 17; return n + shift }
	s.before = func(call int) { // new ones arrive while the list is read
		if call < 20 {
			s.happens(kyc, fmt.Sprint("live_", call), s.Now().Unix())
		}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client, err := mangopay.New(mangopay.Config{BaseURL: server.URL, ClientID: "acme", APIKey: "k", Now: s.Now, Attempts: 1, Failures: 1000})
	require.NoError(t, err)
	t.Cleanup(client.Close)

	log := memory()
	c := config(s.provider, log)
	c.API, c.Marks = client, &backfill.MemoryMarks{}
	c.Retry = backfill.Patience(func(_ context.Context, d time.Duration) error { s.wait(d); return nil })
	first := run(t, c, backfill.Request{})
	assert.GreaterOrEqual(t, first.Appended, 730)
	assert.Positive(t, s.refused, "some calls were refused, and made again")
	s.before = nil
	s.wait(time.Hour)
	second := run(t, c, backfill.Request{})
	assert.Equal(t, 750, first.Appended+second.Appended, "what was listed late came with the next run")
	assert.Len(t, stored(t.Context(), log), 750)
}

func TestOverHTTPTheReachIsKept(t *testing.T) {
	t.Parallel()
	s := &served{provider: &provider{now: start}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client, err := mangopay.New(mangopay.Config{BaseURL: server.URL, ClientID: "acme", APIKey: "k", Now: s.Now})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	c := config(s.provider, memory())
	c.API = client
	assert.Error(t, run(t, c, backfill.Request{Since: start.Add(-100 * 24 * time.Hour)}).Beyond())

	s.wait(60 * 24 * time.Hour) // what was asked for is out of reach; the refusal tells the provider's time
	s.happens(kyc, "u", s.Now().Unix()-3600)
	c.Now = func() time.Time { return start }
	assert.Equal(t, 1, run(t, c, backfill.Request{}).Appended)
}
