package mangopay

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrConfig is wrapped by the error of [New].
var ErrConfig = errors.New("mangopay: the configuration cannot be used")

// Config says which environment is asked, as whom, and how patiently. It prints without its API key.
type Config struct {
	// Source names provider, environment and client in the log. One Client per source: nothing of one is shared with another.
	// Default "mangopay"; at most 128 bytes.
	Source string
	// BaseURL is [ProductionURL], [SandboxURL], or a stand-in for them: scheme and host alone, https, or http on a loopback
	// address. Required.
	BaseURL string
	// ClientID is the platform's. Required.
	ClientID string
	// APIKey is a key of the same environment. Give one that can only read Users.Details, Users.Verification and
	// Client.Developers (which needs writing for hook care), and exchange it regularly (S0). Required.
	APIKey string

	// RootCAs are the authorities to trust instead of the system's, for a stand-in with a certificate of its own. Not for the
	// provider itself.
	RootCAs *x509.CertPool
	// Proxy says through which proxy a request goes, such as http.ProxyFromEnvironment. nil: through none.
	Proxy func(*http.Request) (*url.URL, error)
	// Transport carries the requests instead of the client's own, which holds the rules of TLS. For tests; not for the
	// provider itself.
	Transport http.RoundTripper

	// Timeout bounds one attempt, to the last byte of its answer. Default 10 s.
	Timeout time.Duration
	// Attempts is how often a request that may be repeated is sent at most. Default 4; 1 means once.
	Attempts int
	// Total bounds a call: no attempt begins later than this after the first. Default 30 s.
	Total time.Duration
	// Failures is the run of unavailable attempts that opens the circuit breaker. Default 5.
	Failures int
	// Pause is how long an open circuit breaker waits before it lets one request probe. It doubles with every probe that fails, up
	// to 16 times. Default 5 s.
	Pause time.Duration

	// Now is the clock. Give the provider's where that runs otherwise, as a stand-in's may. Default time.Now.
	Now func() time.Time
	// Wait waits for a duration or for the end of the context, whose error it then returns. Default: a timer.
	Wait func(context.Context, time.Duration) error
	// Rand is uniform in [0, 1) and spreads repetitions. Default math/rand/v2.
	Rand func() float64
	// NewKey makes an idempotency key for one creation: 16 to 36 letters, digits and dashes, never the same twice. Default: a
	// random UUID.
	NewKey func() string
	// Observe, when set, is told every attempt, in the goroutine of the call: it must be quick and safe for concurrent use.
	Observe func(Call)
	// Logger hears what an operator should know; never an id, a key or a token. Default: nobody.
	Logger *slog.Logger
}

// maxName is the length of a source, which becomes part of a key.
const maxName = 128

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	c.Source = cmp.Or(c.Source, "mangopay")
	c.Timeout = cmp.Or(c.Timeout, 10*time.Second)
	c.Attempts = cmp.Or(c.Attempts, 4)
	c.Total = cmp.Or(c.Total, 30*time.Second)
	c.Failures = cmp.Or(c.Failures, 5)
	c.Pause = cmp.Or(c.Pause, 5*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	if c.Rand == nil {
		c.Rand = mathrand.Float64
	}
	if c.NewKey == nil {
		c.NewKey = newUUID
	}
	if c.Observe == nil {
		c.Observe = func(Call) {}
	}
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}

// validate reports all problems at once. No message shows a value.
func (c Config) validate() error {
	var problems []string
	add := func(bad bool, what string) {
		if bad {
			problems = append(problems, what)
		}
	}
	add(len(c.Source) > maxName || !utf8.ValidString(c.Source), fmt.Sprintf("Source must be valid UTF-8 of at most %d bytes", maxName))
	add(!plainID(c.ClientID), "ClientID is missing or no client id: give the platform's")
	add(c.APIKey == "" || strings.ContainsFunc(c.APIKey, notPrintable), "APIKey is missing or holds blanks: give a key of the same environment")
	add(min(c.Timeout, c.Total, c.Pause) < 0, "a duration is negative: give a positive one, or 0 for the default")
	add(min(c.Attempts, c.Failures) < 0, "Attempts or Failures is negative: give a positive one, or 0 for the default")
	where, err := parseBase(c.BaseURL)
	add(err != nil, fmt.Sprint("BaseURL: ", err))
	if err == nil && where.provider {
		add(c.RootCAs != nil, "RootCAs are for a stand-in: the provider's certificates are signed by public authorities (S0)")
		add(c.Transport != nil, "Transport is for a stand-in: the provider is asked by TLS rules that cannot be replaced (S0)")
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

// wait is the default of Config.Wait.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// newUUID is the default of Config.NewKey: RFC 9562, version 4.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
