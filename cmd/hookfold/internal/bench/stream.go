package bench

import (
	"context"
	"errors"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// streamName is the stream that all contenders of a table read.
const streamName = "BENCH"

// stream is a filled log and what it must come to.
type stream struct {
	*site
	workload
	events int
	batch  int                    // records that our readers take at once where nothing else is said
	want   []projections.Document // by the pure fold, which knows no stream, batch or store
}

// openStream fills a stream. The server syncs every second: this table is about reading, and two of its contenders
// write where nothing is lost that cannot be read again.
func openStream(ctx context.Context, c Config, w workload) (*stream, error) {
	on, err := openSite(ctx, c, embedded.Interval)
	if err != nil {
		return nil, err
	}
	s := &stream{site: on, workload: w, events: c.Events, batch: min(5000, w.users)}
	if err := s.fill(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.want, err = projections.Documents(views.All(), w.records(c.Events), projections.AsOf{})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// fill appends all events and proves that the stream holds exactly them.
func (s *stream) fill(ctx context.Context) error {
	log, done, err := s.log(ctx, s.batch)
	if err != nil {
		return err
	}
	defer done()
	const at = 10_000 // events of one append
	for from := 0; from < s.events; from += at {
		var es []events.Event
		for i := from; i < min(from+at, s.events); i++ {
			es = append(es, s.event(i))
		}
		ctx, cancel := context.WithTimeout(ctx, longestLap)
		_, err := log.Append(ctx, es...)
		cancel()
		if err != nil {
			return err
		}
	}
	head, err := log.Head(ctx)
	if err == nil && head.Seq != projections.Seq(s.events) {
		err = fmt.Errorf("the stream ends at %d after %d events: two of them were taken for one", head.Seq, s.events)
	}
	return err
}

// fillBare publishes the data of all events to a stream without anything else.
func (s *stream) fillBare(ctx context.Context) error {
	js, done, err := s.client()
	if err != nil {
		return err
	}
	defer done()
	const subjects = "bare."
	kept, err := js.CreateStream(ctx, natsjs.StreamConfig{Name: bareName, Subjects: []string{subjects + ">"}})
	if err != nil {
		return err
	}
	for i := range s.events {
		m, err := encode(s.event(i))
		if err != nil {
			return err
		}
		if err := publish(ctx, js, subjects+m.event.Ref.ID, m.data); err != nil {
			return err
		}
	}
	<-js.PublishAsyncComplete()
	info, err := kept.Info(ctx)
	if err == nil && info.State.Msgs != uint64(s.events) {
		err = fmt.Errorf("the bare stream holds %d messages of %d", info.State.Msgs, s.events)
	}
	return err
}

// publish sends a message without waiting for its acknowledgement. A full window is back-pressure and not an error.
func publish(ctx context.Context, js natsjs.JetStream, subject string, data []byte) error {
	for {
		_, err := js.PublishAsync(subject, data)
		if !errors.Is(err, natsjs.ErrTooManyStalledMsgs) || ctx.Err() != nil {
			return err
		}
	}
}

// log opens the log on a connection of its own.
func (s *stream) log(ctx context.Context, batch int) (*jetstream.Log, func(), error) {
	nc, err := s.connect()
	if err != nil {
		return nil, nil, err
	}
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{Stream: streamName, Batch: batch})
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return log, func() { _ = log.Close(); nc.Close() }, nil // nothing is open on it any more
}

// client opens the plain client on a connection of its own.
func (s *stream) client() (natsjs.JetStream, func(), error) {
	nc, err := s.connect()
	if err != nil {
		return nil, nil, err
	}
	js, err := natsjs.New(nc)
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return js, nc.Close, nil
}
