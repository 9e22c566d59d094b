package mangopay

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEveryAttemptIsObservedWithoutIDs(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var calls []Call
	s := newStandIn(t, inTurn(always(503, ""), always(404, refusalOf("ressource_not_found")), always(429, ""), always(429, "")))
	c := s.client(t, func(c *Config) {
		c.Attempts = 2
		c.Observe = func(call Call) {
			mu.Lock()
			defer mu.Unlock()
			require.GreaterOrEqual(t, call.Duration, time.Duration(0))
			call.Duration = 0
			calls = append(calls, call)
		}
	})
	_, err := c.Session(context.Background(), "idnver_1")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = c.Session(context.Background(), "idnver_1")
	require.ErrorIs(t, err, ErrRateLimit)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = c.Session(ended, "idnver_1")
	require.ErrorIs(t, err, context.Canceled)
	const path = "/v2.01/{ClientId}/identity-verifications/{IdvSessionId}"
	require.Equal(t, []Call{
		{"POST", "/v2.01/oauth/token", 200, 0, ""},
		{"GET", path, 503, 0, "unavailable"},
		{"GET", path, 404, 0, "not_found"},
		{"GET", path, 429, 0, "rate_limit"},
		{"GET", path, 429, 0, "rate_limit"},
	}, calls)
}
