package jetstream

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// StoreConfig says how read models are kept. The zero value is usable.
type StoreConfig struct {
	// Prefix begins the name of every bucket: <Prefix>_rm_<model id>; dots become "_". "": hookfold.
	Prefix string
	// MaxBytes is how much one bucket may hold before commits fail with ErrFull, in bytes on disk. An existing bucket is
	// changed to it. 0: as the bucket has it; when it is made, no limit but the server's own.
	MaxBytes int64
	// Replicas is how many servers keep a bucket. With one, it is persisted asynchronously; with more it cannot be, and
	// need not. 0: as the bucket has it; 1 when it is made.
	Replicas int
	// Timeout bounds a read, and how long a commit waits without a single acknowledgement. 0: 5 seconds.
	Timeout time.Duration
	// Logger is told when rows were lost and are being mended. nil: nobody.
	Logger *slog.Logger
}

// withDefaults puts in what the zero values stand for, except where they mean "as the bucket has it".
func (c StoreConfig) withDefaults() StoreConfig {
	c.Prefix = orDefault(c.Prefix, defaultPrefix)
	c.Timeout = orDefault(c.Timeout, defaultTimeout)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate reports every problem of a configuration whose defaults are in.
func (c StoreConfig) validate() error {
	var problems []error
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf("jetstream: "+format, args...))
		}
	}
	wrong(!subjectDot.MatchString(c.Prefix), "Prefix %q: use letters, digits, - and _, with dots between", c.Prefix)
	wrong(c.MaxBytes < 0, "MaxBytes %d: give a size in bytes, or 0 for no limit", c.MaxBytes)
	wrong(c.Replicas < 0 || c.Replicas > 5, "Replicas %d: give 1 to 5, better an odd number", c.Replicas)
	wrong(c.Timeout < 0, "Timeout %s: give a positive duration", c.Timeout)
	return errors.Join(problems...)
}
