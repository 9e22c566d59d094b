package mangopay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a clock that only waiting moves.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
}

func newClock() *clock { return &clock{now: time.Date(2025, 4, 2, 20, 50, 6, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	c.waited = append(c.waited, d)
	c.mu.Unlock()
	c.Move(d)
	return ctx.Err()
}

func (c *clock) Waited() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.waited...)
}

// seen is a request as the provider got it.
type seen struct {
	Method, Path, Query, Authorization, Key, Body string
}

// standIn is a provider in real HTTP. It hands out the tokens token-1, token-2, …
type standIn struct {
	*httptest.Server
	clock *clock
	life  int // expires_in

	mu     sync.Mutex
	tokens int
	calls  []seen // without those for tokens
	token  http.HandlerFunc
	handle http.HandlerFunc
}

// newStandIn answers everything but requests for tokens by handle.
func newStandIn(t *testing.T, handle http.HandlerFunc) *standIn {
	t.Helper()
	s := unstarted(handle)
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func unstarted(handle http.HandlerFunc) *standIn {
	s := &standIn{clock: newClock(), life: 1200, handle: handle}
	s.token = func(w http.ResponseWriter, r *http.Request) {
		say(w, 200, fmt.Sprintf(`{"access_token":"token-%d","token_type":"bearer","expires_in":%d}`, s.counted(), s.life))
	}
	return s
}

func (s *standIn) counted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens++
	return s.tokens
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", s.clock.Now().Format(http.TimeFormat))
	if r.URL.Path == "/v2.01/oauth/token" {
		s.token(w, r)
		return
	}
	body := make([]byte, r.ContentLength)
	_, _ = r.Body.Read(body)
	s.mu.Lock()
	s.calls = append(s.calls, seen{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Authorization"), r.Header.Get("Idempotency-Key"), string(body)})
	handle := s.handle
	s.mu.Unlock()
	handle(w, r)
}

// Calls are the requests so far.
func (s *standIn) Calls() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.calls...)
}

// Tokens is how many tokens were given out.
func (s *standIn) Tokens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens
}

// client is a client of the stand-in on its clock.
func (s *standIn) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{
		BaseURL: s.URL, ClientID: "acme", APIKey: canaryKey, Now: s.clock.Now, Wait: s.clock.Wait,
		Rand: func() float64 { return 0 },
	}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// say answers with a JSON body.
func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// always answers every request alike.
func always(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { say(w, status, body) }
}

// inTurn answers the nth request by the nth handler, and all after the last one by that.
func inTurn(all ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := all[min(n, len(all)-1)]
		n++
		mu.Unlock()
		h(w, r)
	}
}

// goodUser is a user as the provider says it, with everything that must not be known.
const goodUser = `{"Id":"user_m_1","Tag":"` + canaryName + `","CreationDate":1743620000,"PersonType":"NATURAL","FirstName":"` + canaryName + `",
	"LastName":"` + canaryName + `","Birthday":-652117514,"Email":"` + canaryName + `@example.com","Address":{"AddressLine1":"` + canaryName + `"},
	"KYCLevel":"LIGHT","UserCategory":"OWNER","UserStatus":"PENDING_USER_ACTION","PendingUserAction":{"RedirectUrl":"` + canaryURL + `"}}`

// refusalOf is a refusal in the provider's shape, whose free text repeats what was sent.
func refusalOf(kind string) string {
	return `{"Message":"` + canaryName + ` is not acceptable","Type":"` + kind + `","Id":"bf6cce22-4c12#1452723935","Date":1746458497.0,
		"errors":{"FirstName":"` + canaryName + `","Birthday":"-652117514"}}`
}

// asError is the error as ours.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return e
}

// sample checks that a sample of a test is JSON.
func sample(t *testing.T, s string) string {
	t.Helper()
	require.True(t, json.Valid([]byte(s)), s)
	return s
}
