package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Facts keeps the transitions of read models in a stream of their own, for everybody who wants to know what changed: in
// this process ([Facts.Watch]), or with any client of NATS in any language. All methods are safe for all goroutines.
//
// The subject is <prefix>.fact.<source>.<kind>.<to>.<id>, each token as events.Token writes it, so that a subscriber of
// hookfold.fact.*.user.CLOSED.* hears of closed users alone; a lone "=" stands for a value that is not known, and "/" with
// the value's SHA-256 in hexadecimal for one whose token would have over 256 bytes. The message is an envelope as the log's
// (events.Encode, CloudEvents in the header, type hookfold.transition); the machine, which no subject names, is in the data
// and in the header Hookfold-Machine.
//
// Every fact is there once, and those of one resource in the order of the log. This does not depend on how long a server
// remembers: each fact expects to follow the last one of its resource, and one that is refused is compared with what is
// there. The same holds for facts that are published as one batch ([FactsConfig].Batch), all of which are refused where one
// is. So neither a projector that tells a batch again after a crash nor one that was replaced and does not know it yet can
// double a fact or tell one too late. One read model tells the facts of a kind: a second one that comes upon its facts is
// refused ([ErrOtherModel]), because what it has to tell later of an earlier record could not be kept in order.
type Facts struct {
	config  FactsConfig
	nc      *nats.Conn
	leader  nats.JetStreamManager
	link    *link
	courier *courier
	read    *Log // the stream as a log that is only read

	pipeline chan struct{} // held by the one Publish
	last     map[string]lastFact
	batches  batches
	alone    bool // one server keeps the stream, and answers direct gets
	tally    tally
}

var _ projections.Facts = (*Facts)(nil)

// MachineHeader names the machine of a fact in its message.
const MachineHeader = "Hookfold-Machine"

// OpenFacts opens the stream of facts on a connection, which stays the caller's, and makes it where there is none. Errors:
// every problem of the configuration at once; a [FactsError] where a stream of that name cannot hold them; ErrOtherLog;
// ErrOldServer; projections.ErrAway.
func OpenFacts(ctx context.Context, nc *nats.Conn, c FactsConfig) (*Facts, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	if nc == nil {
		return nil, errors.New("jetstream: no connection: connect to a server first")
	}
	f := &Facts{config: c, nc: nc, pipeline: make(chan struct{}, 1), last: map[string]lastFact{}}
	if err := f.prepare(); err != nil {
		return nil, fmt.Errorf("jetstream: preparing the connection: %w", err)
	}
	if err := f.open(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// prepare sets up the ways to the server.
func (f *Facts) prepare() (err error) {
	if f.leader, err = f.nc.JetStream(); err != nil {
		return err
	}
	if f.courier, err = newCourier(f.nc); err != nil {
		return err
	}
	f.link = newLink(f.nc)
	return nil
}

// ErrOldServer says that a server would not hold facts to their order.
var ErrOldServer = errors.New("jetstream: facts need a NATS server from 2.11 on, because an older one does not know what a fact " +
	"expects to follow: upgrade it")

// knowsFollowing refuses the version of a server that knows nothing of Nats-Expected-Last-Subject-Sequence-Subject. It would
// pass over what it does not know, and keep a fact twice. What cannot be read is a version to come.
func knowsFollowing(version string) error {
	if before(version, 11) {
		return fmt.Errorf("%w (it is %.20s)", ErrOldServer, version)
	}
	return nil
}

// before tells whether a version is before 2.minor.
func before(version string, minor int) bool {
	var major, have int
	_, err := fmt.Sscanf(version, "%d.%d", &major, &have)
	return err == nil && (major < 2 || major == 2 && have < minor)
}

// open finds or makes the stream.
func (f *Facts) open(ctx context.Context) error {
	ctx, cancel, err := f.link.request(ctx, patience)
	if err != nil {
		return err
	}
	defer cancel()
	if f.config.Log != nil {
		if err := knowsFollowing(f.nc.ConnectedServerVersion()); err != nil {
			return err
		}
		f.batches.allowed = f.config.Batch >= 0 && knowsBatches(f.nc.ConnectedServerVersion())
		if err := f.ensure(ctx); err != nil {
			return err
		}
	}
	f.read, err = OpenForeign(ctx, f.nc, ForeignConfig{
		Stream: f.config.Stream, Timeout: f.config.Timeout, Gather: time.Millisecond,
		Decode: func(_ string, header map[string][]string, data []byte) (events.Event, error) {
			return events.Decode(header, data)
		},
	})
	return err
}

// ensure finds the stream of this log's facts, or makes it.
func (f *Facts) ensure(ctx context.Context) error {
	head, err := f.config.Log.Head(ctx)
	if err != nil {
		return err
	}
	js, err := jetstream.New(f.nc)
	if err != nil {
		return err
	}
	defer js.CleanupPublisher()
	log := fmt.Sprintf("%s %d", head.Stream, head.Created.UnixNano())
	if f.config.Anew {
		if err := js.DeleteStream(ctx, f.config.Stream); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return explain(ctx, "deleting stream "+f.config.Stream, err)
		}
	}
	made := f.config.streamConfig(log)
	made.AllowAtomicPublish = f.batches.allowed
	s, err := findOrMake(ctx, js, made)
	if err != nil {
		return explain(ctx, "opening stream "+f.config.Stream, err)
	}
	have, err := f.judge(ctx, js, s.CachedInfo().Config, log)
	f.alone = have.Replicas == 1 && have.AllowDirect
	if err == nil && f.batches.allowed {
		f.batches.allowed = allowBatches(ctx, js, have)
	}
	return err
}

// judge compares a stream with what facts need, and changes those limits that an operator may change at any time.
func (f *Facts) judge(ctx context.Context, js jetstream.JetStream, have jetstream.StreamConfig, log string) (jetstream.StreamConfig, error) {
	if diffs := f.config.differences(have); len(diffs) > 0 {
		return have, &FactsError{Stream: f.config.Stream, Differences: diffs}
	}
	if have.Metadata[factsLogKey] != log {
		return have, fmt.Errorf("%w (stream %s)", ErrOtherLog, f.config.Stream)
	}
	want := have
	want.MaxAge, want.MaxBytes = orDefault(f.config.MaxAge, have.MaxAge), orDefault(f.config.MaxBytes, have.MaxBytes)
	if want.MaxAge == have.MaxAge && want.MaxBytes == have.MaxBytes {
		return have, nil
	}
	_, err := js.UpdateStream(ctx, want)
	return want, explain(ctx, "changing the limits of stream "+f.config.Stream, err)
}

// FactsError says that a stream cannot hold facts, with everything that is wrong with it.
type FactsError struct {
	Stream      string
	Differences []Difference
}

// Error lists every difference and says what to do.
func (e *FactsError) Error() string {
	return fmt.Sprintf("jetstream: stream %s cannot hold facts: edit it, or name another stream and prefix", e.Stream) + told(e.Differences)
}

// Close frees what is held on the connection, which stays the caller's. Everything under way and to come fails with
// ErrAway.
func (f *Facts) Close() error {
	f.link.close()
	err := f.courier.close()
	if f.read != nil {
		err = errors.Join(err, f.read.Close())
	}
	return err
}
