package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// errReached says that a bounded log was read to its bound.
var errReached = errors.New("projections: read to the bound")

// bounded is a log that ends behind a record.
type bounded struct {
	log  Log
	end  Position
	tell func(Seq) // hears how far it is read; nil: nobody
}

// newBounded ends a log. Errors: ErrRewound, ErrRecreated, where it is not the log that holds the record.
func newBounded(ctx context.Context, log Log, end Position, tell func(Seq)) (*bounded, error) {
	head, err := log.Head(ctx)
	if err == nil && head.Seq < end.Seq {
		err = ErrRewound
	}
	if err != nil {
		return nil, fmt.Errorf("projections: reading the log up to %d: %w", end.Seq, err)
	}
	proof, err := log.Open(ctx, end)
	if err != nil {
		return nil, fmt.Errorf("projections: reading the log up to %d: %w", end.Seq, err)
	}
	_ = proof.Close() // it was only to be opened
	return &bounded{log: log, end: end, tell: tell}, nil
}

// Append refuses: who rebuilds only reads.
func (l *bounded) Append(context.Context, ...events.Event) (Seq, error) { return 0, ErrReadOnly }

// Head is the bound.
func (l *bounded) Head(context.Context) (Position, error) { return l.end, nil }

// Open reads from a position to the bound.
func (l *bounded) Open(ctx context.Context, from Position) (Cursor, error) {
	inner, err := l.log.Open(ctx, from)
	if err != nil {
		return nil, err
	}
	return &boundedCursor{Cursor: inner, log: l, at: from}, nil
}

// boundedCursor reads a bounded log.
type boundedCursor struct {
	Cursor
	log *bounded
	at  Position
}

// Next returns records up to the bound, and behind it errReached.
func (c *boundedCursor) Next(ctx context.Context) ([]Record, error) {
	end := c.log.end.Seq
	if c.at.Seq >= end {
		return nil, errReached
	}
	recs, err := c.Cursor.Next(ctx)
	if err != nil {
		return nil, err
	}
	c.at = c.Cursor.Position()
	if c.at.Seq >= end {
		c.at = c.log.end
		for len(recs) > 0 && recs[len(recs)-1].Seq > end {
			recs = recs[:len(recs)-1]
		}
	}
	if c.log.tell != nil {
		c.log.tell(c.at.Seq)
	}
	if len(recs) == 0 {
		return nil, errReached
	}
	return recs, nil
}

// Position is the fingerprint of the last record that Next returned.
func (c *boundedCursor) Position() Position { return c.at }
