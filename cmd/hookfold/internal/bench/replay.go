package bench

import (
	"context"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// replay is a log that makes its records when they are asked for, in batches as a cursor over a stream gives them. Its
// watch runs only while the reader has a batch, so that what is measured is the fold and nothing else.
type replay struct {
	workload
	n     int
	batch int

	watch watch
}

// replayed is when the log was made.
var replayed = time.Unix(firstEvent/1000, 0).UTC()

// Append refuses: nobody writes here.
func (r *replay) Append(context.Context, ...events.Event) (projections.Seq, error) {
	return 0, projections.ErrReadOnly
}

// Head is the position of the newest record.
func (r *replay) Head(context.Context) (projections.Position, error) { return r.position(r.n), nil }

func (r *replay) position(n int) projections.Position {
	p := projections.Position{Stream: "replay", Created: replayed, Seq: projections.Seq(n)}
	if n > 0 {
		p.Time = r.record(n - 1).Time
	}
	return p
}

// Open reads from a position on.
func (r *replay) Open(_ context.Context, from projections.Position) (projections.Cursor, error) {
	return &replayCursor{replay: r, next: int(from.Seq)}, nil
}

// replayCursor is the one reader of a replay.
type replayCursor struct {
	*replay
	next int
	recs []projections.Record
}

// Next stops the watch, makes a batch and starts the watch again. At the end it waits, as every log does.
func (c *replayCursor) Next(ctx context.Context) ([]projections.Record, error) {
	if len(c.recs) > 0 {
		c.watch.stop()
	}
	c.recs = c.recs[:0]
	for ; c.next < c.n && len(c.recs) < c.batch; c.next++ {
		c.recs = append(c.recs, c.record(c.next))
	}
	if len(c.recs) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c.watch.start()
	return c.recs, nil
}

// Position is the fingerprint of the last record.
func (c *replayCursor) Position() projections.Position { return c.position(c.next) }

// Close has nothing to free.
func (c *replayCursor) Close() error { return nil }
