package jetstream

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// A bucket is read in answers of so many messages and bytes.
const (
	pageMessages = 4000
	pageBytes    = 4 << 20
)

// census is what a bucket holds of one slot, compared with a checkpoint.
type census struct {
	keys       keys
	slot       int
	mark       mark
	ledger     ledger // of the versions that the checkpoint covers
	generation uint64 // the greatest
	lane       lane   // with the rows that are ahead
	missing    map[string]bool
	entries    map[uint64]bool // secondary keys whose row has not come
}

// prove compares all rows of the slot with its checkpoint. Where they differ it sends the slot back to the beginning of the
// log. Every row that is there holds all records up to its own sequence, so folding the log over them mends what is
// missing or old and changes nothing else.
func (w *writing) prove(ctx context.Context) error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		c, quiet, err := w.store.take(ctx, w.bucket, w.lane.mark, w.commit.Slot)
		switch {
		case err != nil:
			return err
		case !quiet: // whoever was fenced has rows on their way
			if err := w.rest(ctx, pause); err != nil {
				return err
			}
			continue
		case w.lane.version == 0:
			w.lane.generation = c.generation + 1
		case c.ledger != w.lane.ledger:
			return w.reset(ctx, c)
		}
		if err := w.mendEntries(ctx, c); err != nil {
			return err
		}
		w.bucket.mu.Lock()
		defer w.bucket.mu.Unlock()
		l := w.lane
		l.proven, l.losses, l.ahead, l.queue = true, w.losses, c.lane.ahead, c.lane.queue
		return nil
	}
}

// rest waits a little, but not for ever.
func (w *writing) rest(ctx context.Context, d time.Duration) error {
	if w.waited += d; w.waited > patience {
		return fmt.Errorf("jetstream: %s slot %d: %w (others keep writing rows)", w.commit.Model, w.commit.Slot, projections.ErrAway)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return explain(ctx, "waiting for another worker", ctx.Err())
	}
}

// take counts a bucket. It is not quiet when rows of the slot were written meanwhile.
func (s *Store) take(ctx context.Context, b *bucket, m mark, slot int) (c census, quiet bool, err error) {
	c = census{keys: b.keys, slot: slot, mark: m, missing: map[string]bool{}, entries: map[uint64]bool{}}
	last, err := s.lastSeq(ctx, b)
	if err != nil {
		return c, false, err
	}
	for from, more := uint64(1), last > 0; more; {
		page, err := s.direct(ctx, b.stream, directRequest{Seq: from, Batch: pageMessages, MaxBytes: pageBytes})
		if err != nil {
			return c, false, err
		}
		for _, k := range page.messages {
			if mine, err := c.count(b, k); err != nil || mine && k.seq > last {
				return c, false, err
			}
			from = k.seq + 1
		}
		more = page.more || !b.single && from <= last // a replica may be behind its leader
	}
	slices.SortFunc(c.lane.queue, func(a, b passing) int { return int(int64(a.seq - b.seq)) })
	return c, true, nil
}

// lastSeq is the newest sequence of a bucket, as its leader knows it.
func (s *Store) lastSeq(ctx context.Context, b *bucket) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	stream, err := s.js.Stream(ctx, b.stream)
	if err != nil {
		s.doubt(b, err)
		return 0, explain(ctx, "asking for "+b.stream, err)
	}
	return stream.CachedInfo().State.LastSeq, nil
}

// count takes one message in, and tells whether it is a row of the slot.
func (c *census) count(b *bucket, k kept) (bool, error) {
	switch rest := k.subject[min(len(c.keys.prefix), len(k.subject)):]; {
	case len(rest) < 2 || rest[1] != '.':
		return false, nil
	case rest[0] == 'i':
		c.entry(k.subject)
		return false, nil
	case rest[0] != 'r' || len(k.data) == 0:
		return false, nil
	}
	row, f, err := b.decode(k)
	if err != nil || f.damaged || f.slot != c.slot {
		return false, err
	}
	covered := c.mark.covered(f)
	c.ledger.replace(k.subject, 0, covered)
	c.generation = max(c.generation, f.generation)
	if f.seq > c.mark.Position.Seq {
		if c.lane.ahead == nil {
			c.lane.ahead = map[string]ahead{}
		}
		c.lane.ahead[k.subject] = ahead{seq: f.seq, settled: covered, old: f.generation != c.mark.generation}
		c.lane.queue = append(c.lane.queue, passing{f.seq, k.subject})
	}
	for _, subject := range c.keys.all(f.index, row.Ref) {
		c.expect(subject)
	}
	return true, nil
}

// entry and expect match the secondary keys that are there with those that rows have.
func (c *census) entry(subject string) {
	if c.missing[subject] {
		delete(c.missing, subject)
		return
	}
	c.entries[short64(subject)] = true
}

func (c *census) expect(subject string) {
	if id := short64(subject); c.entries[id] {
		delete(c.entries, id)
		return
	}
	c.missing[subject] = true
}

// short64 stands for a subject where many are remembered.
func short64(subject string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(subject))
	return h.Sum64()
}

// mendEntries writes secondary keys that were lost.
func (w *writing) mendEntries(ctx context.Context, c census) error {
	if len(c.missing) == 0 {
		return nil
	}
	f := w.store.newFlight()
	defer f.done()
	for subject := range c.missing {
		if err := f.send(ctx, subject, nil, nil); err != nil {
			return explain(ctx, "mending secondary keys", err)
		}
	}
	_, err := f.wait(ctx)
	w.store.config.Logger.Warn("secondary keys were lost and are there again", "bucket", w.bucket.stream, "keys", len(c.missing))
	return explain(ctx, "mending secondary keys", err)
}

// reset sends the slot back to the beginning of the log. Nothing counts as covered any more, until it is passed again.
func (w *writing) reset(ctx context.Context, c census) error {
	have := w.lane.mark
	next := mark{
		Checkpoint: projections.Checkpoint{Epoch: max(have.Epoch, w.commit.To.Epoch)},
		generation: max(have.generation, c.generation) + 1,
	}
	_, err := w.store.setCheckpoint(ctx, w.bucket, w.commit.Slot, next, w.lane.version)
	if conflict(err) {
		return w.fenced("another worker moved it")
	}
	if err != nil {
		return explain(ctx, "beginning again", err)
	}
	w.store.config.Logger.Warn("rows were lost by the server; the read model is folded anew from the log", "model", w.commit.Model,
		"slot", w.commit.Slot, "rows", c.ledger.count, "of", have.ledger.count, "checkpoint", have.Position.Seq)
	return fmt.Errorf("jetstream: %s slot %d: %w (%w)", w.commit.Model, w.commit.Slot, ErrRowsLost, projections.ErrFenced)
}
