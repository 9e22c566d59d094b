package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// rebuild is one under way.
type rebuild struct {
	gens   *Generations
	sides  *sides
	cfg    RebuildConfig
	model  AnyModel // as it is folded
	points pointer
	live   string             // side that is compared with
	spare  string             // side that is folded
	stands map[int]Checkpoint // of the live side, as it was seen last
	write  *writeBack
	proof  *proof // nil: nothing is compared
	report RebuildReport
	left   []int  // slots of the side that was live, once it is not
	phase  string // of what is folded: "fold", or "compare" while commits wait for it
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
	r.proof = r.newProof()
	defer r.sides.watch.end()
	return r.meet(ctx, func(at map[int]Checkpoint) error { return r.judge(ctx, at) })
}

// newProof compares the live side with the one that is folded.
func (r *rebuild) newProof() *proof {
	live := sideRows{store: r.gens.store, side: r.live, model: r.sides.model.ready(), docs: r.cfg.As != nil}
	live.states = isSideOf(r.live, r.model.ID())
	rebuilt := live
	rebuilt.side, rebuilt.model = r.spare, r.model.ready()
	return newProof(live, rebuilt)
}

// abandon forgets what was folded, unless another process has begun since: then it is folding that side itself.
func (r *rebuild) abandon(ctx context.Context) error {
	p, err := readPointer(ctx, r.gens.store, r.sides.model)
	if err != nil || !sameCheckpoint(p.at, r.points.at) {
		return err
	}
	return r.drop(ctx, r.spare)
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

// open takes over the side that is folded, with epochs after those of the live one: whoever comes from there once this one
// is live is fenced.
func (r *rebuild) open(ctx context.Context) error {
	live, err := r.checkpoints(ctx, r.live)
	if err != nil {
		return err
	}
	r.write, err = openWriteBack(ctx, r.gens.store, r.spare, live, r.cfg.Rows)
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
		if err == nil && r.proof != nil {
			err = r.approach(ctx)
		}
		if err == nil {
			err = r.held(ctx, do)
		}
		if !errors.Is(err, ErrMoving) {
			return cmp.Or(err, r.leave(ctx))
		}
	}
	return ErrMoving
}

// approach compares both sides while the live one goes on, so that commits wait only for what is written in the end.
func (r *rebuild) approach(ctx context.Context) error {
	if err := r.beginWatch(ctx); err != nil {
		return err
	}
	r.tellRead()
	if err := r.proof.all(ctx, r.tellRead); err != nil {
		return err
	}
	for range rounds {
		at, err := r.goal(ctx)
		if err == nil {
			err = r.advance(ctx, at)
		}
		if err != nil {
			return err
		}
		r.sides.gate.Lock() // so that what is under way was written
		changed := r.changed()
		r.sides.gate.Unlock()
		if err := r.proof.again(ctx, changed); err != nil || len(changed) < pageOfRows {
			return err
		}
	}
	return nil
}

// beginWatch notes what is written to both sides from now on.
func (r *rebuild) beginWatch(ctx context.Context) error {
	r.sides.gate.Lock()
	defer r.sides.gate.Unlock()
	at, err := r.checkpoints(ctx, r.live)
	if err == nil {
		r.sides.watch.begin(r.live, at)
		r.write.watch.begin(r.spare, nil)
	}
	return err
}

// changed names the resources that were written, on either side, since it was asked last.
func (r *rebuild) changed() []events.Ref {
	rows := r.sides.watch.take()
	maps.Copy(rows, r.write.watch.take())
	return slices.Collect(maps.Keys(rows))
}

