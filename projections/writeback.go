package projections

import (
	"context"
	"fmt"

	"github.com/hookfold/hookfold/events"
)

// writeBack is a Store for one projector that folds much and is read by nobody: it holds rows in memory and writes each of
// them once, at the end, or when they are too many. A row may then have seen thousands of records. Those that were wanted
// lately stay when the others go.
type writeBack struct {
	store Store
	side  string // name under which the store keeps what is folded
	most  int    // recent rows held before all are written, and those that are not recent let go

	young, old byRef[*buffered]
	recent     int // rows in young
	stale      int // rows in old that are not in young as well

	dirty map[int][]*buffered // by slot
	fresh bool                // the store holds no row that is not held here
	made  int                 // rows that nobody had loaded
	watch watch               // of what is written to the store

	stored map[int]Checkpoint // what the store holds, by slot
	now    map[int]Checkpoint // what the projector believes that it holds
}

// buffered is a row as it is now, and what the store noted on what it holds of it.
type buffered struct {
	row   Row
	dirty bool
}

// openWriteBack takes a side over, with epochs after those that it has and after others, so that whoever folded it before is
// fenced.
func openWriteBack(ctx context.Context, store Store, side string, after map[int]Checkpoint, most int) (*writeBack, error) {
	w := &writeBack{store: store, side: side, most: most, fresh: true}
	w.dirty, w.stored, w.now = map[int][]*buffered{}, map[int]Checkpoint{}, map[int]Checkpoint{}
	for slot, other := range after {
		c, err := store.Checkpoint(ctx, side, slot)
		if err != nil {
			return nil, fmt.Errorf("projections: checkpoint of %s: %w", side, err)
		}
		w.fresh = w.fresh && c == Checkpoint{}
		w.stored[slot], w.now[slot] = c, c
		if err := w.raise(ctx, slot, max(c.Epoch, other.Epoch)+1); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// raise raises the epoch of a slot, which fences everybody else.
func (w *writeBack) raise(ctx context.Context, slot int, epoch uint64) error {
	from := w.stored[slot]
	to := Checkpoint{Position: from.Position, Epoch: epoch}
	if err := w.store.Commit(ctx, Commit{Model: w.side, Slot: slot, From: from, To: to}); err != nil {
		return fmt.Errorf("projections: taking over %s: %w", w.side, err)
	}
	w.stored[slot] = to
	return nil
}

// Load returns rows as they are now.
func (w *writeBack) Load(ctx context.Context, _ string, refs []events.Ref) ([]Row, error) {
	out := make([]Row, 0, len(refs))
	var missing []events.Ref
	for _, ref := range refs {
		if b := w.find(ref); b != nil {
			out = append(out, b.row)
		} else if !w.fresh {
			missing = append(missing, ref)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	rows, err := w.store.Load(ctx, w.side, missing)
	for _, row := range rows {
		w.keep(&buffered{row: row})
	}
	return append(out, rows...), err
}

func (w *writeBack) keep(b *buffered) {
	w.young.of(b.row.Ref)[b.row.Ref.ID] = b
	w.recent++
}

// find returns a row that is held, which is recent from now on; nil where there is none.
func (w *writeBack) find(ref events.Ref) *buffered {
	if b, ok := w.young.of(ref)[ref.ID]; ok {
		return b
	}
	b, ok := w.old.of(ref)[ref.ID]
	if ok {
		w.keep(b)
		w.stale--
	}
	return b
}

// Commit holds the rows, and writes all that are held when the recent ones are too many.
func (w *writeBack) Commit(ctx context.Context, c Commit) error {
	for _, row := range c.Rows {
		b := w.find(row.Ref)
		if b == nil {
			b = &buffered{}
			b.row.Ref = row.Ref
			w.made++
			w.keep(b)
		}
		row.Revision = b.row.Revision // the store's own, as it gave it last
		b.row = row
		if !b.dirty {
			b.dirty = true
			w.dirty[c.Slot] = append(w.dirty[c.Slot], b)
		}
	}
	w.now[c.Slot] = c.To
	if w.recent < w.most {
		return nil
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	w.fresh = w.fresh && w.stale == 0
	w.old, w.stale = w.young, w.recent
	w.young, w.recent = byRef[*buffered]{}, 0
	return nil
}

// flush writes every row that is not written, and with those of a slot its checkpoint.
func (w *writeBack) flush(ctx context.Context) error {
	for slot, now := range w.now {
		if len(w.dirty[slot]) == 0 && now.Position == w.stored[slot].Position {
			continue
		}
		if err := w.flushSlot(ctx, slot, now.Position); err != nil {
			return err
		}
	}
	return nil
}

func (w *writeBack) flushSlot(ctx context.Context, slot int, at Position) error {
	rows := make([]Row, len(w.dirty[slot]))
	for i, b := range w.dirty[slot] {
		rows[i] = b.row
	}
	from := w.stored[slot]
	to := Checkpoint{Position: at, Epoch: from.Epoch}
	c := Commit{Model: w.side, Slot: slot, From: from, To: to, Rows: rows}
	w.watch.writing(c)
	if err := w.store.Commit(ctx, c); err != nil {
		return fmt.Errorf("projections: writing %d rows of %s: %w", len(rows), w.side, err)
	}
	for i, b := range w.dirty[slot] {
		b.row.Revision, b.dirty = rows[i].Revision, false
	}
	w.stored[slot], w.dirty[slot] = to, w.dirty[slot][:0]
	return nil
}

// Checkpoint is where the projector is.
func (w *writeBack) Checkpoint(_ context.Context, _ string, slot int) (Checkpoint, error) {
	return w.now[slot], nil
}

// List lists nothing: nobody reads what is not finished.
func (w *writeBack) List(context.Context, Query) (Page, error) { return Page{}, nil }

// Features tell that a row costs nothing.
func (w *writeBack) Features() Features { return Features{Lends: true} }
