package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// errSlipped says that a server acknowledged with a sequence that it had given before.
var errSlipped = errors.New("the server lost what it had acknowledged")

// writeRows publishes all rows, and settles those that somebody else has written meanwhile.
func (w *writing) writeRows(ctx context.Context) error {
	if err := w.touch(ctx); err != nil {
		return err
	}
	if len(w.commit.Rows) == 0 {
		return nil
	}
	w.rows = make([]rowWriting, len(w.commit.Rows)) // those of touch come last
	w.flight = w.store.newFlight()
	defer w.flight.done()
	for i := range w.commit.Rows {
		if err := w.send(ctx, i); err != nil {
			return w.explain(ctx, i, err)
		}
	}
	acks, err := w.flight.wait(ctx)
	if err != nil {
		return explain(ctx, "committing rows of "+w.commit.Model, err)
	}
	var refused []int
	for i := range w.rows {
		r := &w.rows[i]
		switch ack := acks[r.at]; {
		case ack.err != nil:
			refused = append(refused, i)
		case ack.seq <= w.lane.version:
			return fmt.Errorf("jetstream: %w (%w)", projections.ErrAway, errSlipped)
		default:
			r.stored.Number = ack.seq
		}
	}
	return w.resolve(ctx, refused)
}

// touch adds the rows that the checkpoint is about to pass without this worker having written them: what a commit that did
// not come to its end left. They are written again as they are, for the reason that overwrite gives.
func (w *writing) touch(ctx context.Context) error {
	passed := w.lane.passed(w.bucket.keys, w.commit)
	for len(passed) > 0 {
		n := min(chunk, len(passed))
		rows, err := w.store.load(ctx, w.bucket, passed[:n])
		if err != nil {
			return err
		}
		w.commit.Rows, passed = append(w.commit.Rows, rows...), passed[n:]
	}
	return nil
}

// send publishes a row, and before it the secondary keys that are new.
func (w *writing) send(ctx context.Context, i int) error {
	row, r := &w.commit.Rows[i], &w.rows[i]
	b := w.bucket
	r.subject = b.keys.row(row.Ref)
	entries := b.keys.all(row.Index, row.Ref)
	r.stored = projections.Revision{Seq: row.Seq, Keys: digestOf(entries)}
	if r.stored.Keys != row.Revision.Keys {
		if err := w.sendEntries(ctx, i, entries); err != nil {
			return err
		}
	}
	b.mu.Lock()
	r.settled = w.lane.settled(r.subject, row.Revision.Seq)
	b.mu.Unlock()
	data, err := w.frame(*row, r.settled)
	if err != nil {
		return err
	}
	if err := short(r.subject, row.Ref); err != nil {
		return err
	}
	r.at = len(w.flight.acks)
	return w.flight.send(ctx, r.subject, &row.Revision.Number, data)
}

// frame renders a row.
func (w *writing) frame(row projections.Row, settled projections.Seq) ([]byte, error) {
	state, err := row.State.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("jetstream: the row of %s %q does not render: %w", row.Ref.Kind, row.Ref.ID, err)
	}
	f := frame{
		seq: row.Seq, settled: settled, generation: w.lane.generation, slot: w.commit.Slot, index: row.Index, state: state,
	}
	return f.encode(), nil
}

// sendEntries publishes a row's secondary keys, and finds those that held before and hold no longer.
func (w *writing) sendEntries(ctx context.Context, i int, entries []string) error {
	row := &w.commit.Rows[i]
	for _, subject := range entries {
		if err := short(subject, row.Ref); err != nil {
			return err
		}
		if err := w.flight.send(ctx, subject, nil, nil); err != nil {
			return err
		}
	}
	if row.Revision.Keys == 0 {
		return nil
	}
	before, err := w.store.stored(ctx, w.bucket, row.Ref)
	if err != nil {
		return err
	}
	w.rows[i].stale = slices.DeleteFunc(w.bucket.keys.all(before.Index, row.Ref), func(s string) bool { return slices.Contains(entries, s) })
	return nil
}

// explain tells of which row a message was refused before it was sent.
func (w *writing) explain(ctx context.Context, i int, err error) error {
	ref := w.commit.Rows[i].Ref
	if errors.Is(err, nats.ErrMaxPayload) {
		return fmt.Errorf("jetstream: the row of %s %q is larger than the server takes: raise max_payload: %w (%w)", ref.Kind, ref.ID, projections.ErrTooLarge, err)
	}
	return explain(ctx, "committing rows of "+w.commit.Model, err)
}