// held does something while no commit of this process moves the live side.
func (r *rebuild) held(ctx context.Context, do func(map[int]Checkpoint) error) error {
	r.sides.gate.Lock()
	defer r.sides.gate.Unlock()
	r.phase = "compare"
	defer func() { r.phase = "fold" }()
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
	r.stands = maps.Clone(at)
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
	log, err := newBounded(ctx, r.cfg.Log, end, func(seq Seq) { r.tell(r.phase, seq, end.Seq) })
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

// tellRead tells how many rows were read, of those of both sides: the live one is expected to have as many as the other.
func (r *rebuild) tellRead() {
	of := max(2*r.write.made, r.proof.read)
	r.tell("read", Seq(r.proof.read), Seq(of))
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

// compare compares both sides, of which the live one waits. A side that never began has no rows.
func (r *rebuild) compare(ctx context.Context, at map[int]Checkpoint) (equal bool, err error) {
	alone := r.sides.watch.alone(r.stands)
	if alone {
		err = r.proof.again(ctx, r.changed())
	}
	if err == nil && (!alone || r.report.Compared && !r.proof.equal()) { // what was found to differ is read again before it is believed
		err = r.proof.all(ctx, func() {})
	}
	if err != nil {
		return false, err
	}
	p := r.proof
	r.report.LiveRows, r.report.LiveDigest = p.rows[liveSide], p.sums[liveSide].String()
	r.report.RebuiltRows, r.report.RebuiltDigest = p.rows[rebuiltSide], p.sums[rebuiltSide].String()
	now, err := r.checkpoints(ctx, r.live)
	switch {
	case err != nil:
		return false, err
	case !r.report.Compared:
		return true, nil
	case !maps.EqualFunc(at, now, sameCheckpoint), !p.equal() && p.newest > r.report.Seq:
		return false, ErrMoving // rows may be ahead of their checkpoint in a store that is not Atomic
	case p.equal():
		return true, nil
	}
	r.report.Different = p.unequal
	r.report.Differences, err = p.differences(ctx, r.cfg.Differences)
	return false, err
}

// sameCheckpoint compares what fences.
func sameCheckpoint(a, b Checkpoint) bool {
	return a.Position.Seq == b.Position.Seq && a.Epoch == b.Epoch
}

// swap makes the folded side live, by one compare-and-set. at is where both stand; nil: the folded side is written by
// others.
func (r *rebuild) swap(ctx context.Context, at map[int]Checkpoint) error {
	epochs, of := map[int]uint64{}, Position{}
	for slot, c := range at {
		if r.write.stored[slot].Epoch <= c.Epoch { // somebody took the live side over since this one was opened
			if err := r.write.raise(ctx, slot, c.Epoch+1); err != nil {
				return err
			}
		}
		epochs[slot], of = r.write.stored[slot].Epoch, c.Position
	}
	if err := r.point(ctx, epochs, of); err != nil {
		return err
	}
	r.report.Swapped = true
	r.left = slices.Sorted(maps.Keys(at))
	return nil
}

// leave does after a swap what no commit has to wait for: it fences whoever still writes the side that was live, shows the
// other one, and drops the one that was there before.
func (r *rebuild) leave(ctx context.Context) error {
	if !r.report.Swapped {
		return nil
	}
	var failed error
	for _, slot := range r.left {
		failed = cmp.Or(failed, r.fence(ctx, slot))
	}
	if err := r.gens.publish(ctx, r.sides, r.model, r.spare); err != nil {
		failed = fmt.Errorf("%w: %w", ErrNotShown, err)
	}
	if gone := r.points.previous; gone != "" && gone != r.spare && gone != r.live {
		failed = cmp.Or(failed, r.drop(ctx, gone))
	}
	return failed
}

// point moves the pointer.
func (r *rebuild) point(ctx context.Context, epochs map[int]uint64, of Position) error {
	s := r.sides
	if err := s.asking.lock(ctx); err != nil {
		return err
	}
	defer s.asking.unlock()
	p, err := r.points.write(ctx, r.gens.store, s.model, r.spare, r.live, of)
	if errors.Is(err, ErrFenced) {
		err = fmt.Errorf("%w (%w)", ErrRebuilding, err)
	}
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
