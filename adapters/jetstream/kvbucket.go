package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The bucket's metadata says which layout of keys and values it holds.
const (
	rowsKey    = "hookfold.rows"
	rowsLayout = "1"
)

// BucketError says that a bucket cannot hold a read model, with everything that is wrong with it.
type BucketError struct {
	Bucket      string
	Differences []Difference
}

// Error lists every difference and says what to do.
func (e *BucketError) Error() string {
	return fmt.Sprintf("jetstream: bucket %s cannot hold a read model: delete it, it is folded anew from the log, or give another Prefix", e.Bucket) +
		told(e.Differences)
}

// bucket is the bucket of one model, and what this process knows of it.
type bucket struct {
	model   string
	stream  string
	keys    keys
	created time.Time
	single  bool // one server keeps it, so whoever answers is the leader

	mu    sync.Mutex
	lanes map[int]*lane // the slots that this process commits to
	floor uint64        // newest version of which this process knows; no read may be older
	proof string        // a subject that has existed since
}

// bucket names the bucket of a model. Two models never share one: what a name of a bucket may not hold becomes "-" and two
// hexadecimal digits, and so does "-" itself.
func (c StoreConfig) bucket(model string) string {
	var b strings.Builder
	b.WriteString(strings.ReplaceAll(c.Prefix, ".", "_") + "_rm_")
	for i := range len(model) {
		if c := model[i]; c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "-%02X", c)
		}
	}
	return b.String()
}

// streamOf is the stream of a bucket, as KV clients expect it.
func streamOf(bucket string) string { return "KV_" + bucket }

// streamConfig is the bucket's stream as the store makes it: a KV bucket with one value for each key. KV clients cannot
// make one with asynchronous persistence, and can open it.
func (c StoreConfig) streamConfig(bucket string) jetstream.StreamConfig {
	want := jetstream.StreamConfig{
		Name:        streamOf(bucket),
		Description: "a read model of Hookfold: folded from the log, and can be again",
		Subjects:    []string{"$KV." + bucket + ".>"},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardNew,
		MaxBytes:    orDefault(c.MaxBytes, -1),
		MaxMsgs:     -1, MaxMsgSize: -1, MaxConsumers: -1, MaxMsgsPerSubject: 1,
		Replicas:    orDefault(c.Replicas, 1),
		DenyDelete:  true,
		AllowRollup: true,
		AllowDirect: true,
		Metadata:    map[string]string{rowsKey: rowsLayout},
	}
	want.PersistMode = persistence(want.Replicas)
	return want
}

// persistence is how a bucket is written to the disk: the log is the truth, so a bucket need not be written through for
// every row. The server allows it for one replica only.
func persistence(replicas int) jetstream.PersistModeType {
	if replicas == 1 {
		return jetstream.AsyncPersistMode
	}
	return jetstream.DefaultPersistMode
}

// bucket returns the bucket of a model; nil if there is none and none is to be made.
func (s *Store) bucket(ctx context.Context, model string, create bool) (*bucket, error) {
	s.mu.Lock()
	known := s.buckets[model]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	name := s.config.bucket(model)
	info, err := s.config.findBucket(ctx, s.js, name, create)
	if info == nil || err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[model] == nil {
		s.buckets[model] = &bucket{
			model: model, stream: info.Config.Name, keys: keysOf(name), created: info.Created,
			single: info.Config.Replicas <= 1, lanes: map[int]*lane{},
		}
	}
	return s.buckets[model], nil
}

// drop forgets what is known of a bucket: it is looked up anew.
func (s *Store) drop(model string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.buckets, model)
}

// doubt forgets what is known of a bucket where an error may mean that it was deleted.
func (s *Store) doubt(b *bucket, err error) {
	for _, gone := range []error{nats.ErrNoResponders, nats.ErrStreamNotFound, jetstream.ErrStreamNotFound} {
		if errors.Is(err, gone) {
			s.drop(b.model)
		}
	}
}

// findBucket returns the stream of a bucket: the one that stands there if it can hold a read model, else a new one.
func (c StoreConfig) findBucket(ctx context.Context, js jetstream.JetStream, name string, create bool) (*jetstream.StreamInfo, error) {
	var s jetstream.Stream
	var err error
	if create {
		s, err = findOrMake(ctx, js, c.streamConfig(name))
	} else if s, err = js.Stream(ctx, streamOf(name)); errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, explain(ctx, "opening bucket "+name, err)
	}
	info := s.CachedInfo()
	if diffs := c.bucketDifferences(name, info.Config); len(diffs) > 0 {
		return nil, &BucketError{Bucket: name, Differences: diffs}
	}
	if c.MaxBytes == 0 || c.MaxBytes == info.Config.MaxBytes || !create {
		return info, nil
	}
	want := info.Config
	want.MaxBytes = c.MaxBytes
	if s, err = js.UpdateStream(ctx, want); err != nil {
		return nil, explain(ctx, "changing the limit of bucket "+name, err)
	}
	return s.CachedInfo(), nil
}

// bucketDifferences compares a bucket with everything that the store relies on.
func (c StoreConfig) bucketDifferences(name string, have jetstream.StreamConfig) []Difference {
	var found differences
	found.must("subjects", have.Subjects, []string{"$KV." + name + ".>"}, "the bucket holds one read model and nothing else")
	found.must("storage", have.Storage, jetstream.FileStorage, "rows must outlive the server")
	found.must("retention", have.Retention, jetstream.LimitsPolicy, "reading must not remove rows")
	found.must("discard", have.Discard, jetstream.DiscardNew, "a full bucket must refuse new rows, not drop old ones")
	found.must("max_age", have.MaxAge, time.Duration(0), "rows would vanish")
	found.must("max_msgs", unlimited(have.MaxMsgs), int64(-1), "give max_bytes instead")
	found.must("max_msgs_per_subject", have.MaxMsgsPerSubject, 1, "old rows would fill the disk")
	found.must("max_msg_size", unlimited(int64(have.MaxMsgSize)), int64(-1), "a resource with a long history would stop its read model")
	found.must("deny_purge", have.DenyPurge, false, "secondary keys that no longer hold are removed")
	found.must("allow_direct", have.AllowDirect, true, "many rows are read at once")
	found.must("allow_msg_ttl", have.AllowMsgTTL, false, "a row could remove itself")
	found.must("sealed", have.Sealed, false, "a sealed bucket takes no rows")
	found.must("no_ack", have.NoAck, false, "without an acknowledgement nothing is known to be stored")
	found.must("mirror", have.Mirror != nil, false, "a mirror takes no rows")
	found.must("sources", len(have.Sources), 0, "the bucket holds our rows only")
	found.must("subject_transform", have.SubjectTransform != nil, false, "rows must keep their keys")
	found.must("num_replicas", have.Replicas, orDefault(c.Replicas, have.Replicas), "so says the configuration")
	found.must("persist_mode", have.PersistMode, persistence(have.Replicas), "with one replica every row would be written through by itself, with more nothing else is allowed")
	if v, ok := have.Metadata[rowsKey]; ok {
		if n, err := strconv.Atoi(v); err != nil || n > 1 {
			found.must("metadata "+rowsKey, v, rowsLayout, "a newer Hookfold made it: use that one")
		}
	}
	return found
}
