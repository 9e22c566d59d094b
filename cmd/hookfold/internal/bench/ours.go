package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/adapters/jetstream"
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
func (s *stream) project(ctx context.Context, log *jetstream.Log, store projections.Store) (lap, error) {
	seen := &counter{}
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(), Observe: seen})
	if err != nil {
		return lap{}, err
	}
	var stop func()
	l, err := timed(s.events, func() error {
		var err error
		stop, err = follow(ctx, p, projections.Seq(s.events))
		return err
	})
	stop()
	if err != nil {
		return lap{}, err
	}
	return l, errors.Join(seen.expect(s.events*s.folds()), s.verify(ctx, store))
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
type counter struct{ admitted, other int }

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

// Committed has nothing to count.
func (c *counter) Committed(projections.Commit) {}

// Parked counts resources that stand still.
func (c *counter) Parked(string, events.Ref, projections.Parked) { c.other++ }

// expect tells whether every event was folded, and nothing else happened.
func (c *counter) expect(admitted int) error {
	if c.admitted == admitted && c.other == 0 {
		return nil
	}
	return fmt.Errorf("%d events were folded and not %d, and %d met something else", c.admitted, admitted, c.other)
}

// verify compares every document of a store with the fold of all events.
func (s *stream) verify(ctx context.Context, store projections.Store) error {
	models := map[string]projections.AnyModel{}
	for _, m := range views.All() {
		models[m.Singular()] = m
	}
	for _, want := range s.want {
		have, err := projections.ReadDocument(ctx, store, models[want.Ref.Kind], want.Ref.Source, want.Ref.ID, projections.AsOf{})
		if err != nil {
			return err
		}
		if !bytes.Equal(have.JSON, want.JSON) {
			return fmt.Errorf("%s %s is %s, the fold says %s", want.Ref.Kind, want.Ref.ID, have.JSON, want.JSON)
		}
	}
	return s.sameNumber(ctx, store)
}

// sameNumber proves that a store holds no more resources than the fold has.
func (s *stream) sameNumber(ctx context.Context, store projections.Store) error {
	rows := 0
	for _, m := range views.All() {
		q := projections.Query{Model: m.ID(), Limit: len(s.want) + 1}
		for more := true; more; more = q.Cursor != "" {
			page, err := store.List(ctx, q)
			if err != nil {
				return err
			}
			rows += len(page.Rows)
			q.Cursor = page.Next
		}
	}
	if rows != len(s.want) {
		return fmt.Errorf("the store holds %d resources, the fold %d", rows, len(s.want))
	}
	return nil
}
