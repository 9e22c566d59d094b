package mangopay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
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

func TestWhatWasNotSentIsObservedToo(t *testing.T) {
	t.Parallel()
	var calls []Call
	s := newStandIn(t, after(429, "600"))
	c := s.client(t, func(c *Config) { c.Observe = func(call Call) { calls = append(calls, call) } })
	for range 2 {
		_, err := c.Hook(context.Background(), "hook_1")
		require.ErrorIs(t, err, ErrRateLimit)
	}
	require.Equal(t, Call{"GET", "/v2.01/{ClientId}/hooks/{HookId}", 0, 0, "rate_limit"}, calls[2])
}

func TestTheDefaultWaitWaitsOrGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		require.NoError(t, wait(t.Context(), time.Hour))
		require.Equal(t, time.Hour, time.Since(started))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, wait(ctx, time.Hour), context.DeadlineExceeded)
		require.Equal(t, time.Hour+time.Minute, time.Since(started))
	})
}

func TestWhyNoAnswerCameIsSaidInOurWords(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := "http://" + free.Addr().String()
	require.NoError(t, free.Close())
	c, err := New(Config{BaseURL: nobody, ClientID: "acme", APIKey: "k", Attempts: 1})
	require.NoError(t, err)
	_, err = c.User(context.Background(), canaryID)
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "connection refused")
	clean(t, nobody, err.Error())
	require.Equal(t, "the name of the host cannot be resolved", broken(&net.DNSError{Name: canaryName}))
	require.Equal(t, "the connection broke", broken(errors.New(canaryName)))
	require.Equal(t, syscall.ECONNRESET.Error(), broken(&url.Error{Op: "Get", URL: "https://x/" + canaryID, Err: syscall.ECONNRESET}))
	require.Equal(t, "the host's certificate cannot be used, perhaps it has run out", broken(&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{}}))
}
