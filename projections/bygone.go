package projections

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// bygone are records that were read again from the log, of some resources.
type bygone struct {
	from, to Seq
	of       map[events.Ref][]Record
}

// readBygone reads the log's records [from, to] once, and keeps those of resources.
func readBygone(ctx context.Context, log Log, m runner, refs []events.Ref, from, to Seq) (*bygone, error) {
	b := &bygone{from: from, to: to, of: map[events.Ref][]Record{}}
	for _, ref := range refs {
		b.of[ref] = nil
	}
	err := readAgain(ctx, log, from, to, func(rec Record) {
		ref, ok := m.key(rec)
		if _, wanted := b.of[ref]; ok && wanted {
			b.of[ref] = append(b.of[ref], rec)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("projections: reading the log again from %d on: %w", from, err)
	}
	return b, nil
}

// readAgain reads the log's records [from, to], all of which it holds.
func readAgain(ctx context.Context, log Log, from, to Seq, each func(Record)) error {
	begin, err := before(ctx, log, from)
	if err != nil {
		return err
	}
	cursor, err := log.Open(ctx, begin)
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close() }() // only read
	for at := begin.Seq; at < to; at = cursor.Position().Seq {
		recs, err := cursor.Next(ctx)
		if err != nil {
			return err
		}
		for _, rec := range recs {
			if from <= rec.Seq && rec.Seq <= to {
				each(rec)
			}
		}
	}
	return nil
}

// before is a position from which a record can be read: the nearest that is to be had.
func before(ctx context.Context, log Log, seq Seq) (Position, error) {
	f, ok := log.(Finder)
	if !ok || seq <= logBegins {
		return Position{}, nil
	}
	at, err := f.Find(ctx, seq-1)
	if errors.Is(err, ErrHole) { // it is archived, and the log may begin with the record itself
		return Position{}, nil
	}
	return at, err
}

// heard are the records of a resource that a decision about it needs. Those of all decisions of a batch are read at once.
func (p *Projector) heard(ctx context.Context, w *workshop, t task, tasks []task, upTo Seq) ([]Record, error) {
	from := t.folder.since(*t.record)
	if from == 0 {
		return nil, nil
	}
	if w.past == nil || from < w.past.from || upTo > w.past.to || !w.past.has(t.folder.ref()) {
		var refs []events.Ref
		for _, other := range tasks {
			if !decision(other.record.Event.Type) {
				continue
			}
			refs = append(refs, other.folder.ref())
			if since := other.folder.since(*other.record); since > 0 {
				from = min(from, since)
			}
		}
		var err error
		if w.past, err = readBygone(ctx, p.cfg.Log, w.model, refs, from, upTo); err != nil {
			return nil, err
		}
	}
	return w.past.of[t.folder.ref()], nil
}

func (b *bygone) has(ref events.Ref) bool {
	_, there := b.of[ref]
	return there
}
