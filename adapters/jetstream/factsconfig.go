package jetstream

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// FactsConfig says where facts are kept, and for how long. The zero value is usable for watching.
type FactsConfig struct {
	// Log is the log that the facts are made of. nil: they are only watched, and the stream is there.
	Log *Log
	// Stream is the name of the stream. "": HOOKFOLD_FACTS.
	Stream string
	// Prefix begins every subject: <Prefix>.fact.<source>.<kind>.<to>.<id>. "": hookfold.
	Prefix string
	// MaxAge and MaxBytes are how long facts are kept, and how much of them, on disk; the oldest leave. An existing stream is
	// changed to them. 0: as the stream has it; when it is made, everything is kept.
	//
	// What has left can no longer be recognised: whoever folds the log from its beginning once more, as with a store in
	// memory, tells it again.
	MaxAge   time.Duration
	MaxBytes int64
	// Replicas is how many servers keep the stream. 0: as the stream has it; 1 when it is made.
	Replicas int
	// Anew deletes what is there and begins again. It is needed once when the log was made anew or lost records, because the
	// facts that are there are of records that are no more. Who watches is told projections.ErrRecreated.
	Anew bool
	// Batch is from how many facts on they are published as one atomic batch of up to 1000, all of which are stored or none.
	// 0: where that is sooner, judged by how long facts took lately that were published one by one: a server that syncs every
	// message syncs a batch once. Negative: never.
	//
	// It takes a NATS server from 2.15 on, and a stream that allows it: OpenFacts makes it so, changes an existing one, and
	// goes on without where it must not. A stream that allows batches does not open on a server before 2.12.
	Batch int
	// Timeout bounds a read, and how long Publish waits without a single acknowledgement. 0: 5 seconds.
	Timeout time.Duration
}

const (
	defaultFacts = "HOOKFOLD_FACTS"
	// leastDuplicates is the shortest that a server remembers identities. Facts have none: they are told apart by the
	// sequence that each expects.
	leastDuplicates = 100 * time.Millisecond

	factsLayoutKey = "hookfold.facts"
	factsLogKey    = "hookfold.facts.log"
)

// ErrOtherLog says that the facts in a stream were made of another log.
var ErrOtherLog = errors.New("jetstream: the facts in this stream were made of another log, or of this one before it was " +
	"made anew: name another Stream and Prefix, or set Anew once to begin again")

// ErrOtherModel says that another program tells facts of the same kind from a read model of another name. Of two that tell
// one kind, only one could tell its facts in the order of the log. Facts keep the name of their model, without its version.
var ErrOtherModel = errors.New("jetstream: facts of this kind are told from another read model in this stream: let one of the " +
	"two programs name another Stream and Prefix; where the read model has a new name, set Anew once to begin again")

// withDefaults puts in what the zero values stand for, except where they mean "as the stream has it".
func (c FactsConfig) withDefaults() FactsConfig {
	c.Stream = orDefault(c.Stream, defaultFacts)
	c.Prefix = orDefault(c.Prefix, defaultPrefix)
	c.Timeout = orDefault(c.Timeout, defaultTimeout)
	return c
}

// validate reports every problem of a configuration whose defaults are in.
func (c FactsConfig) validate() error {
	var problems []error
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf("jetstream: "+format, args...))
		}
	}
	wrong(!streamName.MatchString(c.Stream), "Stream %q: use up to 200 letters, digits, - and _", c.Stream)
	wrong(!subjectDot.MatchString(c.Prefix), "Prefix %q: use letters, digits, - and _, with dots between", c.Prefix)
	wrong(c.MaxAge < 0 || c.MaxAge > 0 && c.MaxAge < time.Second, "MaxAge %s: give at least a second, or 0 to keep everything", c.MaxAge)
	wrong(c.MaxBytes < 0, "MaxBytes %d: give a size in bytes, or 0 for no limit", c.MaxBytes)
	wrong(c.Replicas < 0 || c.Replicas > 5, "Replicas %d: give 1 to 5, better an odd number", c.Replicas)
	wrong(c.Batch > mostInBatch, "Batch %d: a server takes up to %d in a batch", c.Batch, mostInBatch)
	wrong(c.Timeout < 0, "Timeout %s: give a positive duration", c.Timeout)
	wrong(c.Anew && c.Log == nil, "Anew: it needs the Log, of which the facts are made")
	wrong(c.Log != nil && c.Log.foreign != nil, "Log: a stream of somebody else is imported first")
	return errors.Join(problems...)
}

// subjects is what the stream of facts listens to.
func (c FactsConfig) subjects() string { return c.Prefix + ".fact.>" }

// streamConfig is the stream as OpenFacts makes it, of a log.
func (c FactsConfig) streamConfig(log string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        c.Stream,
		Description: "facts of Hookfold: every transition of its read models, once and in order",
		Subjects:    []string{c.subjects()},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		MaxAge:      c.MaxAge,
		MaxBytes:    orDefault(c.MaxBytes, -1),
		MaxMsgs:     -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Replicas:    orDefault(c.Replicas, 1),
		Duplicates:  leastDuplicates,
		DenyDelete:  true,
		DenyPurge:   true,
		AllowDirect: true,
		Metadata:    map[string]string{factsLayoutKey: "1", factsLogKey: log},
	}
}

// differences compares a stream with everything that facts rely on.
func (c FactsConfig) differences(have jetstream.StreamConfig) []Difference {
	var found differences
	found.must("subjects", have.Subjects, []string{c.subjects()}, "it holds all facts and nothing else")
	found.must("storage", have.Storage, jetstream.FileStorage, "acknowledged facts must outlive the server")
	found.must("retention", have.Retention, jetstream.LimitsPolicy, "reading must not remove facts")
	found.must("discard", have.Discard, jetstream.DiscardOld, "facts that find no room would stop the read models")
	found.must("max_msgs_per_subject", unlimited(have.MaxMsgsPerSubject), int64(-1), "facts would vanish in silence")
	found.must("no_ack", have.NoAck, false, "without an acknowledgement nothing is known to be stored")
	found.must("persist_mode", have.PersistMode, jetstream.DefaultPersistMode, "acknowledged facts could be lost")
	found.must("num_replicas", have.Replicas, orDefault(c.Replicas, have.Replicas), "so says the configuration")
	found.must("metadata "+factsLayoutKey, have.Metadata[factsLayoutKey], "1", "another Hookfold made it: use that one")
	return found
}
