package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Watch tells every fact that was kept after a place, in the order of the stream, and then waits for more. Place "" is the
// oldest fact that is kept. The place that comes with a change is where to go on after it, also in another process and
// after a restart; store it together with what you made of the change, and nothing is missing and nothing comes twice.
//
// A lost connection or a restart of the server is waited for. The sequence ends with an error: the context's;
// projections.ErrPlace; projections.ErrForgotten; projections.ErrRecreated and ErrRewound where the stream is not the one
// that the place is of; projections.ErrAway. Use it once; several may watch at a time.
func (f *Facts) Watch(ctx context.Context, place string) iter.Seq2[projections.Change, error] {
	return func(yield func(projections.Change, error) bool) {
		if err := f.watch(ctx, place, yield); err != nil {
			yield(projections.Change{}, err)
		}
	}
}

// watch returns nil where nobody wants to hear more.
func (f *Facts) watch(ctx context.Context, place string, yield func(projections.Change, error) bool) error {
	from, err := f.position(place)
	if err != nil {
		return err
	}
	cursor, err := f.read.Open(ctx, from)
	if err != nil {
		return forgotten(err)
	}
	defer func() { _ = cursor.Close() }() // it was only read
	for {
		records, err := cursor.Next(ctx)
		if err != nil {
			return forgotten(err)
		}
		created := cursor.Position().Created
		for _, r := range records {
			fact, err := projections.DecodeFact(r.Event)
			if err != nil {
				continue // somebody else's message in our stream is not our fact
			}
			if !yield(projections.Change{Fact: fact, Place: placeOf(created, r.Seq, r.Time)}, nil) {
				return nil
			}
		}
	}
}

// Check returns nil where Watch can go on from a place, else the error with which it would end.
func (f *Facts) Check(ctx context.Context, place string) error {
	from, err := f.position(place)
	if err != nil {
		return err
	}
	cursor, err := f.read.Open(ctx, from)
	if err != nil {
		return forgotten(err)
	}
	return cursor.Close()
}

// Newest is the place after the newest fact that is kept. Errors: projections.ErrAway.
func (f *Facts) Newest(ctx context.Context) (string, error) {
	head, err := f.read.Head(ctx)
	if err != nil {
		return "", err
	}
	return placeOf(head.Created, head.Seq, head.Time), nil
}

// forgotten gives an error of reading the name that it has for who watches.
func forgotten(err error) error {
	if errors.Is(err, projections.ErrHole) {
		return fmt.Errorf("jetstream: %w", projections.ErrForgotten)
	}
	return err
}

// placeOf writes a position: when the stream was made, the sequence, and when that was stored.
func placeOf(created time.Time, seq projections.Seq, stored time.Time) string {
	nanos := int64(0)
	if seq > 0 {
		nanos = stored.UnixNano()
	}
	return strconv.FormatInt(created.UnixNano(), 36) + "-" + strconv.FormatUint(uint64(seq), 10) + "-" + strconv.FormatInt(nanos, 36)
}

// position reads what placeOf wrote. Errors: projections.ErrPlace.
func (f *Facts) position(place string) (projections.Position, error) {
	if place == "" {
		return projections.Position{}, nil
	}
	parts := strings.Split(place, "-")
	if len(parts) != 3 {
		return projections.Position{}, projections.ErrPlace
	}
	created, errCreated := strconv.ParseInt(parts[0], 36, 64)
	seq, errSeq := strconv.ParseUint(parts[1], 10, 63)
	stored, errStored := strconv.ParseInt(parts[2], 36, 64)
	p := projections.Position{Stream: f.config.Stream, Created: time.Unix(0, created).UTC(), Seq: projections.Seq(seq)}
	if seq > 0 {
		p.Time = time.Unix(0, stored).UTC()
	}
	if errors.Join(errCreated, errSeq, errStored) != nil || placeOf(p.Created, p.Seq, p.Time) != place {
		return projections.Position{}, projections.ErrPlace
	}
	return p, nil
}
