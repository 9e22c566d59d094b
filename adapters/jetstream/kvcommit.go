package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/projections"
)

// longest bounds a whole commit, with the reading of a great bucket before it. Every single wait is bounded by Timeout.
const longest = time.Hour

// Commit stores rows and checkpoint if the stored checkpoint is c.From. A commit that only raises the epoch is a take-over:
// it fences whoever went on before, and then compares all rows with the checkpoint. Errors: projections.ErrFenced, with
// [ErrRowsLost] where rows were lost; projections.ErrAway, after which begin again from the store, as after every error:
// some of the rows may be stored; projections.ErrFull.
func (s *Store) Commit(ctx context.Context, c projections.Commit) error {
	select {
	case s.pipeline <- struct{}{}:
		defer func() { <-s.pipeline }()
	case <-ctx.Done():
		return explain(ctx, "waiting to commit", ctx.Err())
	}
	ctx, cancel, err := s.link.request(ctx, longest)
	if err != nil {
		return err
	}
	defer cancel()
	b, err := s.bucket(ctx, c.Model, true)
	if err != nil {
		return err
	}
	w := &writing{store: s, bucket: b, commit: c}
	if err := w.run(ctx); err != nil {
		b.abandon(c.Slot) // nothing that was known of it is certain
		return err
	}
	return nil
}

// abandon forgets a lane.
func (b *bucket) abandon(slot int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.lanes, slot)
}

// writing is one commit under way.
type writing struct {
	store  *Store
	bucket *bucket
	lane   *lane
	commit projections.Commit
	losses uint64 // of the connection, before anything was asked
	waited time.Duration

	rows   []rowWriting
	flight *flight
}

// rowWriting is one row of it.
type rowWriting struct {
	subject string
	at      int             // of the flight's messages
	settled projections.Seq // the version that the checkpoint covers
	stored  projections.Revision
	stale   []string // secondary keys that no longer hold
}

func (w *writing) run(ctx context.Context) error {
	w.losses = w.store.nc.Stats().Reconnects
	if err := w.enter(ctx); err != nil {
		return err
	}
	if w.takesOver() {
		return w.takeOver(ctx)
	}
	if !w.lane.proven || w.lane.losses != w.losses {
		if err := w.prove(ctx); err != nil {
			return err
		}
	}
	if err := w.writeRows(ctx); err != nil {
		return err
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	w.removeStale(ctx)
	return nil
}

// enter finds the lane and refuses who is fenced. It always asks: whoever was fenced before it loaded its rows must not
// write over what it loaded.
func (w *writing) enter(ctx context.Context) error {
	b, c := w.bucket, w.commit
	m, version, err := w.store.checkpoint(ctx, b, c.Slot)
	if err != nil {
		return err
	}
	b.mu.Lock()
	w.lane = b.lanes[c.Slot]
	b.mu.Unlock()
	if w.lane == nil || w.lane.version != version {
		w.lane = &lane{mark: m, version: version}
	}
	have := w.lane.Checkpoint
	if !sameCheckpoint(have, c.From) || c.To.Epoch < have.Epoch {
		return w.fenced("it stands at %d in epoch %d, not at %d in epoch %d", have.Position.Seq, have.Epoch, c.From.Position.Seq, c.From.Epoch)
	}
	b.mu.Lock()
	b.lanes[c.Slot], w.lane.busy = w.lane, true
	b.mu.Unlock()
	return nil
}

func (w *writing) fenced(format string, args ...any) error {
	return fmt.Errorf("jetstream: %s slot %d: %w (%s)", w.commit.Model, w.commit.Slot, projections.ErrFenced, fmt.Sprintf(format, args...))
}

// sameCheckpoint compares what fences: how far, and whose.
func sameCheckpoint(a, b projections.Checkpoint) bool {
	return a.Position.Seq == b.Position.Seq && a.Epoch == b.Epoch
}

// takesOver tells whether the commit only raises the epoch.
func (w *writing) takesOver() bool {
	c := w.commit
	return len(c.Rows) == 0 && c.To.Epoch > c.From.Epoch && c.To.Position.Seq == c.From.Position.Seq
}

// takeOver raises the epoch first, so that nobody else moves the checkpoint while the rows are compared with it.
func (w *writing) takeOver(ctx context.Context) error {
	if w.lane.version == 0 { // there is nobody to fence, and rows without a checkpoint are to be counted first
		if err := w.prove(ctx); err != nil {
			return err
		}
		return w.finish(ctx)
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	err := w.prove(ctx)
	if errors.Is(err, projections.ErrFenced) && !errors.Is(err, ErrRowsLost) {
		w.bucket.abandon(w.commit.Slot) // the slot was taken over, and by somebody else since: the next commit will tell
		return nil
	}
	return err
}

// finish moves the checkpoint, by compare-and-set, after all rows were acknowledged.
func (w *writing) finish(ctx context.Context) error {
	if w.store.nc.Stats().Reconnects != w.losses {
		return explain(ctx, "committing", nats.ErrDisconnected) // the server may have forgotten rows
	}
	next := w.covering()
	version, err := w.store.setCheckpoint(ctx, w.bucket, w.commit.Slot, next.mark, w.lane.version)
	if conflict(err) {
		return w.fenced("another worker moved it")
	}
	if err != nil {
		return explain(ctx, "moving a checkpoint", err)
	}
	b, l := w.bucket, w.lane
	b.mu.Lock()
	defer b.mu.Unlock()
	l.mark, l.version, l.ahead, l.queue = next.mark, version, next.ahead, next.queue
	l.busy = false
	b.floor, b.proof = max(b.floor, version), b.keys.checkpoint(w.commit.Slot)
	for i := range w.commit.Rows { // without those of touch, if any
		w.commit.Rows[i].Revision = w.rows[i].stored
	}
	return nil
}

// covering is the lane as it is after the commit.
func (w *writing) covering() lane {
	w.bucket.mu.Lock()
	defer w.bucket.mu.Unlock()
	next := *w.lane
	next.Checkpoint = w.commit.To
	for _, r := range w.rows {
		delete(next.ahead, r.subject)
	}
	for _, r := range w.rows {
		if r.stored.Seq > next.Position.Seq {
			next.note(r.subject, ahead{seq: r.stored.Seq, settled: r.settled})
			continue
		}
		next.ledger.replace(r.subject, r.settled, r.stored.Seq)
	}
	next.pass(next.Position.Seq)
	return next
}

// setCheckpoint writes a checkpoint over a version of it.
func (s *Store) setCheckpoint(ctx context.Context, b *bucket, slot int, m mark, over uint64) (uint64, error) {
	f := s.newFlight()
	defer f.done()
	if err := f.send(ctx, b.keys.checkpoint(slot), &over, m.encode()); err != nil {
		return 0, err
	}
	acks, err := f.wait(ctx)
	if err != nil {
		return 0, err
	}
	return acks[0].seq, acks[0].err
}

// removeStale removes secondary keys that no longer hold, but never one that was written after the row. It is not needed
// for what readers see, because every key that is found is compared with its row.
func (w *writing) removeStale(ctx context.Context) {
	for _, r := range w.rows {
		for _, subject := range r.stale {
			err := w.store.leader.PurgeStream(w.bucket.stream, &nats.StreamPurgeRequest{Subject: subject, Sequence: r.stored.Number}, nats.Context(ctx))
			if err != nil && !errors.Is(err, context.Canceled) {
				w.store.config.Logger.Debug("a secondary key that no longer holds stays", "bucket", w.bucket.stream, "error", err)
			}
		}
	}
}
