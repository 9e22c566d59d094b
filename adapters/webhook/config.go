package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// ErrConfig is wrapped by the error of [New].
var ErrConfig = errors.New("webhook: the configuration cannot be used")

// Appender is the part of a log that the ingress needs; every [projections.Log] is one.
type Appender interface {
	// Append returns the sequence of the last event when all are durable. It must give up when ctx ends: the provider
	// counts a late answer as a failure.
	Append(ctx context.Context, es ...events.Event) (projections.Seq, error)
}

// Config says where notifications go and who may bring them.
type Config struct {
	// Log keeps the notifications. Required.
	Log Appender
	// Source names provider, environment and client: one Handler and one path per source, because nothing in a
	// notification tells Sandbox from Production. Default "mangopay"; at most 128 bytes.
	Source string
	// Token is the secret last segment of the path, /hooks/{token}. "" means none: the path is /hooks. It may hold the
	// characters that a path segment holds unescaped (RFC 3986, pchar). Make it long and random: notifications are
	// unsigned, and whoever knows the path can write claims into the log.
	Token string
	// Allow lists the addresses from which notifications may come (S4 advises it); all others get 403. Empty: all may.
	Allow []netip.Prefix
	// TrustedProxies lists our own proxies. Only what a trusted peer appended to X-Forwarded-For is believed. Needs Allow.
	TrustedProxies []netip.Prefix
	// Replica names this receiver where several share one log. "" is a name too, good for a single receiver.
	Replica string
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Timeout bounds the durable append. Default 1.5 s; at most 2 s, which is all that S4 gives for the whole answer.
	Timeout time.Duration
	// MaxQuery bounds the raw query in bytes; a longer one is answered with 414. Default 8 KiB; from 1 KiB to 1 MiB.
	MaxQuery int
	// Logger hears what an operator should know; never the token, a path or a query. Default: nobody.
	Logger *slog.Logger
	// Observe, when set, is told every result after it was answered, in the request's goroutine: it must be quick and
	// safe for concurrent use. It is the place for metrics and for counting the failures of a hook.
	Observe func(Result)
}

// The defaults and bounds of a Config.
const (
	defaultSource   = "mangopay"
	defaultTimeout  = 1500 * time.Millisecond
	answerBudget    = 2 * time.Second // S4: a 200 within 2 seconds
	defaultMaxQuery = 8 << 10
	leastMaxQuery   = 1 << 10
	mostMaxQuery    = 1 << 20
	maxName         = 128 // bytes of a name that becomes part of a key
)

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	if c.Source == "" {
		c.Source = defaultSource
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxQuery == 0 {
		c.MaxQuery = defaultMaxQuery
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate reports all problems at once. No message shows the token.
func (c Config) validate() error {
	var problems []string
	if c.Log == nil {
		problems = append(problems, "Log is missing: give the log that keeps the notifications")
	}
	if len(c.Source) > maxName || !utf8.ValidString(c.Source) {
		problems = append(problems, fmt.Sprintf("Source must be valid UTF-8 of at most %d bytes", maxName))
	}
	if !segment(c.Token) {
		problems = append(problems, "Token must be one path segment of letters, digits and -._~!$&'()*+,;=:@")
	}
	if !ranges(c.Allow) || !ranges(c.TrustedProxies) {
		problems = append(problems, "Allow and TrustedProxies must hold valid prefixes, IPv4 ones not in IPv6 dress")
	}
	if len(c.TrustedProxies) > 0 && len(c.Allow) == 0 {
		problems = append(problems, "TrustedProxies has no effect without Allow: list who may send, or leave both empty")
	}
	if c.Timeout < 0 || c.Timeout > answerBudget {
		problems = append(problems, fmt.Sprintf("Timeout %v must lie between 0 and %v (S4)", c.Timeout, answerBudget))
	}
	if c.MaxQuery < leastMaxQuery || c.MaxQuery > mostMaxQuery {
		problems = append(problems, fmt.Sprintf("MaxQuery %d must lie between %d and %d bytes", c.MaxQuery, leastMaxQuery, mostMaxQuery))
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

// segment tells whether a token can stand in a path unescaped and is not read as a relative step. "" is none at all.
func segment(token string) bool {
	if token == "." || token == ".." {
		return false
	}
	for i := range len(token) {
		c := token[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && !strings.ContainsRune("-._~!$&'()*+,;=:@", rune(c)) {
			return false
		}
	}
	return true
}
