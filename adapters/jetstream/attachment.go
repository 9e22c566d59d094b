package jetstream

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// What a consumer may take of the server's time: silence of two heartbeats means that it is dead, and the server
// forgets one that nobody reads.
const (
	pullExpiry    = 20 * time.Second
	heartbeat     = 5 * time.Second
	forgetUnread  = time.Minute
	deleteTimeout = time.Second
)

// attachment is one consumer of the stream and what it delivered. It lives until the first doubt; then the cursor
// makes a new one where it stands.
type attachment struct {
	log     *Log
	name    string
	feed    jetstream.ConsumeContext
	decoder events.Decoder // of what the feed delivers
	inbox   *inbox
	fault   chan error // the first thing that went wrong

	first    projections.Seq // the first record that it can deliver
	head     projections.Seq // newest record of the log when it was made
	created  time.Time       // when the log was made
	made     time.Time       // when the attachment was made
	consumed uint64          // the consumer's own count of the last message that was taken
}

// attach makes a consumer after a position and then verifies the position, so that the log cannot lose its tail
// unnoticed between the two.
func (l *Log) attach(ctx context.Context, from projections.Position) (*attachment, error) {
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	ctx, cancel, err := l.link.request(ctx, patience)
	if err != nil {
		return nil, err
	}
	defer cancel()
	consumer, err := l.js.CreateConsumer(ctx, l.config.Stream, jetstream.ConsumerConfig{
		Description:       "a cursor of Hookfold",
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       uint64(from.Seq) + 1,
		FilterSubject:     l.filter(),
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: forgetUnread,
	})
	if err != nil {
		return nil, explain(ctx, "reading stream "+l.config.Stream, err)
	}
	a := &attachment{
		log: l, name: consumer.CachedInfo().Name, fault: make(chan error, 1), made: time.Now(),
	}
	a.inbox = newInbox(l.config.Batch, a.read)
	if err := a.begin(ctx, consumer, from); err != nil {
		a.detach()
		return nil, err
	}
	return a, nil
}

// begin verifies the position and lets the messages come.
func (a *attachment) begin(ctx context.Context, consumer jetstream.Consumer, from projections.Position) error {
	info, err := a.log.info(ctx)
	if err != nil {
		return err
	}
	if err := a.log.verify(ctx, from, info); err != nil {
		return err
	}
	a.created = info.Created.UTC()
	a.first = max(from.Seq+1, firstSeq(info))
	a.head = projections.Seq(info.State.LastSeq)
	if a.log.foreign != nil && consumer.CachedInfo().NumPending == 0 {
		a.head = a.first - 1 // what follows is not for us, or not there
	}
	a.feed, err = consumer.Consume(a.inbox.put,
		jetstream.PullMaxMessages(a.log.config.Batch),
		jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(heartbeat),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) { a.doubt(err) }))
	return explain(ctx, "reading stream "+a.log.config.Stream, err)
}

// read reads a message, on the client library's goroutine.
func (a *attachment) read(m jetstream.Msg, r projections.Record) (events.Event, error) {
	return a.log.event(&a.decoder, m.Subject(), m.Headers(), m.Data(), r)
}

// doubt remembers the first error of the feed.
func (a *attachment) doubt(err error) {
	select {
	case a.fault <- err:
	default:
	}
}

// detach stops the feed, waits until it has stopped, and deletes the consumer if the server is there to hear it.
func (a *attachment) detach() {
	a.inbox.close()
	if a.feed != nil {
		a.feed.Stop()
		select {
		case <-a.feed.Closed():
		case <-time.After(deleteTimeout):
		}
	}
	if !a.log.nc.IsConnected() {
		return // the server forgets it by itself
	}
	ctx, cancel := context.WithTimeout(context.Background(), deleteTimeout)
	defer cancel()
	_ = a.log.js.DeleteConsumer(ctx, a.log.config.Stream, a.name)
}
