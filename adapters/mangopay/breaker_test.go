package mangopay

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/fsm"
)

// circuitTable is what every cell must be, written down by hand: verdict and next state.
var circuitTable = map[[2]string]string{
	{"", answered}: "first CLOSED", {"", elapsed}: "noted ", {"", probe}: "noted ", {"", abandoned}: "noted ",
	{"", unavailable + " !last_straw"}: "first CLOSED", {"", unavailable + " last_straw"}: "first OPEN",

	{"CLOSED", answered}: "applied CLOSED", {"CLOSED", elapsed}: "noted CLOSED", {"CLOSED", probe}: "noted CLOSED", {"CLOSED", abandoned}: "noted CLOSED",
	{"CLOSED", unavailable + " !last_straw"}: "applied CLOSED", {"CLOSED", unavailable + " last_straw"}: "applied OPEN",

	{"OPEN", answered}: "noted OPEN", {"OPEN", unavailable}: "duplicate OPEN", {"OPEN", elapsed}: "applied HALF_OPEN",
	{"OPEN", probe}: "conflict OPEN", {"OPEN", abandoned}: "noted OPEN",

	{"HALF_OPEN", answered}: "applied CLOSED", {"HALF_OPEN", unavailable}: "applied OPEN", {"HALF_OPEN", elapsed}: "duplicate HALF_OPEN",
	{"HALF_OPEN", probe}: "applied PROBING", {"HALF_OPEN", abandoned}: "noted HALF_OPEN",

	{"PROBING", answered}: "applied CLOSED", {"PROBING", unavailable}: "applied OPEN", {"PROBING", elapsed}: "noted PROBING",
	{"PROBING", probe}: "conflict PROBING", {"PROBING", abandoned}: "applied HALF_OPEN",
}

func TestLaw2_EveryCellOfTheCircuitIsDeclaredAsWrittenDown(t *testing.T) {
	t.Parallel()
	have := map[[2]string]string{}
	for _, c := range circuitMachine.Definition().Cells {
		event := c.Event
		if c.Guard != "" {
			event += " " + c.Guard
		}
		have[[2]string{c.From, event}] = c.Verdict.String() + " " + c.Next
		require.NotEmpty(t, c.Reason)
	}
	require.Equal(t, circuitTable, have)
	for s := range circuitMachine.Definition().States {
		for _, e := range circuitMachine.Definition().Events {
			column, ok := circuitMachine.Column(e)
			require.True(t, ok)
			out := circuitMachine.Step(circuit(s), column, run{0, 5})
			require.NotZero(t, out.Verdict, "every pair has an outcome")
		}
	}
	require.Equal(t, []string{"", "CLOSED", "OPEN", "HALF_OPEN", "PROBING"}, circuitMachine.Definition().States)
	require.Equal(t, "PROBING", circuitMachine.Name(probing))
	require.Equal(t, fsm.Conflict, circuitMachine.Step(open, mustColumn(t, probe), run{}).Verdict)
}

func mustColumn(t *testing.T, event string) fsm.Column {
	t.Helper()
	c, ok := circuitMachine.Column(event)
	require.True(t, ok)
	return c
}

// down is a client of a provider that is not well, with the breaker open after two failures.
func down(t *testing.T, s *standIn) *Client {
	t.Helper()
	c := s.client(t, func(c *Config) { c.Attempts, c.Failures, c.Pause = 1, 2, 5*time.Second })
	for range 2 {
		_, err := c.User(context.Background(), "user_m_1")
		require.ErrorIs(t, err, ErrUnavailable)
		require.NotZero(t, asError(t, err).HTTPStatus+len(asError(t, err).Reason))
	}
	return c
}

