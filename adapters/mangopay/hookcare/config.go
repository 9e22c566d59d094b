package hookcare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
)

// API is the part of a client that the care of hooks needs; *mangopay.Client is one.
type API interface {
	// Hooks returns all hooks, of all pages.
	Hooks(ctx context.Context) (mangopay.Answer[[]mangopay.Hook], error)
	Hook(ctx context.Context, id string) (mangopay.Answer[mangopay.Hook], error)
	CreateHook(ctx context.Context, t events.Type, url, tag string) (mangopay.Answer[mangopay.Hook], error)
	UpdateHook(ctx context.Context, id string, change mangopay.HookChange) (mangopay.Answer[mangopay.Hook], error)
}

// Appender is the part of a log that is told; every projections.Log is one.
type Appender interface {
	Append(ctx context.Context, es ...events.Event) (projections.Seq, error)
}

// Hole is what a hook has missed: events of its type since a time.
type Hole struct {
	Type  events.Type
	Since time.Time // zero: as far back as can be filled in
}

// since is Since in Unix seconds; 0 for as far back as can be.
func (h Hole) since() int64 { return max(h.Since.Unix(), 0) }

// Config says which hooks are wanted and whom to tell.
type Config struct {
	API   API               // is asked. Required
	Log   Appender          // is told what the API says of a hook, and of warnings. Required
	Store projections.Store // holds the read model of hooks (views.Hooks). Required
	// Source and Replica are those of the ingress: which provider, environment and client, and which receiver. Source is
	// "mangopay" by default.
	Source, Replica string
	// Ingress is where the provider reaches our ingress, without its token, such as https://hooks.example.com/hooks. Required;
	// plain http only where Plain is set.
	Ingress string
	// Token is the secret last segment of the ingress path; "" where it has none.
	Token string
	// Plain allows an Ingress of http, for a sandbox. The provider asks for TLS (S4).
	Plain bool
	// Types are those of which a hook is wanted. Default: those that move a machine, as Moving of events/mangopay tells.
	Types []events.Type
	// Tag is put on hooks that are created, for people. Default "hookfold".
	Tag string
	// Margin is from how long before the last success of a hook its hole is filled in. Default 73 hours and 10 minutes:
	// what failed before a success may have been retried for so long (S4), and retries end with the hook.
	Margin time.Duration
	// Fill brings in what hooks have missed, such as by a backfill. Default: nobody does, and reports list the holes.
	Fill func(ctx context.Context, holes []Hole) error
	// Untold are the failures that the ingress has counted and the log was not yet told of, such as while it is away. It must
	// be quick. Default: none.
	Untold func() map[events.Type]Untold
	// Begin is waited for before Run does anything: until the read model has come as far as the log, or a warning that was
	// given before a restart is given again. Default: nothing.
	Begin func(ctx context.Context) error
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Every is how often Run reads the health of all hooks, Heartbeat how often at least the log is told of a hook that does
	// not change, and Watch how often Run looks for warnings where no commit tells of failures. Default 5 minutes, 24 hours,
	// 15 seconds.
	Every, Heartbeat, Watch time.Duration
	// Logger hears of warnings, and of hooks that are not as they are wanted; never a Url. Default: nobody.
	Logger *slog.Logger
	// Alerted, when set, is told of every warning, also where the log is away: it is the place for a metric. It must be quick.
	Alerted func(Alert)
}

// ErrConfig is wrapped by the error of [New].
var ErrConfig = errors.New("hookcare: the configuration cannot be used")

// longestURL is the most that the provider takes.
const longestURL = 255

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	c.Source = cmp.Or(c.Source, catalogue.Source)
	c.Tag = cmp.Or(c.Tag, "hookfold")
	c.Every = cmp.Or(c.Every, 5*time.Minute)
	c.Heartbeat = cmp.Or(c.Heartbeat, 24*time.Hour)
	c.Watch = cmp.Or(c.Watch, 15*time.Second)
	schedule := hook.Schedule(time.Unix(0, 0))
	c.Margin = cmp.Or(c.Margin, schedule[len(schedule)-1].Sub(schedule[0])+10*time.Minute)
	if c.Untold == nil {
		c.Untold = func() map[events.Type]Untold { return nil }
	}
	if c.Begin == nil {
		c.Begin = func(context.Context) error { return nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Alerted == nil {
		c.Alerted = func(Alert) {}
	}
	return c
}

// validate reports all problems at once. No message shows the token.
func (c Config) validate() error {
	var problems []string
	wrong := func(is bool, problem string) {
		if is {
			problems = append(problems, problem)
		}
	}
	wrong(c.API == nil, "API is missing: give a client of the provider")
	wrong(c.Log == nil, "Log is missing: give the log that keeps the notifications")
	wrong(c.Store == nil, "Store is missing: give the store of the read models")
	wrong(c.Margin < 0 || c.Every < 0 || c.Heartbeat < 0 || c.Watch < 0, "Margin, Every, Heartbeat and Watch cannot be negative")
	wrong(len(c.Tag) > longestURL, "Tag is longer than the 255 characters that the provider takes")
	wrong(slices.ContainsFunc(c.Types, func(t events.Type) bool { return t == "" || t.Own() }),
		`Types hold an empty one or one of ours ("hookfold."): name event types of the provider`)
	if problem := c.wrongIngress(); problem != "" {
		problems = append(problems, problem)
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

// wrongIngress tells what is wrong with the address of the ingress; "" nothing.
func (c Config) wrongIngress() string {
	u, err := url.Parse(c.Ingress)
	switch {
	case c.Ingress == "" || err != nil || u.Host == "":
		return "Ingress must be the address at which the provider reaches the ingress, such as https://hooks.example.com/hooks"
	case u.Scheme != "https" && !(c.Plain && u.Scheme == "http"):
		return "Ingress must be https: the provider sends to a TLS 1.2 certificate (S4)"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "Ingress must have no user, query or fragment"
	case c.Token == "." || c.Token == ".." || strings.ContainsAny(c.Token, "/?#% "):
		return "Token must be one path segment, as it is given to the ingress"
	case len(c.Ingress)+1+len(c.Token) > longestURL:
		return "Ingress and Token are longer than the 255 characters that the provider takes as a Url"
	}
	return ""
}
