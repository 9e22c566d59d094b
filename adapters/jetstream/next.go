package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Next returns the records that are there, at least one and at most LogConfig.Batch, and waits where none is. It
// waits through a restart of the server and a lost connection. Errors: the context's; ErrClosed; ErrAway on a closed
// connection and where the server refuses again and again, after which Next may be called again; ErrHole, ErrRewound,
// ErrRecreated and events.ErrNewer, which stay.
func (c *cursor) Next(ctx context.Context) ([]projections.Record, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()
	for {
		records, err := c.step(ctx)
		if len(records) > 0 {
			return records, nil
		}
		if err != nil {
			return nil, c.failed(err)
		}
	}
}

// failed keeps errors that stay, and tells a closed cursor from a cancelled context.
func (c *cursor) failed(err error) error {
	if c.life.Err() != nil {
		return ErrClosed
	}
	for _, lasting := range []error{projections.ErrHole, projections.ErrRewound, projections.ErrRecreated, events.ErrNewer} {
		if errors.Is(err, lasting) {
			c.broken = err
		}
	}
	return err
}

// step does one thing: attach, return what is there, mend a gap, or wait.
func (c *cursor) step(ctx context.Context) ([]projections.Record, error) {
	switch {
	case c.broken != nil:
		return nil, c.broken
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case c.at == nil && c.alone:
		c.alone = false
		return c.probe(ctx)
	case c.at == nil:
		return nil, c.attach(ctx)
	case len(c.rest) > 0:
		return c.collect(ctx)
	}
	silent, err := c.wait(ctx)
	switch {
	case err != nil || c.at == nil:
		return nil, err
	case silent:
		return c.probe(ctx)
	}
	c.rest = c.at.inbox.take(c.room)
	c.room = c.rest
	return nil, nil
}

// collect returns the records that were taken, up to the first gap.
func (c *cursor) collect(ctx context.Context) ([]projections.Record, error) {
	if d := c.rest[0]; projections.Seq(d.seq) > c.want && !c.leap(d) {
		return c.mend(ctx, d)
	}
	records := c.records[:0]
	n := 0
	var err error
	for _, d := range c.rest {
		if projections.Seq(d.seq) > c.want && !c.leap(d) {
			break
		}
		if projections.Seq(d.seq) == c.want { // else it was read by itself before
			if err = c.refused(d.err); err != nil {
				break // what came before it is returned first
			}
			records = append(records, c.keep(d.event, d.time))
		}
		n++
		c.at.consumed, c.more = d.consumer, d.more > 0
	}
	clear(c.rest[:n])
	c.rest, c.faults, c.silent = c.rest[n:], 0, false
	c.records = records
	return records, err
}

// refused says which record cannot be read.
func (c *cursor) refused(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w (sequence %d)", err, c.want)
}

// keep makes the wanted record and moves on.
func (c *cursor) keep(e events.Event, at time.Time) projections.Record {
	r := projections.Record{Seq: c.want, Time: at.UTC(), Event: e}
	c.pos.Seq, c.pos.Time = r.Seq, r.Time
	c.want++
	return r
}

// mend finds out why a message came too early. A message that was lost on its way comes again through a new consumer;
// one that does not come even then is read by itself; one that is not there is a hole.
func (c *cursor) mend(ctx context.Context, early delivery) ([]projections.Record, error) {
	if c.log.foreign != nil {
		return nil, c.mendForeign(ctx, early)
	}
	if c.at.consumed > 0 && early.consumer != c.at.consumed+1 {
		c.drop()
		return nil, nil
	}
	return c.single(ctx, projections.Seq(early.seq))
}

// probe asks for the wanted record when the server promised it and nothing came.
func (c *cursor) probe(ctx context.Context) ([]projections.Record, error) {
	if c.log.foreign != nil {
		return nil, c.probeForeign(ctx)
	}
	head, err := c.log.Head(ctx)
	if err != nil || head.Seq < c.want {
		c.more = false
		return nil, c.again(err)
	}
	return c.single(ctx, head.Seq)
}

// single reads the wanted record by itself. A later one is known to be there.
func (c *cursor) single(ctx context.Context, later projections.Seq) ([]projections.Record, error) {
	ctx, cancel, err := c.log.link.request(ctx, c.log.config.Timeout)
	if err != nil {
		return nil, c.again(err)
	}
	defer cancel()
	m, err := c.log.record(ctx, c.want)
	if err != nil {
		return nil, c.again(err)
	}
	if m == nil {
		return nil, fmt.Errorf("jetstream: %w (sequence %d is missing between %d and %d)",
			projections.ErrHole, c.want, c.want-1, later)
	}
	e, err := c.log.event(&c.decoder, m.Subject, m.Header, m.Data, projections.Record{Seq: c.want, Time: m.Time.UTC()})
	if err := c.refused(err); err != nil {
		return nil, err
	}
	return []projections.Record{c.keep(e, m.Time)}, nil
}
