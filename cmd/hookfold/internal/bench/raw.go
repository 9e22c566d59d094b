package bench

import (
	"context"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// raw reads the stream and counts: what the server and the client library can do, and the most that any reader can.
func (s *stream) raw(ctx context.Context) (lap, error) { return s.count(ctx, streamName) }

// bareName is a stream of the same data without the headers.
const bareName = "BARE"

// rawBare counts the same data without headers: what it costs that any client can read an event's attributes.
func (s *stream) rawBare(ctx context.Context) (lap, error) { return s.count(ctx, bareName) }

// count reads a whole stream.
func (s *stream) count(ctx context.Context, name string) (lap, error) {
	js, done, err := s.client()
	if err != nil {
		return lap{}, err
	}
	defer done()
	var last natsjs.Msg
	l, err := timed(s.events, func() error {
		consumer, err := js.OrderedConsumer(ctx, name, natsjs.OrderedConsumerConfig{})
		if err != nil {
			return err
		}
		last, err = take(ctx, consumer, s.events, func(natsjs.Msg) error { return nil }, natsjs.PullMaxMessages(5000))
		return err
	})
	if err != nil {
		return lap{}, err
	}
	return l, isNumber(last, s.events)
}

// feeder is what take needs of a consumer.
type feeder interface {
	Consume(natsjs.MessageHandler, ...natsjs.PullConsumeOpt) (natsjs.ConsumeContext, error)
}

// take reads n messages with a handler and returns the last one.
func take(ctx context.Context, from feeder, n int, handle func(natsjs.Msg) error, opts ...natsjs.PullConsumeOpt) (natsjs.Msg, error) {
	end := make(chan error, 1)
	count := 0
	var last natsjs.Msg
	feed, err := from.Consume(func(m natsjs.Msg) {
		if count == n {
			return // more than were asked for are on their way
		}
		err := handle(m)
		if count++; count == n || err != nil {
			last, count = m, n
			end <- err
		}
	}, opts...)
	if err != nil {
		return nil, err
	}
	defer feed.Stop()
	select {
	case err := <-end:
		return last, err
	case <-ctx.Done():
		return nil, fmt.Errorf("messages are missing: fewer than %d came: %w", n, ctx.Err())
	}
}

// placed is what isNumber needs of a message.
type placed interface {
	Metadata() (*natsjs.MsgMetadata, error)
}

// isNumber proves that the n-th message that came is the n-th of the stream, so that none was left out or came twice.
func isNumber(m placed, n int) error {
	at, err := m.Metadata()
	if err != nil {
		return err
	}
	if at.Sequence.Stream != uint64(n) {
		return fmt.Errorf("message %d of the stream came as number %d", at.Sequence.Stream, n)
	}
	return nil
}
