package jetstream

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Before is the position of the newest record that was stored before a time, so that a cursor which is opened there reads
// everything that was stored since; the zero Position where there is none. It asks for some twenty records, however many there
// are. Only a log of ours can be asked: of somebody else's stream records may be missing. Errors: ErrAway, ErrHole,
// ErrReadOnly for a stream of somebody else.
func (l *Log) Before(ctx context.Context, t time.Time) (projections.Position, error) {
	if l.foreign != nil {
		return projections.Position{}, fmt.Errorf("jetstream: stream %s cannot be searched by time: %w", l.config.Stream, projections.ErrReadOnly)
	}
	ctx, cancel, err := l.link.request(ctx, patience)
	if err != nil {
		return projections.Position{}, err
	}
	defer cancel()
	info, err := l.info(ctx)
	if err != nil {
		return projections.Position{}, err
	}
	found := projections.Position{}
	from, to := firstSeq(info), projections.Seq(info.State.LastSeq)
	for from <= to {
		middle := from + (to-from)/2
		m, err := l.record(ctx, middle)
		switch {
		case err != nil:
			return projections.Position{}, err
		case m == nil:
			return projections.Position{}, fmt.Errorf("jetstream: %w (sequence %d is not there)", projections.ErrHole, middle)
		case m.Time.Before(t):
			found = projections.Position{Stream: l.config.Stream, Created: info.Created.UTC(), Seq: middle, Time: m.Time.UTC()}
			from = middle + 1
		default:
			to = middle - 1
		}
	}
	return found, nil
}
