package jetstream

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The stream's metadata says which layout of subjects and messages it holds.
const (
	layoutKey = "hookfold.log"
	layout    = "1"
)

// Difference is one property in which a stream is not what a log needs.
type Difference struct {
	Property string // as the server names it
	Have     string
	Want     string
	Why      string // what would go wrong
}

// differences are collected property by property.
type differences []Difference

// must adds a difference where a property is not what it has to be.
func (d *differences) must(property string, have, want any, why string) {
	if h, w := fmt.Sprint(have), fmt.Sprint(want); h != w {
		*d = append(*d, Difference{Property: property, Have: h, Want: w, Why: why})
	}
}

// StreamError says that a stream cannot be the log, with everything that is wrong with it.
type StreamError struct {
	Stream      string
	Differences []Difference
}

// Error lists every difference and says what to do.
func (e *StreamError) Error() string {
	return fmt.Sprintf("jetstream: stream %s cannot be the log: edit it, or name another stream or prefix", e.Stream) + told(e.Differences)
}

// told puts differences into the end of a sentence.
func told(all []Difference) string {
	var b strings.Builder
	for _, d := range all {
		fmt.Fprintf(&b, "; %s is %s and must be %s (%s)", d.Property, d.Have, d.Want, d.Why)
	}
	return b.String()
}

// streamConfig is the stream as OpenLog makes it.
func (c LogConfig) streamConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        c.Stream,
		Description: "events of Hookfold: the only truth, never changed",
		Subjects:    []string{c.subjects()},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardNew,
		MaxBytes:    orDefault(c.MaxBytes, -1),
		MaxMsgs:     -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1,
		Replicas:    orDefault(c.Replicas, 1),
		Duplicates:  orDefault(c.Duplicates, defaultDuplicates),
		DenyDelete:  true,
		DenyPurge:   true,
		AllowDirect: true,
		Metadata:    map[string]string{layoutKey: layout},
	}
}

// ensureStream returns the log's stream: the one that stands there if it can be the log, else a new one.
func (c LogConfig) ensureStream(ctx context.Context, js jetstream.JetStream) (*jetstream.StreamInfo, error) {
	s, err := findOrMake(ctx, js, c.streamConfig())
	if err != nil {
		return nil, explain(ctx, "opening stream "+c.Stream, err)
	}
	info := s.CachedInfo()
	if diffs := c.differences(info.Config); len(diffs) > 0 {
		return nil, &StreamError{Stream: c.Stream, Differences: diffs}
	}
	return c.adjust(ctx, js, info)
}

// adjust changes those limits of an existing stream that an operator may change at any time.
func (c LogConfig) adjust(ctx context.Context, js jetstream.JetStream, info *jetstream.StreamInfo) (*jetstream.StreamInfo, error) {
	want := info.Config
	want.MaxBytes = orDefault(c.MaxBytes, want.MaxBytes)
	want.Duplicates = orDefault(c.Duplicates, want.Duplicates)
	if want.MaxBytes == info.Config.MaxBytes && want.Duplicates == info.Config.Duplicates {
		return info, nil
	}
	s, err := js.UpdateStream(ctx, want)
	if err != nil {
		return nil, explain(ctx, "changing the limits of stream "+c.Stream, err)
	}
	return s.CachedInfo(), nil
}

// differences compares a stream with everything that the log relies on.
func (c LogConfig) differences(have jetstream.StreamConfig) []Difference {
	var found differences
	found.must("subjects", have.Subjects, []string{c.subjects()}, "the log holds all of our events and nothing else")
	found.must("storage", have.Storage, jetstream.FileStorage, "acknowledged events must outlive the server")
	found.must("retention", have.Retention, jetstream.LimitsPolicy, "reading must not remove events")
	found.must("discard", have.Discard, jetstream.DiscardNew, "a full log must refuse new events, not drop old ones")
	found.must("max_age", have.MaxAge, time.Duration(0), "events would vanish in silence")
	found.must("max_msgs", unlimited(have.MaxMsgs), int64(-1), "give max_bytes instead")
	found.must("max_msgs_per_subject", unlimited(have.MaxMsgsPerSubject), int64(-1), "the history of a resource would be cut")
	found.must("deny_delete", have.DenyDelete, true, "a missing sequence must be proof of damage")
	found.must("deny_purge", have.DenyPurge, true, "a missing sequence must be proof of damage")
	found.must("allow_rollup_hdrs", have.AllowRollup, false, "a message could remove others")
	found.must("allow_msg_ttl", have.AllowMsgTTL, false, "a message could remove itself")
	found.must("sealed", have.Sealed, false, "a sealed stream takes no events")
	found.must("no_ack", have.NoAck, false, "without an acknowledgement nothing is known to be stored")
	found.must("persist_mode", have.PersistMode, jetstream.DefaultPersistMode, "acknowledged events could be lost")
	c.differencesOfOrigin(have, &found)
	return found
}

// differencesOfOrigin compares where a stream's messages come from and how many keep them.
func (c LogConfig) differencesOfOrigin(have jetstream.StreamConfig, found *differences) {
	found.must("mirror", have.Mirror != nil, false, "a mirror takes no events")
	found.must("sources", len(have.Sources), 0, "the log holds our events only")
	found.must("subject_transform", have.SubjectTransform != nil, false, "events must keep their subjects")
	found.must("num_replicas", have.Replicas, orDefault(c.Replicas, have.Replicas), "so says the configuration")
	if v, ok := have.Metadata[layoutKey]; ok {
		if n, err := strconv.Atoi(v); err != nil || n > 1 {
			found.must("metadata "+layoutKey, v, layout, "a newer Hookfold made it: use that one")
		}
	}
}

// unlimited reads 0 and -1, which mean the same, as -1.
func unlimited(n int64) int64 { return orDefault(n, -1) }
