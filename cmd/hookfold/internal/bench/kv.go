package bench

import (
	"context"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/adapters/jetstream"
)

// kv folds the stream into buckets. The users come in turns, so a batch that is no larger than they are many writes a row
// for every event, and one of twice their number a row for every two; fewer writes than that are an error.
func (s *stream) kv(ctx context.Context, batch, writes int) (lap, error) {
	log, done, err := s.log(ctx, batch)
	if err != nil {
		return lap{}, err
	}
	defer done()
	nc, err := s.connect()
	if err != nil {
		return lap{}, err
	}
	defer nc.Close()
	store, err := jetstream.OpenStore(ctx, nc, jetstream.StoreConfig{})
	if err != nil {
		return lap{}, err
	}
	l, err := s.project(ctx, log, store)
	if err == nil {
		l.writes, err = s.written(ctx)
	}
	if err == nil && l.writes < writes {
		err = fmt.Errorf("the buckets took %d messages for %d events: fewer than the %d rows that had to be written", l.writes, s.events, writes)
	}
	return l, errors.Join(err, store.Forget(ctx, modelIDs()...), store.Close())
}

// written counts the messages that all buckets have taken: rows, keys and checkpoints, as their streams number them.
func (s *stream) written(ctx context.Context) (int, error) {
	js, done, err := s.client()
	if err != nil {
		return 0, err
	}
	defer done()
	sum := 0
	list := js.ListStreams(ctx, natsjs.WithStreamListSubject("$KV.>"))
	for info := range list.Info() {
		sum += int(info.State.LastSeq)
	}
	return sum, list.Err()
}
