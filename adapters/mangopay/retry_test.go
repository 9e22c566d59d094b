package mangopay

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// after answers with a Retry-After.
func after(status int, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", value)
		say(w, status, refusalOf("x"))
	}
}

// cut ends the connection before there is an answer. Its first bytes keep net/http from trying another connection by itself.
func cut(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_, _ = conn.Write([]byte("HTTP/1.1 "))
		_ = conn.Close()
	}
}

// half ends the connection in the middle of the body.
func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"Id":`))
}

func TestAnUnavailableProviderIsAskedAgainWithGrowingPauses(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]http.HandlerFunc{"500": always(500, ""), "503": always(503, ""), "cut": cut, "half": half} {
		s := newStandIn(t, inTurn(bad, bad, bad, always(200, goodUser)))
		_, err := s.client(t).User(context.Background(), "user_m_1")
		require.NoError(t, err, name)
		require.Equal(t, []time.Duration{250 * time.Millisecond, 500 * time.Millisecond, time.Second}, s.clock.Waited(), name)
	}
}

func TestPausesAreSpreadByRand(t *testing.T) {
	t.Parallel()
	for n, most := range []float64{1: 500, 2: 1000, 3: 2000, 4: 4000, 5: 4000} { // milliseconds
		if n == 0 {
			continue
		}
		for _, r := range []float64{0, 0.5, 0.999} {
			c := &Client{config: Config{Rand: func() float64 { return r }}}
			got := c.backoff(n)
			require.InDelta(t, most/2*(1+r), got.Seconds()*1000, 1e-3)
		}
	}
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(503, refusalOf("x")))
	_, err := s.client(t).User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrUnavailable)
	require.Len(t, s.Calls(), 4)

	s = newStandIn(t, always(503, refusalOf("x")))
	_, err = s.client(t, func(c *Config) { c.Total = time.Second }).User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrUnavailable)
	require.Len(t, s.Calls(), 3, "no attempt begins after Total")

	s = newStandIn(t, always(503, refusalOf("x")))
	_, err = s.client(t, func(c *Config) { c.Attempts = 1 }).User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrUnavailable)
	require.Len(t, s.Calls(), 1)
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		wait   time.Duration
	}{
		"seconds":        {after(429, "7"), 7 * time.Second},
		"a date":         {after(429, now.Add(9*time.Second).Format(http.TimeFormat)), 9 * time.Second},
		"of a 503":       {after(503, " 3 "), 3 * time.Second},
		"a date gone by": {after(503, now.Add(-time.Hour).Format(http.TimeFormat)), 250 * time.Millisecond},
		"negative":       {after(503, "-5"), 250 * time.Millisecond},
		"unreadable":     {after(429, "soon"), 250 * time.Millisecond},
	} {
		s := newStandIn(t, inTurn(c.answer, always(200, goodUser)))
		_, err := s.client(t).User(context.Background(), "user_m_1")
		require.NoError(t, err, name)
		require.Equal(t, []time.Duration{c.wait}, s.clock.Waited(), name)
	}
}

func TestADateInRetryAfterIsByTheProvidersClock(t *testing.T) {
	t.Parallel()
	h := http.Header{"Retry-After": {now.Add(time.Minute).Format(http.TimeFormat)}}
	require.Equal(t, time.Minute, retryAfter(h, now))
	h.Set("Date", now.Add(50*time.Second).Format(http.TimeFormat))
	require.Equal(t, 10*time.Second, retryAfter(h, now))
	h.Set("Retry-After", "999999999")
	require.Equal(t, longestRetry, retryAfter(h, now))
}

func TestARateLimitThatLastsIsTold(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, after(429, "600"))
	c := s.client(t)
	_, err := c.User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrRateLimit)
	require.Equal(t, 10*time.Minute, asError(t, err).Retry)
	require.Empty(t, s.clock.Waited(), "longer than a call lasts")
	s.clock.Move(time.Minute)
	_, err = c.Hook(context.Background(), "hook_1")
	require.ErrorIs(t, err, ErrRateLimit)
	require.Equal(t, 9*time.Minute, asError(t, err).Retry)
	require.Len(t, s.Calls(), 1, "nothing is sent until then")
	s.clock.Move(9 * time.Minute)
	_, _ = c.Hook(context.Background(), "hook_1")
	require.Len(t, s.Calls(), 2)
}

func TestARateLimitWithoutRetryAfterLastsUntilTheReset(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, nil)
	full := limited(s, [4]int{0, 9, 9, 9}, 5*time.Second)
	s.handle = inTurn(func(w http.ResponseWriter, r *http.Request) { full(statusOf{w, 429}, r) }, always(200, goodUser))
	_, err := s.client(t).User(context.Background(), "user_m_1")
	require.NoError(t, err)
	require.Equal(t, []time.Duration{5 * time.Second}, s.clock.Waited())
}

// statusOf answers with another status.
type statusOf struct {
	http.ResponseWriter
	status int
}

func (s statusOf) WriteHeader(int) { s.ResponseWriter.WriteHeader(s.status) }

func TestARefusalIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 403, 404, 409, 422} {
		s := newStandIn(t, always(status, refusalOf("x")))
		_, err := s.client(t).User(context.Background(), "user_m_1")
		require.Error(t, err)
		require.Len(t, s.Calls(), 1)
	}
}

func TestTheEndOfTheContextEndsACall(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(503, ""))
	ctx, cancel := context.WithCancel(context.Background())
	c := s.client(t, func(c *Config) {
		c.Wait = func(ctx context.Context, _ time.Duration) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}
	})
	_, err := c.User(ctx, "user_m_1")
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnavailable)
	require.EqualError(t, err, "mangopay: GET /v2.01/{ClientId}/sca/users/{UserId}: context canceled")
	_, err = c.User(ctx, "user_m_1")
	require.ErrorIs(t, err, context.Canceled)
	_, err = c.UpdateHook(ctx, "hook_1", HookChange{Tag: "x"})
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, s.Calls(), 1)
}
