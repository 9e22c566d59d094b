package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// Log is a projections.Log in a JetStream stream: ours ([OpenLog]), or somebody else's, which is only read ([OpenForeign]).
// All methods are safe for all goroutines.
type Log struct {
	config  LogConfig
	foreign *foreign // how somebody else's stream is read; nil for ours
	nc      *nats.Conn
	js      jetstream.JetStream
	link    *link
	leader  nats.JetStreamManager // reads single records from the stream's leader, never from a replica that is behind

	pipeline chan struct{} // held by the one Append that publishes without waiting for each event
}

var _ projections.Log = (*Log)(nil)

const (
	// patience bounds a request about the stream or a consumer: a server with a great stream may take seconds.
	patience = 10 * time.Second
	// inFlight is how many events of one Append may wait for their acknowledgement.
	inFlight = 512
)

// OpenLog opens the log on a connection, which stays the caller's, and makes its stream where there is none. Errors:
// every problem of the configuration at once; a [StreamError] where a stream of that name cannot be the log;
// projections.ErrAway.
func OpenLog(ctx context.Context, nc *nats.Conn, c LogConfig) (*Log, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	return open(ctx, nc, c, func(ctx context.Context, l *Log) error {
		_, err := c.ensureStream(ctx, l.js)
		return err
	})
}

// open makes a log of what its stream was found to be.
func open(ctx context.Context, nc *nats.Conn, c LogConfig, find func(context.Context, *Log) error) (*Log, error) {
	if nc == nil {
		return nil, errors.New("jetstream: no connection: connect to a server first")
	}
	l := &Log{config: c, nc: nc, pipeline: make(chan struct{}, 1)}
	if err := l.prepare(); err != nil {
		return nil, fmt.Errorf("jetstream: preparing the connection: %w", err)
	}
	ctx, cancel, err := l.link.request(ctx, patience)
	if err == nil {
		defer cancel()
		err = find(ctx, l)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// prepare sets up the ways to the server.
func (l *Log) prepare() (err error) {
	l.js, err = jetstream.New(l.nc, jetstream.WithPublishAsyncMaxPending(2*inFlight),
		jetstream.WithPublishAsyncTimeout(patience))
	if err != nil {
		return err
	}
	l.leader, err = l.nc.JetStream()
	if err != nil {
		return err
	}
	l.link = newLink(l.nc)
	return nil
}

// Close frees what the log holds on the connection, which stays the caller's. Everything under way and to come fails
// with ErrAway. Close the cursors first.
func (l *Log) Close() error {
	l.link.close()
	l.js.CleanupPublisher()
	return nil
}

// Head is the position of the newest record; Seq 0 in an empty log. Errors: ErrAway.
func (l *Log) Head(ctx context.Context) (projections.Position, error) {
	ctx, cancel, err := l.link.request(ctx, l.config.Timeout)
	if err != nil {
		return projections.Position{}, err
	}
	defer cancel()
	info, err := l.info(ctx)
	if err != nil {
		return projections.Position{}, err
	}
	p := projections.Position{Stream: l.config.Stream, Created: info.Created.UTC()}
	if l.foreign != nil {
		return l.foreignHead(ctx, p)
	}
	if info.State.LastSeq > 0 {
		p.Seq, p.Time = projections.Seq(info.State.LastSeq), info.State.LastTime.UTC()
	}
	return p, nil
}

// Find is the position of a record, from which Open reads on. Errors: projections.ErrHole where it is not there,
// projections.ErrAway.
func (l *Log) Find(ctx context.Context, seq projections.Seq) (projections.Position, error) {
	ctx, cancel, err := l.link.request(ctx, l.config.Timeout)
	if err != nil {
		return projections.Position{}, err
	}
	defer cancel()
	info, err := l.info(ctx)
	if err != nil {
		return projections.Position{}, err
	}
	m, err := l.record(ctx, seq)
	if err != nil {
		return projections.Position{}, err
	}
	if m == nil {
		return projections.Position{}, fmt.Errorf("jetstream: %w (sequence %d)", projections.ErrHole, seq)
	}
	return projections.Position{Stream: l.config.Stream, Created: info.Created.UTC(), Seq: seq, Time: m.Time.UTC()}, nil
}

// info asks the server for the state of the stream.
func (l *Log) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	s, err := l.js.Stream(ctx, l.config.Stream)
	if err != nil {
		return nil, explain(ctx, "asking for stream "+l.config.Stream, err)
	}
	return s.CachedInfo(), nil
}
