package backfill

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// held knows which claims of some types, dated since some time, the log holds. It reads the log once, and then what was
// appended since, whoever appended it. It costs some 40 bytes for each of those claims.
type held struct {
	log    projections.Log
	source string
	types  map[events.Type]bool
	since  int64

	now    func() time.Time
	find   func(ctx context.Context, since time.Time) (projections.Position, error) // nil once it was asked
	from   projections.Position
	cursor projections.Cursor
	ids    map[events.ID]struct{}
}

// early is how long before its date an event may be stored. An older copy is one that read models refuse, because it spoke of
// the future (fold rule 3): it does not count.
const early = time.Hour

func newHeld(c Config, types []events.Type, since int64) *held {
	h := &held{log: c.Log, source: c.Source, since: since, now: c.Now, find: c.From, types: map[events.Type]bool{}, ids: map[events.ID]struct{}{}}
	for _, t := range types {
		h.types[t] = true
	}
	return h
}

// advance reads the log up to its head. After an error it goes on where it was.
func (h *held) advance(ctx context.Context) (err error) {
	if h.find != nil {
		h.from, err = h.find(ctx, time.Unix(h.since, 0).Add(-early))
	}
	if err == nil {
		h.find = nil
		err = h.catchUp(ctx)
	}
	if err != nil {
		_ = h.close() // it failed, and this is why
		return fmt.Errorf("backfill: reading what the log holds: %w", err)
	}
	return nil
}

// catchUp reads what is there.
func (h *held) catchUp(ctx context.Context) error {
	head, err := h.log.Head(ctx)
	for err == nil && h.from.Seq < head.Seq {
		err = h.read(ctx)
	}
	return err
}

// read takes in what comes next.
func (h *held) read(ctx context.Context) (err error) {
	if h.cursor == nil {
		if h.cursor, err = h.log.Open(ctx, h.from); err != nil {
			return err
		}
	}
	records, err := h.cursor.Next(ctx)
	if err != nil {
		return err
	}
	for _, r := range records {
		e := r.Event
		if e.Date >= h.since && h.counts(r) && h.types[e.Type] && e.Ref.Source == h.source {
			h.ids[e.ID()] = struct{}{}
		}
	}
	h.from = h.cursor.Position()
	return nil
}

// counts tells whether read models take a copy, or would not take another one either.
func (h *held) counts(r projections.Record) bool {
	in := func(at time.Time) bool { return r.Event.Date <= at.Add(early).Unix() }
	return in(r.Time) || !in(h.now())
}

// missing are those of some events that the log does not hold.
func (h *held) missing(es []events.Event) []events.Event {
	var list []events.Event
	for _, e := range es {
		if _, has := h.ids[e.ID()]; !has {
			list = append(list, e)
		}
	}
	return list
}

// close lets the cursor go; advance opens another one.
func (h *held) close() error {
	if h.cursor == nil {
		return nil
	}
	err := h.cursor.Close()
	h.cursor = nil
	return err
}
