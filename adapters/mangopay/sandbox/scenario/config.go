package scenario

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says where a story is played.
type Config struct {
	Sandbox  string // URL of the sandbox, such as "http://127.0.0.1:7702"
	ClientID string // with APIKey, the credentials for the provider's API
	APIKey   string

	// ReadAPI is the URL of the read API of a running Hookfold, such as "http://127.0.0.1:7700"; "": there is none, and steps
	// that need it are passed over.
	ReadAPI   string
	ReadToken string // of the read API, where it asks for one

	// Receiver is the Url of hooks that a story makes by itself; "": "http://127.0.0.1:7701/hooks", where hookfold serve listens.
	Receiver string

	// Tell hears of every step when it has ended; nil: nobody does.
	Tell func(Told)
	// Pause waits before the read model is asked again; nil: a tenth of a second. Its error ends the story.
	Pause func(ctx context.Context) error
	// Patience is how often the read model is asked at most for one step; 0: 900 times.
	Patience int
	// Client sends every request; nil: one that waits for two minutes, because a sandbox whose clock is moved answers only when
	// everything that came due has been sent.
	Client *http.Client
}

// Told is a step that has ended.
type Told struct {
	Step       Step
	PassedOver string // why it was not played; "": it was
	Err        error  // why it failed; nil: it did not
}

// problems lists what is wrong with a configuration.
func (c Config) problems() []string {
	var out []string
	refuse := func(bad bool, why string) {
		if bad {
			out = append(out, why)
		}
	}
	refuse(!isAddress(c.Sandbox), "Sandbox must be an http or https URL without credentials, query and fragment")
	refuse(c.ClientID == "" || c.APIKey == "", "ClientID and APIKey are both needed")
	refuse(c.ReadAPI != "" && !isAddress(c.ReadAPI), "ReadAPI must be an http or https URL without credentials, query and fragment, or nothing")
	refuse(c.ReadAPI == "" && c.ReadToken != "", "ReadToken is of no use without ReadAPI")
	refuse(strings.ContainsFunc(c.ReadToken, func(r rune) bool { return r <= ' ' || r >= 0x7f }), "ReadToken holds a character that no token has")
	refuse(c.Patience < 0, "Patience is negative: give how often to ask, or 0 for the default")
	return out
}

// isAddress tells whether a text is the address of a server.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// complete fills in the defaults, or reports every problem at once.
func (c Config) complete() (Config, error) {
	if problems := c.problems(); len(problems) > 0 {
		return c, fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
	}
	c.Sandbox, c.ReadAPI = strings.TrimRight(c.Sandbox, "/"), strings.TrimRight(c.ReadAPI, "/")
	c.Receiver = cmp.Or(c.Receiver, "http://127.0.0.1:7701/hooks")
	c.Patience = cmp.Or(c.Patience, 900)
	if c.Tell == nil {
		c.Tell = func(Told) {}
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 2 * time.Minute}
	}
	return c, nil
}

// Interval is how long the default of Config.Pause waits.
const Interval = 100 * time.Millisecond

// pause is the default of Config.Pause.
func pause(ctx context.Context) error {
	select {
	case <-time.After(Interval):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
