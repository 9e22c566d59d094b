package mangopay

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// The provider's two environments.
const (
	ProductionURL = "https://api.mangopay.com"
	SandboxURL    = "https://api.sandbox.mangopay.com"
)

// environment is where requests go.
type environment struct {
	base     string // scheme and host
	provider bool   // the provider itself, not a stand-in
}

// parseBase reads a base URL. Its errors do not repeat it: somebody may have put a password in.
func parseBase(base string) (environment, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return environment{}, errors.New("missing or no URL: give one such as " + SandboxURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return environment{}, errors.New("give scheme and host alone, such as " + SandboxURL)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(host)) {
		return environment{}, errors.New("the provider is asked over https (S0); http is for a stand-in on a loopback address")
	}
	return environment{
		base:     u.Scheme + "://" + u.Host,
		provider: host == "mangopay.com" || strings.HasSuffix(host, ".mangopay.com"),
	}, nil
}

// publicBase is a base URL without what may be secret in it; "" when it is none.
func publicBase(base string) string {
	where, err := parseBase(base)
	if err != nil {
		return ""
	}
	return where.base
}

// loopback tells whether a host is this machine by its name or address, without asking anybody.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// newTransport is a transport of the client's own: TLS of at least 1.2 (S0), certificates always verified, bounds on
// everything that could last.
func newTransport(c Config) *http.Transport {
	const handshake = 5 * time.Second
	return &http.Transport{
		Proxy:                  c.Proxy,
		DialContext:            (&net.Dialer{Timeout: handshake}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.RootCAs},
		TLSHandshakeTimeout:    handshake,
		ResponseHeaderTimeout:  c.Timeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// newHTTP is the client's HTTP. It follows no redirect: the provider documents none, and the token must not leave for
// another host.
func newHTTP(c Config) *http.Client {
	var transport http.RoundTripper = newTransport(c)
	if c.Transport != nil {
		transport = c.Transport
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
