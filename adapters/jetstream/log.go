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

// Log is a projections.Log in a JetStream stream. All methods are safe for all goroutines.
type Log struct {
	config LogConfig
	nc     *nats.Conn
	js     jetstream.JetStream
	leader nats.JetStreamManager // reads single records from the stream's leader, never from a replica that is behind

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
	if nc == nil {
		return nil, errors.New("jetstream: no connection: connect to a server first")
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(2*inFlight),
		jetstream.WithPublishAsyncTimeout(patience))
	if err != nil {
		return nil, explain("preparing the connection", err)
	}
	leader, err := nc.JetStream()
	if err != nil {
		return nil, explain("preparing the connection", err)
	}
	ctx, cancel := bounded(ctx, patience)
	defer cancel()
	if _, err := c.ensureStream(ctx, js); err != nil {
		return nil, err
	}
	return &Log{config: c, nc: nc, js: js, leader: leader, pipeline: make(chan struct{}, 1)}, nil
}

// Head is the position of the newest record; Seq 0 in an empty log. Errors: ErrAway.
func (l *Log) Head(ctx context.Context) (projections.Position, error) {
	ctx, cancel := bounded(ctx, l.config.Timeout)
	defer cancel()
	info, err := l.info(ctx)
	if err != nil {
		return projections.Position{}, err
	}
	p := projections.Position{Stream: l.config.Stream, Created: info.Created.UTC()}
	if info.State.LastSeq > 0 {
		p.Seq, p.Time = projections.Seq(info.State.LastSeq), info.State.LastTime.UTC()
	}
	return p, nil
}

// info asks the server for the state of the stream.
func (l *Log) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	if err := l.connected(); err != nil {
		return nil, err
	}
	s, err := l.js.Stream(ctx, l.config.Stream)
	if err != nil {
		return nil, explain("asking for stream "+l.config.Stream, err)
	}
	return s.CachedInfo(), nil
}

// connected fails at once where a request could only wait: the client library keeps requests until it is connected
// again, and nobody would know whether they are still wanted then.
func (l *Log) connected() error {
	if l.nc.IsConnected() {
		return nil
	}
	return fmt.Errorf("jetstream: %w (connection %s)", projections.ErrAway, l.nc.Status())
}

// bounded gives a context a deadline unless it has one.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, d)
}
