package confirm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay"
	events "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// ErrConfig is wrapped by the error of [New].
var ErrConfig = errors.New("confirm: the configuration cannot be used")

// API is what a Confirmer asks; *mangopay.Client is one. An error that wraps mangopay.ErrNotFound must carry a
// *mangopay.Error whose At says when the provider said so: what the provider does not know is an answer as well.
type API interface {
	User(ctx context.Context, id string) (mangopay.Answer[mangopay.User], error)
	ScaStatus(ctx context.Context, userID string) (mangopay.Answer[mangopay.ScaStatus], error)
	Regulatory(ctx context.Context, userID string) (mangopay.Answer[mangopay.Regulatory], error)
	Session(ctx context.Context, id string) (mangopay.Answer[mangopay.Session], error)
	KYCDocument(ctx context.Context, id string) (mangopay.Answer[mangopay.KYCDocument], error)
}

// Marks keeps the place from which the log is read after a restart. [StoreMarks] keeps it in a store.
type Marks interface {
	// Load returns what was saved last; the zero Position where nothing was. It is called at every start.
	Load(ctx context.Context) (projections.Position, error)
	// Save keeps a place. projections.ErrFenced says that somebody else confirms by these marks now.
	Save(ctx context.Context, p projections.Position) error
}

// Config says what is confirmed and at what cost. API, Log and Marks are required; zero values take the defaults.
type Config struct {
	// API answers for the environment whose notifications have this Source.
	API API
	// Log holds the claims and takes the observations.
	Log projections.Log
	// Marks keeps how far everything is settled.
	Marks Marks
	// Source is the source of the claims that are confirmed; those of others are left alone. Default "mangopay".
	Source string

	// Share is how much of each of the provider's rate limits (2,300 calls in 15 minutes, 4,500 in 30, 8,800 in an hour,
	// 105,600 in a day) may be spent here, above 0 and up to 1. Default 0.5.
	Share float64
	// Windows tells what the provider says is left of them, as Client.Windows; nil: nobody tells.
	Windows func() []mangopay.Window
	// Reserve is how much of each window is left to others: reading stops when less remains. From 0 below 1. Default 0.1.
	Reserve float64
	// Parallel is how many resources are read at once. Default 4.
	Parallel int
	// Timeout bounds each call of the API, and the saving of the mark. Default 45 s, longer than a Client tries by itself.
	Timeout time.Duration

	// MaxOpen is how many resources are held at once: those with an open claim, and those that had one in the last six
	// minutes. At the bound the log is not read on until some are done with. One takes about 0.6 KiB, and 80 B for each
	// claim beyond the first. Default 100,000.
	MaxOpen int
	// Remember is how many resources it is at least remembered of that the API knew or did not know them, twice as many at
	// most; 50 B each. Default 100,000.
	Remember int
	// MaxBehind is how many log records a resource that cannot be confirmed holds the mark back, and so how many a restart
	// reads again: a million takes about ten seconds. A resource that stays open for longer is still tried as long as the process
	// runs, but after a restart only when the next claim names it; a backfill does. Default 10 million.
	MaxBehind uint64

	// Now is our clock. Default time.Now.
	Now func() time.Time
	// Stepped tells that Now was set forward, as the clock of a stand-in may be: what waits for a time is looked at again, the
	// figures are counted, and the mark is saved. nil: Now runs as fast as time does.
	Stepped <-chan struct{}
	// Observe is told of every resource that was read, in Run's goroutine: it must not block. nil: nobody.
	Observe func(Result)
	// Logger hears what an operator should know, and no id. Default: nobody.
	Logger *slog.Logger
}

// Result is what reading one resource gave.
type Result struct {
	Kind     string // of the resource, e.g. "user"
	Verdict  Verdict
	Calls    int           // of the API
	Appended int           // observations
	Waited   time.Duration // since the oldest open claim arrived
	Err      error         // why it was Unconfirmable; nil where the API lacks what was asked for. It holds no id
}

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	c.Source = cmp.Or(c.Source, events.Source)
	c.Share, c.Reserve = cmp.Or(c.Share, 0.5), cmp.Or(c.Reserve, 0.1)
	c.Parallel, c.Timeout = cmp.Or(c.Parallel, 4), cmp.Or(c.Timeout, 45*time.Second)
	c.MaxOpen, c.Remember, c.MaxBehind = cmp.Or(c.MaxOpen, 100_000), cmp.Or(c.Remember, 100_000), cmp.Or(c.MaxBehind, 10_000_000)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate reports every problem at once.
func (c Config) validate() error {
	var problems []string
	add := func(bad bool, what string) {
		if bad {
			problems = append(problems, what)
		}
	}
	add(c.API == nil, "API is missing: give the provider's client")
	add(c.Log == nil, "Log is missing: give the log that holds the claims")
	add(c.Marks == nil, "Marks is missing: give StoreMarks over the store of the read models")
	add(!(c.Share > 0 && c.Share <= 1), "Share must lie above 0 and be at most 1")
	add(!(c.Reserve >= 0 && c.Reserve < 1), "Reserve must lie from 0 to below 1")
	add(c.Parallel < 1, "Parallel must be at least 1")
	add(c.Timeout < 0, "Timeout must not be negative")
	add(c.MaxOpen < max(c.Parallel, 1) || c.Remember < 1, "MaxOpen must be at least Parallel, and Remember at least 1")
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}
