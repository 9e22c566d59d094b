package proptest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// tape is a log that was recorded before: copies of one event stand in it twice, as in a log whose memory of identities
// is shorter than the provider's retries. Its cursor gives batches of the sizes that it is told and ends with errEnd.
type tape struct {
	records []projections.Record
	sizes   []int // of the batches; the last one is repeated
}

// errEnd ends a run over a tape. It is no final error for a projector, so that it comes back as it is.
var errEnd = errors.New("the tape is at its end")

// epoch is when every tape was made. Only that it is one time matters.
var epoch = time.Unix(1, 0).UTC()

// tape records the first n events.
func (a arrival) tape(n int) *tape {
	t := &tape{sizes: a.sizes}
	for i, e := range a.events[:n] {
		stored := a.stored
		if a.each != nil {
			stored = a.each[i]
		}
		t.records = append(t.records, projections.Record{Seq: projections.Seq(i + 1), Time: stored, Event: e})
	}
	return t
}

func (t *tape) Append(context.Context, ...events.Event) (projections.Seq, error) {
	return 0, projections.ErrReadOnly
}

func (t *tape) Head(context.Context) (projections.Position, error) {
	return t.position(len(t.records)), nil
}

func (t *tape) Open(_ context.Context, from projections.Position) (projections.Cursor, error) {
	return &reel{tape: t, at: int(from.Seq)}, nil
}

func (t *tape) position(n int) projections.Position {
	p := projections.Position{Stream: "tape", Created: epoch, Seq: projections.Seq(n)}
	if n > 0 {
		p.Time = t.records[n-1].Time
	}
	return p
}

// reel is a tape's cursor.
type reel struct {
	tape *tape
	at   int
	turn int
}

func (r *reel) Next(ctx context.Context) ([]projections.Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	left := r.tape.records[r.at:]
	if len(left) == 0 {
		return nil, errEnd
	}
	size := len(left)
	if n := len(r.tape.sizes); n > 0 {
		size = min(size, max(1, r.tape.sizes[min(r.turn, n-1)]))
	}
	r.turn++
	r.at += size
	return left[:size:size], nil
}

func (r *reel) Position() projections.Position { return r.tape.position(r.at) }
func (r *reel) Close() error                   { return nil }

// bytesStore keeps rows as bytes, as every store outside the process does, so that a state which does not survive its
// own encoding is noticed.
type bytesStore struct{ projections.Store }

func (s bytesStore) Commit(ctx context.Context, c projections.Commit) error {
	rows := make([]projections.Row, len(c.Rows))
	for i, row := range c.Rows {
		b, err := row.State.MarshalBinary()
		if err != nil {
			return fmt.Errorf("row of %s %q: %w", row.Ref.Kind, row.Ref.ID, err)
		}
		row.State = projections.Bytes(b)
		rows[i] = row
	}
	c.Rows = rows
	return s.Store.Commit(ctx, c)
}

// arrival is one way in which a set of events can reach a read model.
type arrival struct {
	events []events.Event // in the order of their arrival, with copies
	stored time.Time      // by the log's clock
	each   []time.Time    // the same for each event, where they differ
	sizes  []int          // of the batches
	stops  []int          // after how many records the projector is stopped and started anew
	slots  int
	bytes  bool // the store keeps bytes
	memory bool // through a MemoryLog, which drops copies itself
}

// fold runs projectors over the arrival and returns the store that they left.
func (a arrival) fold(m projections.AnyModel, o projections.Observer) (projections.Store, error) {
	var store projections.Store = projections.NewMemoryStore()
	if a.bytes {
		store = bytesStore{store}
	}
	if a.memory {
		var err error
		if a.events, err = remembered(a.events, a.stored); err != nil {
			return nil, err
		}
	}
	facts, _ := o.(projections.Facts) // of an observer that wants them too
	for _, stop := range append(a.stops, len(a.events)) {
		p, err := projections.New(projections.Config{
			Log: a.tape(min(stop, len(a.events))), Store: store, Models: []projections.AnyModel{m}, Slots: a.slots, Observe: o, Facts: facts,
		})
		if err != nil {
			return nil, err
		}
		if err := p.Run(context.Background()); !errors.Is(err, errEnd) {
			return nil, fmt.Errorf("the projector stopped: %w", err)
		}
	}
	return store, nil
}

// remembered is what a MemoryLog keeps of events that are appended to it.
func remembered(es []events.Event, stored time.Time) ([]events.Event, error) {
	log := projections.NewMemoryLog("memory", func() time.Time { return stored }, 0)
	ctx := context.Background()
	for _, e := range es {
		if _, err := log.Append(ctx, e); err != nil {
			return nil, err
		}
	}
	cursor, err := log.Open(ctx, projections.Position{})
	if err != nil || len(es) == 0 {
		return nil, err
	}
	recs, err := cursor.Next(ctx)
	out := make([]events.Event, len(recs))
	for i, r := range recs {
		out[i] = r.Event
	}
	return out, err
}
