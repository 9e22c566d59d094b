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

// copyWait is the pause before an event is offered again of which a copy is being stored.
const copyWait = 20 * time.Millisecond

// Append stores events in their order and returns the sequence of the last one when the server has acknowledged all; 0
// for no events. An event whose identity the server still remembers counts with its old sequence.
//
// Several events are sent without waiting for each. An Append that fails may leave some of them, as a rule the first
// ones; append the same events again: those that are there are recognised. Errors: projections.ErrFull,
// projections.ErrAway, projections.ErrReadOnly, the context's; an error that wraps none of them says that an event can never be stored.
func (l *Log) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if l.foreign != nil {
		return 0, fmt.Errorf("jetstream: stream %s: %w", l.config.Stream, projections.ErrReadOnly)
	}
	if len(es) == 0 {
		return 0, nil
	}
	ms := make([]*nats.Msg, len(es))
	for i, e := range es {
		m, err := l.config.message(e)
		if err != nil {
			return 0, err
		}
		ms[i] = m
	}
	ctx, cancel, err := l.link.request(ctx, l.config.Timeout)
	if err != nil {
		return 0, err
	}
	defer cancel()
	if len(ms) == 1 {
		return l.store(ctx, ms[0])
	}
	return l.storeAll(ctx, ms)
}

// store publishes one message and waits until it is acknowledged.
func (l *Log) store(ctx context.Context, m *nats.Msg) (projections.Seq, error) {
	for {
		ack, err := l.js.PublishMsg(ctx, m, jetstream.WithExpectStream(l.config.Stream))
		if seq, done, err := judge(ctx, ack, err); done {
			return seq, err
		}
		select {
		case <-time.After(copyWait):
		case <-ctx.Done():
			return 0, explain(ctx, "appending", ctx.Err())
		}
	}
}

// judge reads an acknowledgement. It is not done when a copy of the event is on its way but not yet known to be stored.
func judge(ctx context.Context, ack *jetstream.PubAck, err error) (seq projections.Seq, done bool, _ error) {
	switch {
	case copyInProcess(err):
		return 0, false, nil
	case err != nil:
		return 0, true, explain(ctx, "appending", err)
	case ack.Sequence == 0:
		return 0, false, nil
	}
	return projections.Seq(ack.Sequence), true, nil
}

// storeAll publishes messages in order with a window of open acknowledgements. One caller at a time: the window is the
// connection's, and two callers would only wait for each other inside of it.
func (l *Log) storeAll(ctx context.Context, ms []*nats.Msg) (last projections.Seq, err error) {
	select {
	case l.pipeline <- struct{}{}:
		defer func() { <-l.pipeline }()
	case <-ctx.Done():
		return 0, explain(ctx, "waiting to append", ctx.Err())
	}
	sent := make([]jetstream.PubAckFuture, 0, len(ms))
	settled := 0
	for _, m := range ms {
		if len(sent)-settled >= inFlight {
			if last, err = l.settle(ctx, sent[settled]); err != nil {
				break // send no more; what is under way is waited for below
			}
			settled++
		}
		future, failed := l.send(ctx, m)
		if err = failed; err != nil {
			break
		}
		sent = append(sent, future)
	}
	return l.settleAll(ctx, sent[settled:], last, err)
}

// settleAll waits for every open acknowledgement and returns the last sequence, or the first error.
func (l *Log) settleAll(ctx context.Context, open []jetstream.PubAckFuture, last projections.Seq, err error) (projections.Seq, error) {
	for _, future := range open {
		seq, failed := l.settle(ctx, future)
		if err == nil {
			last, err = seq, failed
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return 0, err
	}
	return last, nil
}

// send publishes without waiting. A full window is back-pressure, not an error: it waits and goes on.
func (l *Log) send(ctx context.Context, m *nats.Msg) (jetstream.PubAckFuture, error) {
	for {
		future, err := l.js.PublishMsgAsync(m, jetstream.WithExpectStream(l.config.Stream),
			jetstream.WithRetryAttempts(0)) // a late retry would come behind its successors
		if err == nil {
			return future, nil
		}
		if !errors.Is(err, jetstream.ErrTooManyStalledMsgs) {
			return nil, explain(ctx, "appending", err)
		}
		if ctx.Err() != nil {
			return nil, explain(ctx, "appending", fmt.Errorf("%w: %w", ctx.Err(), err))
		}
	}
}

// settle waits for one acknowledgement.
func (l *Log) settle(ctx context.Context, future jetstream.PubAckFuture) (projections.Seq, error) {
	var ack *jetstream.PubAck
	var err error
	select {
	case ack = <-future.Ok():
	case err = <-future.Err():
	case <-ctx.Done():
		err = ctx.Err()
	}
	seq, done, err := judge(ctx, ack, err)
	if done {
		return seq, err
	}
	return l.store(ctx, future.Msg())
}
