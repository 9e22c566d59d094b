package jetstream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// Store is a projections.Store in JetStream KV: one bucket for each read model. All methods are safe for all goroutines.
//
// A commit writes its rows without waiting for each, every one by compare-and-set on the version that the worker knows,
// and then the checkpoint by compare-and-set. Only the checkpoint fences: a row that is ahead of it does no harm.
//
// The buckets are kept with asynchronous persistence, so a server that is killed may lose the last of what it had
// acknowledged. The checkpoint therefore holds a sum over all rows. A worker that takes a slot over, or whose connection
// was lost, reads the bucket once and compares; where it differs the checkpoint goes back to the beginning of the log,
// and the fold mends what is old or missing and rewrites nothing that is right. See [ErrRowsLost].
type Store struct {
	config  StoreConfig
	nc      *nats.Conn
	js      jetstream.JetStream
	leader  nats.JetStreamManager // reads single messages from a stream's leader, never from a replica that is behind
	link    *link
	courier *courier

	pipeline chan struct{} // held by the one Commit that writes

	mu      sync.Mutex
	buckets map[string]*bucket // by model
}

var _ projections.Store = (*Store)(nil)

// ErrRowsLost says that a server lost rows that it had acknowledged. The read model is refolded from the beginning of the
// log; a projector with a Retry goes on by itself. It comes together with projections.ErrFenced.
var ErrRowsLost = errors.New("the server lost rows that it had acknowledged: the read model is refolded from the log")

// OpenStore opens the store on a connection, which stays the caller's. A bucket is made by the first commit to its model.
// Errors: every problem of the configuration at once; projections.ErrAway.
func OpenStore(ctx context.Context, nc *nats.Conn, c StoreConfig) (*Store, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	if nc == nil {
		return nil, errors.New("jetstream: no connection: connect to a server first")
	}
	s := &Store{config: c, nc: nc, pipeline: make(chan struct{}, 1), buckets: map[string]*bucket{}}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("jetstream: preparing the connection: %w", err)
	}
	ctx, cancel, err := s.link.request(ctx, patience)
	if err == nil {
		defer cancel()
		_, err = s.js.AccountInfo(ctx)
		err = explain(ctx, "asking for JetStream", err)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// prepare sets up the ways to the server.
func (s *Store) prepare() (err error) {
	if s.js, err = jetstream.New(s.nc); err != nil {
		return err
	}
	if s.leader, err = s.nc.JetStream(); err != nil {
		return err
	}
	if s.courier, err = newCourier(s.nc); err != nil {
		return err
	}
	s.link = newLink(s.nc)
	return nil
}

// Close frees what the store holds on the connection, which stays the caller's. Everything under way and to come fails
// with ErrAway.
func (s *Store) Close() error {
	s.link.close()
	s.js.CleanupPublisher()
	return s.courier.close()
}

// Features declares what JetStream KV promises: rows outlive the process and are found by secondary keys, a list goes by
// the time of the last write, and readers may see rows before the checkpoint that covers them.
func (s *Store) Features() projections.Features {
	return projections.Features{Durable: true, Indexed: true, StateBytes: max(int(s.nc.MaxPayload())-besideState, 1)}
}

// besideState is the most that a message has beside the state of its row: header, numbers, and secondary keys, of which
// [longestKey] bounds each.
const besideState = 16 << 10

// Forget deletes everything that is kept of models, named as their ID gives them. They are folded anew from the log, by
// projectors that begin afterwards. Errors: projections.ErrAway.
func (s *Store) Forget(ctx context.Context, models ...string) error {
	for _, model := range models {
		if err := s.forget(ctx, model); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) forget(ctx context.Context, model string) error {
	ctx, cancel, err := s.link.request(ctx, patience)
	if err != nil {
		return err
	}
	defer cancel()
	s.drop(model)
	err = s.js.DeleteStream(ctx, streamOf(s.config.bucket(model)))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil
	}
	return explain(ctx, "deleting the bucket of "+model, err)
}
