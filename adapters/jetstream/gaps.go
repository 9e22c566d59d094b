package jetstream

import (
	"context"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// verifyRetention refuses a stream whose messages go when they are read.
func verifyRetention(info *jetstream.StreamInfo) error {
	if r := info.Config.Retention; r != jetstream.LimitsPolicy {
		return fmt.Errorf("%w (stream %s: %s)", ErrRetention, info.Config.Name, r)
	}
	return nil
}

// verifyForeign compares a position with what somebody else's stream holds now. The record that was read last may have left
// it by now, but none after it.
func (l *Log) verifyForeign(ctx context.Context, p projections.Position, info *jetstream.StreamInfo) error {
	if err := verifyRetention(info); err != nil {
		return err
	}
	if p == (projections.Position{}) {
		return nil // begins with the first that is there
	}
	if err := l.verifyStream(p, info); err != nil {
		return err
	}
	first := firstSeq(info)
	switch {
	case p.Seq == 0:
		return nil
	case p.Seq+1 < first && !l.foreign.AcceptLoss:
		return l.unread(p.Seq+1, first)
	case p.Seq < first:
		return nil
	}
	m, err := l.record(ctx, p.Seq)
	if err == nil && m != nil && !m.Time.Equal(p.Time) {
		err = fmt.Errorf("jetstream: %w (sequence %d was stored %s, what was read before was stored %s)",
			projections.ErrRewound, p.Seq, m.Time.UTC(), p.Time.UTC())
	}
	return err
}

// unread says that messages left a stream too early.
func (l *Log) unread(from, first projections.Seq) error {
	whose := ""
	if l.filter() != "" {
		whose = ", some of which may have been of other subjects"
	}
	return fmt.Errorf("jetstream: %w (messages %d to %d left stream %s before they were read%s: "+
		"raise its limits, read more often, or accept the loss)", projections.ErrHole, from, first-1, l.config.Stream, whose)
}

// leap passes over sequences that are not ours or may be missing. The consumer's own count proves that the server sent
// nothing in between.
func (c *cursor) leap(d delivery) bool {
	f := c.log.foreign
	if f == nil || f.filter == "" && !f.AcceptLoss || d.consumer != c.at.consumed+1 {
		return false
	}
	c.want = projections.Seq(d.seq)
	return true
}

// mendForeign finds out why a message of somebody else's stream came too early. One that was lost on its way comes again
// through a new consumer; one that was not sent must be one that somebody deleted.
func (c *cursor) mendForeign(ctx context.Context, early delivery) error {
	if early.consumer != c.at.consumed+1 {
		c.drop()
		return nil
	}
	if err := c.missing(ctx, projections.Seq(early.seq)); err != nil {
		return c.again(err)
	}
	c.want = projections.Seq(early.seq)
	return nil
}

// probeForeign makes a new consumer when the server promised a message and nothing came. When that happens again, the
// message is one that the server cannot read: it is missing, or it cannot be told from those that are not ours.
func (c *cursor) probeForeign(ctx context.Context) error {
	switch {
	case c.at == nil:
		return c.attach(ctx)
	case !c.silent:
		c.silent = true
		c.drop()
		return nil
	}
	c.more = false
	if f := c.log.foreign; f.filter != "" || f.AcceptLoss {
		return nil
	}
	ctx, cancel, err := c.log.link.request(ctx, c.log.config.Timeout)
	if err != nil {
		return c.again(err)
	}
	defer cancel()
	info, err := c.log.info(ctx)
	if err != nil {
		return c.again(err)
	}
	return c.again(c.missing(ctx, projections.Seq(info.State.LastSeq)+1))
}

// missing makes sure that every message from the wanted one up to a later one was deleted by somebody. What the server
// cannot read it does not count among those.
func (c *cursor) missing(ctx context.Context, later projections.Seq) error {
	if c.want >= later || c.allDeleted(later) {
		return nil
	}
	ctx, cancel, err := c.log.link.request(ctx, patience)
	if err != nil {
		return err
	}
	defer cancel()
	stream, err := c.log.js.Stream(ctx, c.log.config.Stream)
	if err != nil {
		return explain(ctx, "asking for stream "+c.log.config.Stream, err)
	}
	info, err := stream.Info(ctx, jetstream.WithDeletedDetails(true))
	if err != nil {
		return explain(ctx, "asking what was deleted from stream "+c.log.config.Stream, err)
	}
	if first := firstSeq(info); c.want < first {
		return c.log.unread(c.want, first)
	}
	c.deleted = info.State.Deleted
	slices.Sort(c.deleted)
	if c.allDeleted(later) {
		return nil
	}
	return fmt.Errorf("jetstream: %w (of the messages %d to %d of stream %s some are missing, and nobody deleted them)",
		projections.ErrHole, c.want, later-1, c.log.config.Stream)
}

// allDeleted tells whether every sequence from the wanted one up to a later one is known to be deleted.
func (c *cursor) allDeleted(later projections.Seq) bool {
	from, _ := slices.BinarySearch(c.deleted, uint64(c.want))
	to, _ := slices.BinarySearch(c.deleted, uint64(later))
	return projections.Seq(to-from) == later-c.want
}
