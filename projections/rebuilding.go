package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// rebuild is one under way.
type rebuild struct {
	gens   *Generations
	sides  *sides
	cfg    RebuildConfig
	model  AnyModel // as it is folded
	points pointer
	live   string // side that is compared with
	spare  string // side that is folded
	write  *writeBack
	report RebuildReport
}

// run folds, compares and swaps.
func (r *rebuild) run(ctx context.Context) error {
	if err := r.drop(ctx, r.spare); err != nil { // what an earlier rebuild left
		return err
	}
	if err := r.gens.prepare(ctx, r.model, r.spare); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	return r.meet(ctx, func(at map[int]Checkpoint) error { return r.judge(ctx, at) })
}

// drop forgets a side that nobody uses.
func (r *rebuild) drop(ctx context.Context, side string) error {
	f, err := r.gens.forgetter()
	if err != nil {
		return err
	}
	if err := f.Forget(ctx, side); err != nil {
		return fmt.Errorf("projections: forgetting %s: %w", side, err)
	}
	return nil
}

// open takes over the side that is folded.
func (r *rebuild) open(ctx context.Context) (err error) {
	r.write, err = openWriteBack(ctx, r.gens.store, r.spare, r.cfg.Slots, r.cfg.Rows)
	return err
}

// rounds is how often it is tried to find the live side at rest.
const rounds = 5

// meet brings the folded side to where the live one stands, first while that goes on and then while it waits, and does
// something with both. It begins again where somebody else, whom nothing keeps waiting, moved the live side meanwhile.
func (r *rebuild) meet(ctx context.Context, do func(map[int]Checkpoint) error) error {
	for range rounds {
		at, err := r.goal(ctx)
		if err == nil {
			err = r.advance(ctx, at)
		}
		if err == nil {
			err = r.held(ctx, do)
		}
		if !errors.Is(err, ErrMoving) {
			return err
		}
	}
	return ErrMoving
}

// held does something while no commit of this process moves the live side.
func (r *rebuild) held(ctx context.Context, do func(map[int]Checkpoint) error) error {
	r.sides.gate.Lock()
	defer r.sides.gate.Unlock()
	at, err := r.goal(ctx)
	if err != nil {
		return err
	}
	if err := r.advance(ctx, at); err != nil {
		return err
	}
	return do(at)
}

// checkpoints are those of a side.
func (r *rebuild) checkpoints(ctx context.Context, side string) (map[int]Checkpoint, error) {
	at := map[int]Checkpoint{}
	for slot := range r.cfg.Slots {
		c, err := r.gens.store.Checkpoint(ctx, side, slot)
		if err != nil {
			return nil, fmt.Errorf("projections: checkpoint of %s: %w", side, err)
		}
		at[slot] = c
	}
	return at, nil
}

// blank tells that nothing was ever committed to any slot.
func blank(at map[int]Checkpoint) bool {
	for _, c := range at {
		if c.Position.Seq > 0 {
			return false
		}
	}
	return true
}

// goal is where the live side stands; the end of the log where it never began.
func (r *rebuild) goal(ctx context.Context) (map[int]Checkpoint, error) {
	at, err := r.checkpoints(ctx, r.live)
	if err != nil || !blank(at) {
		r.report.Compared = err == nil
		return at, err
	}
	head, err := r.cfg.Log.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("projections: looking for the end of the log: %w", err)
	}
	for slot, c := range at {
		c.Position = head
		at[slot] = c
	}
	return at, nil
}

// advance folds every slot up to its goal, those of one goal together, and writes what is folded.
func (r *rebuild) advance(ctx context.Context, at map[int]Checkpoint) error {
	goals := map[Seq][]int{}
	for slot, c := range at {
		switch here := r.write.now[slot].Position.Seq; {
		case here > c.Position.Seq:
			return ErrMoving // the live side went back
		case here < c.Position.Seq:
			goals[c.Position.Seq] = append(goals[c.Position.Seq], slot)
		}
		r.report.Seq = max(r.report.Seq, c.Position.Seq)
	}
	for _, seq := range slices.Sorted(maps.Keys(goals)) {
		slots := goals[seq]
		if err := r.fold(ctx, slots, at[slots[0]].Position); err != nil {
			return err
		}
	}
	return r.write.flush(ctx)
}

// fold folds some slots up to a record.
func (r *rebuild) fold(ctx context.Context, slots []int, end Position) error {
	log, err := newBounded(ctx, r.cfg.Log, end, func(seq Seq) { r.tell("fold", seq, end.Seq) })
	if err != nil {
		return err
	}
	p, err := New(Config{Log: log, Store: r.write, Models: []AnyModel{r.model}, Slots: r.cfg.Slots, Hold: slots})
	if err != nil {
		return err
	}
	if err := p.Run(ctx); !errors.Is(err, errReached) {
		return err
	}
	for _, slot := range slots {
		c := r.write.now[slot]
		c.Position = end
		r.write.now[slot] = c
	}
	return nil
}

