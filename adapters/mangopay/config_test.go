package mangopay

import (
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestNewReportsAllProblemsAtOnceAndShowsNoValue(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Source: strings.Repeat("s", 129), BaseURL: "ftp://x:" + canaryKey + "@y", APIKey: canaryKey + "\n", ClientID: "a/b",
		Timeout: -time.Second, Attempts: -1,
	})
	require.ErrorIs(t, err, ErrConfig)
	for _, part := range []string{"Source", "BaseURL", "APIKey", "ClientID", "duration", "Attempts"} {
		require.ErrorContains(t, err, part)
	}
	require.NotContains(t, err.Error(), canaryKey)
	_, err = New(Config{})
	for _, part := range []string{"BaseURL", "APIKey", "ClientID"} {
		require.ErrorContains(t, err, part)
	}
}

func TestS0_OnlyHTTPSButForALoopbackAddress(t *testing.T) {
	t.Parallel()
	for base, good := range map[string]bool{
		ProductionURL: true, SandboxURL: true, "https://sandbox.example.com:8443": true, "https://api.mangopay.com/": true,
		"http://127.0.0.1:7702": true, "http://localhost:7702": true, "http://[::1]:7702": true, "HTTP://127.0.0.1": true,
		"http://api.mangopay.com": false, "http://127.0.0.1.example.com": false, "http://localhost.example.com": false,
		"http://10.0.0.1": false, "http://0.0.0.0": false, "": false, "api.mangopay.com": false, "https://": false, "https://:443": false,
		"https://user@api.example.com": false, "https://api.example.com/v2.01": false, "https://api.example.com?x=1": false,
		"https://api.example.com#x": false, "ftp://127.0.0.1": false, "https://a b": false,
	} {
		_, err := New(Config{BaseURL: base, ClientID: "acme", APIKey: "k"})
		require.Equal(t, good, err == nil, "%q: %v", base, err)
	}
}

func TestS0_TheProviderIsAskedByTheTLSRulesOfTheSystemOnly(t *testing.T) {
	t.Parallel()
	for base, provider := range map[string]bool{
		ProductionURL: true, "https://API.Mangopay.com.": true, "https://api-mtls.mangopay.com:443": true, SandboxURL: true,
		"https://mangopay.example.com": false, "https://notmangopay.com": false, "https://127.0.0.1:1": false,
	} {
		c := Config{BaseURL: base, ClientID: "acme", APIKey: "k"}
		c.RootCAs = x509.NewCertPool()
		_, err := New(c)
		require.Equal(t, provider, err != nil, "RootCAs for %s", base)
		c.RootCAs, c.Transport = nil, http.DefaultTransport
		_, err = New(c)
		require.Equal(t, provider, err != nil, "Transport for %s", base)
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	t.Parallel()
	c, err := New(Config{BaseURL: SandboxURL, ClientID: "acme", APIKey: "k"})
	require.NoError(t, err)
	require.Equal(t, "mangopay", c.Source())
	require.Equal(t, []any{10 * time.Second, 4, 30 * time.Second, 5, 5 * time.Second},
		[]any{c.config.Timeout, c.config.Attempts, c.config.Total, c.config.Failures, c.config.Pause})
	keys := map[string]bool{}
	for range 100 {
		key := c.config.NewKey()
		require.True(t, goodKey(key), key)
		keys[key] = true
	}
	require.Len(t, keys, 100)
	require.WithinDuration(t, time.Now(), c.config.Now(), time.Minute)
	r := c.config.Rand()
	require.True(t, r >= 0 && r < 1)
}

func TestClientsShareNothing(t *testing.T) {
	t.Parallel()
	a, err := New(Config{BaseURL: SandboxURL, ClientID: "acme", APIKey: "k"})
	require.NoError(t, err)
	b, err := New(Config{BaseURL: ProductionURL, ClientID: "acme", APIKey: "k"})
	require.NoError(t, err)
	require.NotSame(t, a.http.Transport, b.http.Transport)
	require.NotSame(t, http.DefaultTransport, a.http.Transport)
	require.NotSame(t, a.tokens, b.tokens)
	require.NotSame(t, a.breaker, b.breaker)
}
