package jetstream

import (
	"context"

	"github.com/hookfold/hookfold/projections"
)

// settle moves the position of a cursor to the end of somebody else's stream if nothing up to there is ours and unread,
// and tells whether it did. Else, while our subject is quiet, the position would stay behind until messages of other
// subjects that left the stream could not be told from ours. Whatever keeps it from an answer, Next will tell.
func (c *cursor) settle(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.log.filter() == "" || c.at == nil || len(c.rest) > 0 || c.doubt || c.broken != nil {
		return false // without a filter the position is always where the stream is
	}
	ctx, cancel, err := c.log.link.request(ctx, patience)
	if err != nil {
		return false
	}
	defer cancel()
	info, err := c.log.info(ctx)
	if err != nil || c.log.verifyStream(c.pos, info) != nil || projections.Seq(info.State.LastSeq) < c.want {
		return false
	}
	// Asked in this order: what is at the end was there before the consumer says that it has sent all that is ours.
	consumer, err := c.log.js.Consumer(ctx, c.log.config.Stream, c.at.name)
	if err != nil {
		return false
	}
	if sent := consumer.CachedInfo(); sent.NumPending > 0 || sent.Delivered.Consumer != c.at.consumed {
		return false
	}
	c.pos.Seq, c.pos.Time = projections.Seq(info.State.LastSeq), info.State.LastTime.UTC()
	c.want = c.pos.Seq + 1
	return true
}