func (r *rebuild) tell(phase string, done, of Seq) {
	if r.cfg.Progress != nil {
		r.cfg.Progress(RebuildProgress{Model: r.cfg.Model, Phase: phase, Done: done, Of: of})
	}
}

// judge compares both sides and swaps them if it may. The live one is at rest, if nobody else writes it.
func (r *rebuild) judge(ctx context.Context, at map[int]Checkpoint) error {
	r.tell("compare", r.report.Seq, r.report.Seq)
	equal, err := r.compare(ctx, at)
	switch {
	case err != nil:
		return err
	case r.cfg.DryRun && (equal || r.cfg.AcceptDifferences):
		return nil
	case equal || r.cfg.AcceptDifferences:
		r.tell("swap", r.report.Seq, r.report.Seq)
		return r.swap(ctx, at)
	case r.model.ID() == r.sides.model.ID():
		return fmt.Errorf("%w: %d of %d resources, though the model's version is the same: either rows of the live side were damaged, or the model changed and its Version was not raised",
			ErrDifferent, r.report.Different, max(r.report.LiveRows, r.report.RebuiltRows))
	}
	return fmt.Errorf("%w: %d of %d resources: look at them, and accept the differences if they are meant",
		ErrDifferent, r.report.Different, max(r.report.LiveRows, r.report.RebuiltRows))
}

// compare compares all rows of both sides. A side that never began has none.
func (r *rebuild) compare(ctx context.Context, at map[int]Checkpoint) (equal bool, err error) {
	live := sideRows{store: r.gens.store, side: r.live, model: r.sides.model.ready(), docs: r.cfg.As != nil}
	live.states = isSideOf(r.live, r.model.ID())
	rebuilt := live
	rebuilt.side, rebuilt.model = r.spare, r.model.ready()
	a, err := live.sum(ctx)
	if err != nil {
		return false, err
	}
	b, err := rebuilt.sum(ctx)
	if err != nil {
		return false, err
	}
	r.report.LiveRows, r.report.LiveDigest = a.rows, a.digest.String()
	r.report.RebuiltRows, r.report.RebuiltDigest = b.rows, b.digest.String()
	now, err := r.checkpoints(ctx, r.live)
	if err != nil {
		return false, err
	}
	switch {
	case !r.report.Compared:
		return true, nil
	case !maps.EqualFunc(at, now, sameCheckpoint), a.digest != b.digest && a.newest > r.report.Seq:
		return false, ErrMoving // rows may be ahead of their checkpoint in a store that is not Atomic
	case a == b:
		return true, nil
	}
	r.report.Differences, r.report.Different, err = compare(ctx, live, rebuilt, r.cfg.Differences)
	return false, err
}

// sameCheckpoint compares what fences.
func sameCheckpoint(a, b Checkpoint) bool {
	return a.Position.Seq == b.Position.Seq && a.Epoch == b.Epoch
}

// swap makes the folded side live, by one compare-and-set, and fences whoever still writes the other one. at is where both
// stand; nil: the folded side is written by others.
func (r *rebuild) swap(ctx context.Context, at map[int]Checkpoint) error {
	epochs, of := map[int]uint64{}, Position{}
	for slot, c := range at {
		epochs[slot] = max(r.write.stored[slot].Epoch, c.Epoch) + 1 // whoever comes from the other side is fenced
		if err := r.write.raise(ctx, slot, epochs[slot]); err != nil {
			return err
		}
		of = c.Position
	}
	if err := r.point(ctx, epochs, of); err != nil {
		return err
	}
	r.report.Swapped = true
	shown := r.gens.publish(ctx, r.model, r.spare)
	if shown != nil {
		shown = fmt.Errorf("%w: %w", ErrNotShown, shown)
	}
	for slot := range at {
		shown = cmp.Or(shown, r.fence(ctx, slot))
	}
	if gone := r.points.previous; gone != "" && gone != r.spare && gone != r.live {
		shown = cmp.Or(shown, r.drop(ctx, gone))
	}
	return shown
}

// point moves the pointer.
func (r *rebuild) point(ctx context.Context, epochs map[int]uint64, of Position) error {
	s := r.sides
	s.asking.Lock()
	defer s.asking.Unlock()
	p, err := r.points.write(ctx, r.gens.store, s.model, r.spare, r.live, of)
	if err != nil {
		return err
	}
	s.swapped(p, epochs)
	return nil
}

// fence ends the work of a projector of another process on the side that is not live any more: it begins again, and finds
// the one that is.
func (r *rebuild) fence(ctx context.Context, slot int) error {
	for {
		from, err := r.gens.store.Checkpoint(ctx, r.live, slot)
		if err != nil {
			return fmt.Errorf("projections: checkpoint of %s: %w", r.live, err)
		}
		to := Checkpoint{Position: from.Position, Epoch: from.Epoch + 1}
		err = r.gens.store.Commit(ctx, Commit{Model: r.live, Slot: slot, From: from, To: to})
		if !errors.Is(err, ErrFenced) {
			return err
		}
	}
}
