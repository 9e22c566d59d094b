package bench

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// memory folds the stream into views in memory.
func (s *stream) memory(ctx context.Context) (lap, error) {
	log, done, err := s.log(ctx, s.batch)
	if err != nil {
		return lap{}, err
	}
	defer done()
	return s.project(ctx, log, projections.NewMemoryStore())
}

// project folds the stream into a store as the server does, and proves what the store then holds.
func (s *stream) project(ctx context.Context, log projections.Log, store projections.Store) (lap, error) {
	return s.projectTo(ctx, log, store, s.events, s.want)
}

// projectTo folds a log of n events, which come to so many documents.
func (s *stream) projectTo(ctx context.Context, log projections.Log, store projections.Store, n int, want []projections.Document) (lap, error) {
	seen := &counter{}
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(), Observe: seen})
	if err != nil {
		return lap{}, err
	}
	before := heap()
	var stop func()
	l, err := timed(n, func() error {
		var err error
		stop, err = follow(ctx, p, projections.Seq(n))
		return err
	})
	l.held = math.Max(heap()-before, 0)
	stop()
	if err != nil {
		return lap{}, err
	}
	l.rows = seen.rows
	return l, errors.Join(seen.expect(n*s.folds()), verify(ctx, store, want))
}

// follow runs a projector until it has applied a sequence. It runs on until stop is called.
func follow(ctx context.Context, p *projections.Projector, to projections.Seq) (stop func(), _ error) {
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		cancel(p.Run(ctx)) // a projector that fails ends the wait
	}()
	err := p.Wait(ctx, to)
	if err != nil {
		err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
	}
	return func() { cancel(nil); <-ended }, err
}

// counter observes what a projector folds, as the server does.
type counter struct{ admitted, other, rows int }

// Folded counts fates.
func (c *counter) Folded(_ string, _ projections.Record, did projections.Effect) {
	if did.Fate == projections.Admitted {
		c.admitted++
		return
	}
	c.other++
}

// Ignored counts records that no model folds.
func (c *counter) Ignored(projections.Record) { c.other++ }

// Committed counts rows.
func (c *counter) Committed(made projections.Commit) { c.rows += len(made.Rows) }

// Parked counts resources that stand still.
func (c *counter) Parked(string, events.Ref, projections.Parked) { c.other++ }

// expect tells whether every event was folded, and nothing else happened.
func (c *counter) expect(admitted int) error {
	if c.admitted == admitted && c.other == 0 {
		return nil
	}
	return fmt.Errorf("%d events were folded and not %d, and %d met something else", c.admitted, admitted, c.other)
}
