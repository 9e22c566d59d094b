package backfill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// API is the part of a client that a backfill needs; *mangopay.Client is one.
type API interface {
	Events(ctx context.Context, q mangopay.EventQuery) (mangopay.Answer[mangopay.EventPage], error)
}

// Config says what is brought in, and how.
type Config struct {
	// API is asked for the list of events. Required.
	API API
	// Log takes what it does not hold yet. Required. It is read once in a run, so that what it holds is not appended again.
	Log projections.Log
	// From is the place in the log before which nothing was stored since a time, so that no run reads the whole of a long one:
	// the Before of a jetstream.Log is one. Default: its beginning.
	From func(ctx context.Context, since time.Time) (projections.Position, error)
	// Marks keep how far each type is in. Default: none, so that every run begins anew.
	Marks Marks
	// Source names provider, environment and client. Default "mangopay".
	Source string
	// Types are brought in unless a Request names others. Default: those that move a machine, as Moving of events/mangopay tells.
	Types []events.Type
	// Margin is how late the provider may list an event: what happened so shortly before it was asked is asked for again by the
	// next run. A demand for everything since a time begins by it earlier, too, because clocks differ. Default 15 minutes.
	Margin time.Duration
	// Now is the clock by which the log is stamped. The provider's own is learned from its answers. Default time.Now.
	Now func() time.Time
	// Pace is asked before every request and keeps a backfill within its share of the quota; the Wait of a
	// golang.org/x/time/rate Limiter is one. Default: no limit but the client's own.
	Pace func(ctx context.Context) error
	// Retry is told what failed and how often in a row, waits, and tells whether to try again. Default [Patience].
	Retry func(ctx context.Context, err error, attempt int) bool
	// Listed, when set, is told which resources the provider's list names, so that they are known to exist. It must be quick.
	Listed func(...events.Ref)
	// Progress, when set, is told how far the run has come after every request and every append, in its goroutine.
	Progress func(Progress)
}

// ErrConfig is wrapped by the errors of [New] and [NewReconciler].
var ErrConfig = errors.New("backfill: the configuration cannot be used")

const defaultMargin = 15 * time.Minute

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	c.Source = cmp.Or(c.Source, catalogue.Source)
	c.Margin = cmp.Or(c.Margin, defaultMargin)
	if len(c.Types) == 0 {
		c.Types = catalogue.Moving()
	}
	if c.Marks == nil {
		c.Marks = &MemoryMarks{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Pace == nil {
		c.Pace = func(ctx context.Context) error { return ctx.Err() }
	}
	if c.Retry == nil {
		c.Retry = Patience(nil)
	}
	if c.Listed == nil {
		c.Listed = func(...events.Ref) {}
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	return c
}

// validate reports all problems at once.
func (c Config) validate() error {
	var problems []string
	if c.API == nil {
		problems = append(problems, "API is missing: give a client of the provider")
	}
	if c.Log == nil {
		problems = append(problems, "Log is missing: give the log that keeps the notifications")
	}
	if c.Margin < 0 || c.Margin > Reach/2 {
		problems = append(problems, fmt.Sprintf("Margin %v must lie between 0 and %v", c.Margin, Reach/2))
	}
	problems = append(problems, wrongTypes(c.Types)...)
	return refuse(problems)
}

// wrongTypes tells of types that no provider lists.
func wrongTypes(types []events.Type) []string {
	if slices.ContainsFunc(types, func(t events.Type) bool { return t == "" || t.Own() }) {
		return []string{`Types hold an empty one or one of ours ("hookfold."): name event types of the provider`}
	}
	return nil
}

// refuse makes one error of all problems.
func refuse(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}
