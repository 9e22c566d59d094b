package sender

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Timeline is the time in which a Sender lives, such as a timeline.Timeline.
type Timeline interface {
	// Now is the time.
	Now() time.Time
	// At lets do happen once, at the instant t. It does not call do itself.
	At(t time.Time, do func(now time.Time))
	// Go runs work beside everything else. A timeline that is stepped stands still until work is done.
	Go(work func())
}

// Config says how a [Sender] sends.
type Config struct {
	// Timeline is the time of hooks, events and retries. Required.
	Timeline Timeline
	// IDs makes identifiers, each a new one that begins with the prefix. Default: the prefix and 26 characters that look like
	// those of the provider, made of the time and a number, so that equal histories have equal identifiers.
	IDs func(prefix string) string
	// Transport carries the requests, such as one that needs no network. Default: HTTP/1.1, each request on a connection of its
	// own, so that nothing below repeats one, and TLS 1.2 at least.
	Transport http.RoundTripper
	// SelfSigned takes receivers whose certificate nobody vouches for (S4: they "may be rejected"). Only without a Transport.
	SelfSigned bool
	// Connections bounds the requests that are under way at one time. Default 32.
	Connections int
	// Keep is how many attempts are listed, the newest. Default 100,000.
	Keep int
}

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	if c.IDs == nil && c.Timeline != nil {
		c.IDs = ids(c.Timeline.Now)
	}
	if c.Transport == nil {
		c.Transport = transport(c.SelfSigned)
		c.SelfSigned = false
	}
	c.Connections = cmp.Or(c.Connections, 32)
	c.Keep = cmp.Or(c.Keep, 100_000)
	return c
}

// validate reports all problems at once.
func (c Config) validate() error {
	var problems []string
	if c.Timeline == nil {
		problems = append(problems, "Timeline is missing: give the time to live in")
	}
	if c.SelfSigned {
		problems = append(problems, "SelfSigned has no effect on a Transport of your own: set its TLSClientConfig")
	}
	if c.Connections < 0 || c.Keep < 0 {
		problems = append(problems, "Connections and Keep cannot be negative: give a positive value, or 0 for the default")
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

// transport is the default one.
func transport(selfSigned bool) *http.Transport {
	plain := new(http.Protocols)
	plain.SetHTTP1(true)
	return &http.Transport{
		DisableKeepAlives:      true, // net/http repeats a GET by itself where a kept connection breaks: two requests in one attempt
		DisableCompression:     true,
		Protocols:              plain,
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: selfSigned},
	}
}

// client is an HTTP client that takes every answer as it is.
func client(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
