package snapshot

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Config says where the copy of the read models stands and what it is verified by.
type Config struct {
	// Dir is the folder of the file. It is made where it is missing, and belongs to one process at a time.
	Dir string
	// Log is the log that is folded into the store: a file of another log, or of more than the log now holds, is not used.
	Log projections.Log
	// Models are those that are folded. Rows of others in the file are left behind; checkpoints without rows are kept.
	Models []projections.AnyModel
	// Every is how long to wait between two copies; nothing is written when nothing was committed. 0: a minute; -1: only
	// Save and Close write.
	Every time.Duration
	// Fresh leaves aside what is there.
	Fresh bool
	// Logger is told what was resumed, why something was not, and of every copy that failed. nil: nobody.
	Logger *slog.Logger
	// Observe is told of every copy, from the goroutine that wrote it. nil: nobody.
	Observe func(Saved)
}

// Saved tells of one copy.
type Saved struct {
	Rows   int
	Bytes  int64
	Paused time.Duration // how long commits waited
	Took   time.Duration // until it was on the disk
	Err    error         // the copy before is still there
}

// ErrConfig is wrapped by every problem of a Config.
var ErrConfig = errors.New("snapshot: not completely configured")

// withDefaults puts in what the zero values stand for.
func (c Config) withDefaults() Config {
	c.Every = cmp.Or(c.Every, time.Minute)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observe == nil {
		c.Observe = func(Saved) {}
	}
	return c
}

// validate reports every problem of a configuration whose defaults are in.
func (c Config) validate() error {
	var problems []error
	wrong := func(bad bool, what string) {
		if bad {
			problems = append(problems, fmt.Errorf("%w: %s", ErrConfig, what))
		}
	}
	wrong(c.Dir == "", "Dir is empty: name the folder of the file")
	wrong(c.Log == nil, "Log is missing: give the log that is folded into the store")
	wrong(len(c.Models) == 0, "Models is empty: give those that are folded")
	wrong(c.Every < -1, "Every is negative: give a duration, 0 for the default, or -1 for no copies at intervals")
	return errors.Join(problems...)
}

// folded are the names of the models.
func (c Config) folded() map[string]bool {
	out := map[string]bool{}
	for _, m := range c.Models {
		out[m.ID()] = true
	}
	return out
}
