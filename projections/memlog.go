package projections

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hookfold/hookfold/events"
)

// MemoryLog is a Log in memory, for tests and for embedders without a server. It remembers every identity.
type MemoryLog struct {
	name    string
	created time.Time
	now     func() time.Time
	most    int

	mu      sync.Mutex
	records []Record
	known   map[events.ID]Seq
	grown   chan struct{} // closed, and made anew, at every append
}

// NewMemoryLog makes an empty log that stamps its records by now and holds at most so many records; 0: no limit.
func NewMemoryLog(name string, now func() time.Time, most int) *MemoryLog {
	return &MemoryLog{name: name, created: now(), now: now, most: most, known: map[events.ID]Seq{}, grown: make(chan struct{})}
}

// Append stores events, or none of them where they do not all fit.
func (l *MemoryLog) Append(_ context.Context, es ...events.Event) (Seq, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := l.fresh(es); l.most > 0 && len(l.records)+n > l.most {
		return 0, fmt.Errorf("projections: memory log %q holds %d of %d records and is to take %d more: %w", l.name, len(l.records), l.most, n, ErrFull)
	}
	var last Seq
	for _, e := range es {
		last = l.append(e)
	}
	close(l.grown)
	l.grown = make(chan struct{})
	return last, nil
}

// fresh counts the events that the log does not know.
func (l *MemoryLog) fresh(es []events.Event) int {
	ids := map[events.ID]bool{}
	for _, e := range es {
		if id := e.ID(); l.known[id] == 0 {
			ids[id] = true
		}
	}
	return len(ids)
}

func (l *MemoryLog) append(e events.Event) Seq {
	id := e.ID()
	if seq, ok := l.known[id]; ok {
		return seq
	}
	seq := Seq(len(l.records) + 1)
	l.records = append(l.records, Record{Seq: seq, Time: l.now(), Event: e})
	l.known[id] = seq
	return seq
}

// Head is the position of the newest record.
func (l *MemoryLog) Head(context.Context) (Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.position(len(l.records)), nil
}

// position is the fingerprint of the n-th record.
func (l *MemoryLog) position(n int) Position {
	p := Position{Stream: l.name, Created: l.created, Seq: Seq(n)}
	if n > 0 {
		p.Time = l.records[n-1].Time
	}
	return p
}

// Find is the position of a record.
func (l *MemoryLog) Find(_ context.Context, seq Seq) (Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq < 1 || seq > Seq(len(l.records)) {
		return Position{}, fmt.Errorf("projections: memory log %q has no record %d: %w", l.name, seq, ErrHole)
	}
	return l.position(int(seq)), nil
}

// Open reads every record after from.
func (l *MemoryLog) Open(_ context.Context, from Position) (Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case from == Position{}:
	case from.Stream != l.name || !from.Created.Equal(l.created):
		return nil, fmt.Errorf("projections: memory log %q: %w", l.name, ErrRecreated)
	case from.Seq > Seq(len(l.records)) || !l.position(int(from.Seq)).Time.Equal(from.Time):
		return nil, fmt.Errorf("projections: memory log %q at %d: %w", l.name, from.Seq, ErrRewound)
	}
	return &memoryCursor{log: l, next: int(from.Seq)}, nil
}

// memoryCursor reads a MemoryLog.
type memoryCursor struct {
	log  *MemoryLog
	next int
}

// Next waits for records.
func (c *memoryCursor) Next(ctx context.Context) ([]Record, error) {
	for {
		c.log.mu.Lock()
		recs, grown := c.log.records[c.next:len(c.log.records):len(c.log.records)], c.log.grown
		c.log.mu.Unlock()
		if len(recs) > 0 {
			c.next += len(recs)
			return recs, nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Position is the fingerprint of the last record read.
func (c *memoryCursor) Position() Position {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	return c.log.position(c.next)
}

// Close does nothing: the cursor holds nothing.
func (c *memoryCursor) Close() error { return nil }
