package mangopay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// secure is a stand-in over TLS with a certificate that signed itself.
func secure(t *testing.T, version uint16) *standIn {
	t.Helper()
	s := unstarted(always(200, goodUser))
	s.Server = httptest.NewUnstartedServer(s)
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func trust(s *standIn) func(*Config) {
	return func(c *Config) {
		c.RootCAs = x509.NewCertPool()
		c.RootCAs.AddCert(s.Certificate())
		c.Attempts = 1
	}
}

func TestS0_TLS12AndNewerOnly(t *testing.T) {
	t.Parallel()
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		s := secure(t, version)
		_, err := s.client(t, trust(s)).User(context.Background(), "user_m_1")
		if good {
			require.NoError(t, err, tls.VersionName(version))
			continue
		}
		require.ErrorIs(t, err, ErrUnavailable, tls.VersionName(version))
		require.ErrorContains(t, err, "TLS 1.2")
		require.Zero(t, s.Tokens())
	}
}

func TestS0_ASelfSignedCertificateIsRefused(t *testing.T) {
	t.Parallel()
	s := secure(t, tls.VersionTLS13)
	_, err := s.client(t, func(c *Config) { c.Attempts = 1 }).User(context.Background(), "user_m_1")
	require.ErrorIs(t, err, ErrUnavailable)
	require.ErrorContains(t, err, "not signed by an authority")
	require.Zero(t, s.Tokens(), "the credentials did not leave")
}

func TestACertificateForAnotherNameIsRefused(t *testing.T) {
	t.Parallel()
	s := secure(t, tls.VersionTLS13)
	c := s.client(t, trust(s), func(c *Config) { c.BaseURL = "https://localhost:" + s.URL[len("https://127.0.0.1:"):] })
	_, err := c.User(context.Background(), "user_m_1")
	require.ErrorContains(t, err, "for another name")
}

func TestATokenNeverLeavesForAnotherHost(t *testing.T) {
	t.Parallel()
	var reached []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached = append(reached, r.URL.Path)
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		away := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL+r.URL.Path, status) }
		s := newStandIn(t, away)
		_, err := s.client(t).User(context.Background(), "user_m_1")
		require.ErrorIs(t, err, ErrUnreadable)
		require.Len(t, s.Calls(), 1)

		s = newStandIn(t, always(200, goodUser))
		s.token = away
		_, err = s.client(t).User(context.Background(), "user_m_1")
		require.ErrorIs(t, err, ErrUnreadable)
		require.Empty(t, s.Calls())
	}
	elsewhere.Close()
	require.Empty(t, reached)
}
