package jetstream

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// LogConfig says where a log is kept and how it is read. The zero value is usable.
type LogConfig struct {
	// Stream is the name of the stream. "": HOOKFOLD.
	Stream string
	// Prefix begins every subject: <Prefix>.log.<source>.<kind>.<id>. "": hookfold.
	Prefix string
	// MaxBytes is how much the log may hold before it answers ErrFull, in bytes on disk. An existing stream is changed
	// to it. 0: as the stream has it; when it is made, no limit but the server's own.
	MaxBytes int64
	// Replicas is how many servers keep the stream. 0: as the stream has it; 1 when it is made.
	Replicas int
	// Duplicates is how long the server remembers identities, to recognise copies. An existing stream is changed to
	// it. 0: as the stream has it; 2 minutes when it is made. The server spends about 130 bytes on each identity.
	Duplicates time.Duration
	// Timeout bounds an Append or Head whose context has no deadline. 0: 5 seconds.
	Timeout time.Duration
	// Archived is the newest sequence that may be gone from the beginning, because it was archived. 0: none, so a log
	// that does not begin with sequence 1 has a hole.
	Archived projections.Seq
	// Batch is the greatest number of records that Next returns. 0: 5000.
	Batch int
	// Gather is how long Next waits for a batch to become full while the server says that more records follow. 0: 10
	// milliseconds. A reader that is up to date never waits for it.
	Gather time.Duration
}

// What the zero values of LogConfig stand for.
const (
	defaultStream     = "HOOKFOLD"
	defaultPrefix     = "hookfold"
	defaultDuplicates = 2 * time.Minute
	defaultTimeout    = 5 * time.Second
	defaultBatch      = 5000
	defaultGather     = 10 * time.Millisecond
)

var (
	streamName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,200}$`)
	subjectDot = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
)

// withDefaults puts in what the zero values stand for, except where they mean "as the stream has it".
func (c LogConfig) withDefaults() LogConfig {
	c.Stream = orDefault(c.Stream, defaultStream)
	c.Prefix = orDefault(c.Prefix, defaultPrefix)
	c.Timeout = orDefault(c.Timeout, defaultTimeout)
	c.Batch = orDefault(c.Batch, defaultBatch)
	c.Gather = orDefault(c.Gather, defaultGather)
	return c
}

// orDefault returns v, or d where v is the zero value.
func orDefault[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}

// validate reports every problem of a configuration whose defaults are in.
func (c LogConfig) validate() error {
	var problems []error
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf("jetstream: "+format, args...))
		}
	}
	wrong(!streamName.MatchString(c.Stream), "Stream %q: use up to 200 letters, digits, - and _", c.Stream)
	wrong(!subjectDot.MatchString(c.Prefix), "Prefix %q: use letters, digits, - and _, with dots between", c.Prefix)
	wrong(c.MaxBytes < 0, "MaxBytes %d: give a size in bytes, or 0 for no limit", c.MaxBytes)
	wrong(c.Replicas < 0 || c.Replicas > 5, "Replicas %d: give 1 to 5, better an odd number", c.Replicas)
	wrong(c.Duplicates < 0 || c.Duplicates > 0 && c.Duplicates < 100*time.Millisecond,
		"Duplicates %s: give at least 100ms", c.Duplicates)
	wrong(c.Timeout < 0, "Timeout %s: give a positive duration", c.Timeout)
	wrong(c.Batch < 1 || c.Batch > 100_000, "Batch %d: give 1 to 100000 records", c.Batch)
	wrong(c.Gather < 0 || c.Gather > time.Minute, "Gather %s: give a duration up to a minute", c.Gather)
	return errors.Join(problems...)
}

// subjects is what the log's stream listens to.
func (c LogConfig) subjects() string { return c.Prefix + ".log.>" }

// subjectTokens splits what follows the prefix of a subject.
func (c LogConfig) subjectTokens(subject string) []string {
	rest, ok := strings.CutPrefix(subject, c.Prefix+".log.")
	if !ok {
		return nil
	}
	return strings.Split(rest, ".")
}