// resolve settles rows that have another version than this worker knew. The fold is deterministic, so whoever wrote a row
// that is as far or further wrote what this worker would, and it stays; one that is behind is written over. Only the
// checkpoint fences.
func (w *writing) resolve(ctx context.Context, refused []int) error {
	if len(refused) == 0 {
		return nil
	}
	if err := w.stillMine(ctx); err != nil {
		return err
	}
	for _, i := range refused {
		if err := w.overwrite(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// stillMine asks whether the worker was fenced, which is why most rows are refused.
func (w *writing) stillMine(ctx context.Context) error {
	_, version, err := w.store.checkpoint(ctx, w.bucket, w.commit.Slot)
	if err == nil && version != w.lane.version {
		return w.fenced("another worker moved it")
	}
	return err
}

// overwrite writes a row over the stored one. What is stored and as far or further is written again as it is, because a
// worker that was fenced, and has yet to hear of it, may write over the version that it knows: it must not be the one
// that the next checkpoint covers.
func (w *writing) overwrite(ctx context.Context, i int) error {
	row, r := &w.commit.Rows[i], &w.rows[i]
	for pause := time.Millisecond; ; pause *= 2 {
		have, err := w.store.stored(ctx, w.bucket, row.Ref)
		if err != nil {
			return err
		}
		if _, is := w.lane.ahead[r.subject]; !is && 0 < have.Seq && have.Seq <= w.lane.Position.Seq {
			r.settled = have.Seq // nobody told this worker of it, and the checkpoint covers it
		}
		best := *row
		if have.Seq >= row.Seq {
			best = have
		}
		r.stored = projections.Revision{Seq: best.Seq, Keys: digestOf(w.bucket.keys.all(best.Index, best.Ref))}
		done, err := w.put(ctx, best, r, have.Revision.Number)
		if done || err != nil {
			return err
		}
		if err := errors.Join(w.stillMine(ctx), w.rest(ctx, pause)); err != nil {
			return err
		}
	}
}

// put writes one row over a version, and tells whether it was that version.
func (w *writing) put(ctx context.Context, row projections.Row, r *rowWriting, over uint64) (bool, error) {
	data, err := w.frame(row, r.settled)
	if err != nil {
		return false, err
	}
	f := w.store.newFlight()
	defer f.done()
	if err := f.send(ctx, r.subject, &over, data); err != nil {
		return false, explain(ctx, "committing rows of "+w.commit.Model, err)
	}
	acks, err := f.wait(ctx)
	if err != nil {
		return false, explain(ctx, "committing rows of "+w.commit.Model, err)
	}
	r.stored.Number = acks[0].seq
	return acks[0].err == nil, nil
}

// stored reads a row from the leader. One that is not there has no Seq.
func (s *Store) stored(ctx context.Context, b *bucket, ref events.Ref) (projections.Row, error) {
	k, err := s.newest(ctx, b, b.keys.row(ref))
	if err != nil || len(k.data) == 0 {
		return projections.Row{Ref: ref, Revision: projections.Revision{Number: k.seq}}, err
	}
	row, _, err := b.decode(k)
	return row, err
}

// damaged is the state of a row that cannot be read.
type damaged struct{}

// MarshalBinary says so.
func (damaged) MarshalBinary() ([]byte, error) { return nil, errFrame }

// decode reads a row.
func (b *bucket) decode(k kept) (projections.Row, frame, error) {
	ref, err := b.keys.ref(k.subject)
	if err != nil {
		return projections.Row{}, frame{}, fmt.Errorf("jetstream: key %q in bucket %s: %w", k.subject, b.stream, err)
	}
	f, err := decodeFrame(k.data)
	if errors.Is(err, errFrame) { // one damaged row must not stop the others (law 11): whoever folds it parks its resource
		row := projections.Row{Ref: ref, State: damaged{}, Revision: projections.Revision{Number: k.seq}}
		return row, frame{damaged: true}, nil
	}
	if err != nil {
		return projections.Row{}, frame{}, fmt.Errorf("jetstream: the row of %s %q: %w", ref.Kind, ref.ID, err)
	}
	r := projections.Revision{Number: k.seq, Seq: f.seq, Keys: digestOf(b.keys.all(f.index, ref))}
	return projections.Row{Ref: ref, Seq: f.seq, State: projections.Bytes(f.state), Index: f.index, Revision: r}, f, nil
}