func TestAnOpenBreakerFailsFastAndProbesAfterThePause(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]http.HandlerFunc{"500": always(500, ""), "cut": cut} {
		s := newStandIn(t, bad)
		c := down(t, s)
		_, err := c.User(context.Background(), "user_m_1")
		require.ErrorIs(t, err, ErrUnavailable, name)
		require.Equal(t, 5*time.Second, asError(t, err).Retry, name)
		require.Zero(t, asError(t, err).HTTPStatus)
		require.Len(t, s.Calls(), 2, "%s: nothing was sent", name)

		for _, pause := range []int{5, 10, 20, 40, 80, 80} { // every probe that fails doubles it
			before := len(s.Calls())
			s.clock.Move(time.Duration(pause-1) * time.Second)
			_, err = c.User(context.Background(), "user_m_1")
			require.Equal(t, time.Second, asError(t, err).Retry)
			require.Len(t, s.Calls(), before)
			s.clock.Move(time.Second)
			_, err = c.User(context.Background(), "user_m_1")
			require.ErrorIs(t, err, ErrUnavailable)
			require.Len(t, s.Calls(), before+1, "one probe")
		}
		s.mu.Lock()
		s.handle = always(200, goodUser)
		s.mu.Unlock()
		s.clock.Move(80 * time.Second)
		for range 3 {
			_, err = c.User(context.Background(), "user_m_1")
			require.NoError(t, err, name)
		}
		require.Equal(t, closed, c.breaker.state)
		require.Zero(t, c.quota.sent, "what was not sent is not on its way")
	}
}

func TestOnlyAnUnavailableProviderOpensTheBreaker(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 429, 200} {
		s := newStandIn(t, always(status, "{}"))
		c := s.client(t, func(c *Config) { c.Attempts, c.Failures = 1, 1 })
		_, err := c.User(context.Background(), "user_m_1")
		require.Error(t, err)
		require.Equal(t, closed, c.breaker.state, "HTTP %d", status)
	}
}

func TestOneAnswerEndsARunOfFailures(t *testing.T) {
	t.Parallel()
	bad, good := always(500, ""), always(404, refusalOf("ressource_not_found"))
	s := newStandIn(t, inTurn(bad, good, bad, good, bad, good))
	c := s.client(t, func(c *Config) { c.Attempts, c.Failures = 1, 2 })
	for range 6 {
		_, _ = c.User(context.Background(), "user_m_1")
	}
	require.Equal(t, closed, c.breaker.state)
	require.Len(t, s.Calls(), 6)
}

func TestRepetitionsEndWhenTheBreakerOpens(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(500, refusalOf("x")))
	c := s.client(t, func(c *Config) { c.Attempts, c.Failures = 4, 2 })
	_, err := c.User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrUnavailable)
	e := asError(t, err)
	require.Equal(t, 500, e.HTTPStatus, "the reason is not lost")
	require.Equal(t, 5*time.Second, e.Retry)
	require.Len(t, s.Calls(), 2)
}

func TestATokenThatCannotBeHadOpensTheBreaker(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodUser))
	s.token = always(503, "")
	c := down(t, s)
	require.Equal(t, open, c.breaker.state)
	require.Empty(t, s.Calls())
}

func TestAnAbandonedProbeLeavesTheWayToTheNext(t *testing.T) {
	t.Parallel()
	b := &breaker{limit: 1, pause: time.Second, told: func(circuit, circuit) {}}
	at := now
	asProbe, _, ok := b.allow(at)
	require.True(t, ok)
	require.False(t, asProbe, "nothing is known against the provider")
	b.heard(unavailable, at)
	_, retry, ok := b.allow(at)
	require.False(t, ok)
	require.Equal(t, time.Second, retry)
	at = at.Add(time.Second)
	asProbe, _, ok = b.allow(at)
	require.True(t, ok)
	require.True(t, asProbe)
	_, retry, ok = b.allow(at)
	require.False(t, ok, "one probe at a time")
	require.Equal(t, time.Second/4, retry)
	b.heard(abandoned, at)
	asProbe, _, ok = b.allow(at)
	require.True(t, ok)
	require.True(t, asProbe)
	b.heard(answered, at)
	asProbe, _, ok = b.allow(at)
	require.True(t, ok)
	require.False(t, asProbe)
}

func TestAProbeWhoseCallerGaveUpIsAbandoned(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, cut)
	c := down(t, s)
	s.clock.Move(5 * time.Second)
	ctx, cancel := context.WithCancel(context.Background())
	arrived := make(chan struct{})
	s.mu.Lock()
	s.handle = func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done(); close(arrived) }
	s.mu.Unlock()
	_, err := c.UpdateHook(ctx, "hook_1", HookChange{Tag: "x"})
	require.ErrorIs(t, err, context.Canceled)
	<-arrived
	require.Equal(t, halfOpen, c.breaker.state)
	s.mu.Lock()
	s.handle = always(200, goodUser)
	s.mu.Unlock()
	_, err = c.User(context.Background(), "user_m_1")
	require.NoError(t, err)
}
