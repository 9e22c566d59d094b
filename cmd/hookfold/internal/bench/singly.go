package bench

import (
	"context"

	"github.com/hookfold/hookfold/projections"
)

// singly is the beginning of a log that is read as every other, and handed out one record at a time.
type singly struct {
	projections.Log
	n int // records
}

// Open reads from a position on.
func (l singly) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	c, err := l.Log.Open(ctx, from)
	return &singlyCursor{Cursor: c, end: projections.Seq(l.n), at: from}, err
}

// singlyCursor is its reader.
type singlyCursor struct {
	projections.Cursor
	end  projections.Seq
	at   projections.Position
	rest []projections.Record
}

// Next returns one record. At the end it waits, as every log does.
func (c *singlyCursor) Next(ctx context.Context) (recs []projections.Record, err error) {
	if c.at.Seq >= c.end {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if len(c.rest) == 0 {
		if c.rest, err = c.Cursor.Next(ctx); err != nil {
			return nil, err
		}
	}
	recs, c.rest = c.rest[:1], c.rest[1:]
	c.at = c.Cursor.Position()
	c.at.Seq, c.at.Time = recs[0].Seq, recs[0].Time
	return recs, nil
}

// Position is the fingerprint of the last record.
func (c *singlyCursor) Position() projections.Position { return c.at }
