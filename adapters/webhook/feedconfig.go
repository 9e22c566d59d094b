package webhook

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"
)

// FeedConfig says where a [Feed] tells of failures.
type FeedConfig struct {
	// Log is told of failures; the log that keeps the notifications. Required.
	Log Appender
	// Source and Replica are those of the Handler. Where several receivers share one log, their names must differ: one name
	// numbers its aggregates from its clock on.
	Source, Replica string
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Every is how often Run tries while failures wait. Default 2 s. A hook forgets what is an hour old (fold rule 23).
	Every time.Duration
	// Timeout bounds one Flush. Default 5 s.
	Timeout time.Duration
	// MaxUnknown is of how many EventTypes that no catalogue knows failures are counted at one time: anyone who knows the
	// path can make some up. Default 1,000. Types of the catalogue are always counted.
	MaxUnknown int
	// Logger hears that failures wait, or are forgotten; never what a sender said. Default: nobody.
	Logger *slog.Logger
}

// withDefaults fills in the zero values.
func (c FeedConfig) withDefaults() FeedConfig {
	c.Source = cmp.Or(c.Source, defaultSource)
	c.Every = cmp.Or(c.Every, 2*time.Second)
	c.Timeout = cmp.Or(c.Timeout, 5*time.Second)
	c.MaxUnknown = cmp.Or(c.MaxUnknown, 1000)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate reports all problems at once.
func (c FeedConfig) validate() error {
	var problems []string
	if c.Log == nil {
		problems = append(problems, "Log is missing: give the log that keeps the notifications")
	}
	if len(c.Source) > maxName || !utf8.ValidString(c.Source) || len(c.Replica) > maxName || !utf8.ValidString(c.Replica) {
		problems = append(problems, fmt.Sprintf("Source and Replica must be valid UTF-8 of at most %d bytes", maxName))
	}
	if c.Every < 0 || c.Timeout < 0 || c.MaxUnknown < 0 {
		problems = append(problems, "Every, Timeout and MaxUnknown cannot be negative: give a positive value, or 0 for the default")
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}
