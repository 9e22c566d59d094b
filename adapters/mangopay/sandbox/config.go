package sandbox

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// Config says what a sandbox is.
type Config struct {
	// Timeline is the provider's clock. Whoever makes the sandbox runs or steps it; the control API steps it too.
	Timeline *timeline.Timeline
	// Sender says how notifications are sent. Its Timeline and IDs are those of the sandbox, whatever is in them.
	Sender sender.Config

	// Clients are the credentials that are taken: API keys by client id. Empty: any are. All clients see the same world.
	Clients map[string]string
	// Production switches the fake-name rule on (S2) and the bypass of SCA by "accept" in an e-mail address off (S3).
	Production bool
	// URL is where clients and browsers reach the sandbox, for the links that it gives away, such as
	// "http://127.0.0.1:7702". "": each link begins as the request did that asks for it.
	URL string
	// Random is the source of identifiers and secrets; nil: crypto/rand. A seeded source makes runs repeat each other.
	Random io.Reader

	TokenLife time.Duration // of an access token; 0: 20 min, as in the provider's Sandbox
	// Speed is how fast the Timeline runs beside the wall clock: what clients count on their own clock, expires_in, is that
	// much longer on the Timeline. 0: 1.
	Speed float64
	// Verdict is how long the checks of a submitted session, or of a document that is accepted without review, take. S3: the
	// outcome is not returned immediately. 0: 5 s; negative: none.
	Verdict time.Duration
	Limits  []Limit // of the calls of each client; nil: DefaultLimits
}

// ErrConfig is wrapped by every problem of a Config.
var ErrConfig = errors.New("sandbox: not completely configured")

// The defaults of a Config.
const (
	defaultTokenLife = 20 * time.Minute
	defaultVerdict   = 5 * time.Second
)

// problems lists what is wrong with a configuration.
func (c Config) problems() []string {
	var out []string
	add := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	add(c.Timeline == nil, "Timeline is missing: give timeline.New")
	for id, key := range c.Clients {
		add(id == "" || key == "", "Clients has an empty client id or API key: give both")
	}
	u, err := url.Parse(c.URL)
	add(err != nil || c.URL != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == ""), "URL is no http or https address")
	add(c.TokenLife < 0, "TokenLife is negative: give a duration, or 0 for the default")
	add(!(c.Speed >= 0), "Speed is negative: give how fast the Timeline runs, or 0")
	for _, l := range c.Limits {
		add(l.Calls < 1 || l.Window < time.Second, "a limit allows nothing: give at least one call and a window of a second")
	}
	return out
}

// complete fills in the defaults, or reports every problem at once.
func (c Config) complete() (Config, error) {
	if p := c.problems(); p != nil {
		return c, fmt.Errorf("%w: %s", ErrConfig, strings.Join(p, "; "))
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.TokenLife == 0 {
		c.TokenLife = defaultTokenLife
	}
	if c.Speed == 0 {
		c.Speed = 1
	}
	if c.Verdict == 0 {
		c.Verdict = defaultVerdict
	}
	if c.Limits == nil {
		c.Limits = DefaultLimits()
	}
	return c, nil
}
