package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// RebuildConfig says what is folded anew, and what becomes of it.
type RebuildConfig struct {
	Log   Log
	Model string // its plural name
	// As is how the new side is folded, where that is not as the Generations were told: another version, which programs of
	// that version serve after the swap. nil: as they were told.
	As AnyModel
	// Slots is that of the projectors that fold the model. 0: one slot.
	Slots int
	// DryRun compares and swaps nothing.
	DryRun bool
	// AcceptDifferences swaps although the sides differ: an operator has looked at the differences and wants them.
	AcceptDifferences bool
	// Differences is how many of them are listed at most. 0: 20.
	Differences int
	// Rows is how many rows are held in memory, each of which is written once for all of its records: the last that records
	// came for, this many at least and twice as many at most. 0: 100,000, some 60 to 120 MB where there are so many.
	Rows int
	// Progress hears how far it has come, after every batch of the log; nil: nobody.
	Progress func(RebuildProgress)
}

// The defaults of a RebuildConfig.
const (
	DefaultRebuildDifferences = 20
	DefaultRebuildRows        = 100_000
)

// RebuildProgress says how far a rebuild has come.
type RebuildProgress struct {
	Model string `json:"model"`
	// Phase is "fold"; "read", while rows of both sides are compared; "compare", of what was written since, for which commits
	// wait; or "swap". In the first two everything goes on.
	Phase string `json:"phase"`
	Done  Seq    `json:"done"` // log sequence that is folded; "read": rows
	Of    Seq    `json:"of"`   // log sequence of the live side, which it is to reach; "read": rows, about
}

// RebuildReport says what a rebuild found and did.
type RebuildReport struct {
	Model   string `json:"model"`
	Live    string `json:"live"`    // side that was live
	Rebuilt string `json:"rebuilt"` // side that was folded
	Seq     Seq    `json:"seq"`     // log sequence at which both stand
	// Compared tells that there was something to compare with. The digests are then those of both sides at Seq.
	Compared      bool         `json:"compared"`
	LiveRows      int          `json:"live_rows"`
	RebuiltRows   int          `json:"rebuilt_rows"`
	LiveDigest    string       `json:"live_digest"`
	RebuiltDigest string       `json:"rebuilt_digest"`
	Different     int          `json:"different"`   // resources
	Differences   []Difference `json:"differences"` // the first of them
	Swapped       bool         `json:"swapped"`
}

// What can end a rebuild. The live side is then as it was, but for the last one.
var (
	// ErrDifferent says that the rebuilt side is not equal to the live one, so that nothing was swapped (law 10).
	ErrDifferent = errors.New("projections: the rebuilt side differs from the live one and was not made live")
	// ErrRebuilding says that another rebuild of the model is under way.
	ErrRebuilding = errors.New("projections: the model is being rebuilt already: wait for it to end")
	// ErrMoving says that somebody else goes on writing the live side.
	ErrMoving = errors.New("projections: another process writes the live side, so that it cannot be compared: rebuild in that process, or stop it")
	// ErrNoPrevious says that there is no side to go back to.
	ErrNoPrevious = errors.New("projections: there is no side to go back to: rebuild instead")
	// ErrNotShown says that the swap is done, but what the store shows others by itself is still the old side.
	ErrNotShown = errors.New("projections: the sides are swapped, but the store still shows the old one: it is tried again at every Refresh")
)

// Rebuild folds a model from the beginning of the log into a side of its own, beside the live one and without disturbing it,
// brings it to the same log sequence, and compares all rows: their stored bytes, sequences and secondary keys, and their
// documents where they are folded by different code. Sides that are equal are swapped at one instant; differences are
// listed, and block that (law 10). The old side stays, for [Generations.Rollback], until the next swap.
//
// Nothing that it folds is told to anybody: facts of the past were told by the live side. Rows are compared while the live side
// goes on; commits of this process wait only while those are compared that were written meanwhile, and where something
// differs, which is read once more. Where another process writes the live side all rows are compared at rest. A hash of every
// row is kept in memory, about 100 bytes for each resource. A rebuild that ended in the middle is begun anew; one that
// begins in another process ends this one.
//
// Errors: ErrDifferent, with the report; ErrRebuilding, ErrMoving, ErrForget, ErrNotShown, ErrModel, the store's and the log's.
func (g *Generations) Rebuild(ctx context.Context, c RebuildConfig) (RebuildReport, error) {
	r, err := g.begin(ctx, c)
	if err != nil {
		return RebuildReport{Model: c.Model}, err
	}
	defer r.sides.build.Unlock()
	err = r.run(ctx)
	if !r.report.Swapped {
		err = errors.Join(err, r.abandon(context.WithoutCancel(ctx)))
	}
	return r.report, err
}

// begin finds the sides, and locks the model against other rebuilds of this process.
func (g *Generations) begin(ctx context.Context, c RebuildConfig) (*rebuild, error) {
	s := g.byName[c.Model]
	if c.Log == nil || s == nil || c.Slots < 0 || c.Rows < 0 || c.Differences < 0 {
		return nil, fmt.Errorf("%w: a rebuild needs a Log, a Model that the Generations know, and no negative number", ErrModel)
	}
	r := &rebuild{gens: g, sides: s, cfg: c, model: s.model, phase: "fold"}
	if c.As != nil {
		r.model = c.As
	}
	if r.model.Plural() != c.Model || r.model.Singular() != s.model.Singular() {
		return nil, fmt.Errorf("%w: %s is to be rebuilt as a model of another name or kind", ErrModel, c.Model)
	}
	r.cfg.Slots, r.cfg.Rows = or(c.Slots, 1), or(c.Rows, DefaultRebuildRows)
	r.cfg.Differences = or(c.Differences, DefaultRebuildDifferences)
	if !s.build.TryLock() {
		return nil, ErrRebuilding
	}
	if err := r.look(ctx); err != nil {
		s.build.Unlock()
		return nil, err
	}
	return r, nil
}

// look finds where everything stands.
func (r *rebuild) look(ctx context.Context) error {
	p, err := r.gens.claim(ctx, r.sides)
	served := r.sides.model.ID()
	r.points, r.live, r.spare = p, p.compared(served), p.spare(r.model.ID(), served)
	r.report = RebuildReport{Model: r.cfg.Model, Live: r.live, Rebuilt: r.spare}
	return err
}

// Rollback makes the side live again that was live before the last swap, after bringing it to where the live one stands.
// Errors: ErrNoPrevious, ErrRebuilding, ErrMoving, ErrNotShown, the store's and the log's.
func (g *Generations) Rollback(ctx context.Context, c RebuildConfig) (RebuildReport, error) {
	r, err := g.begin(ctx, c)
	if err != nil {
		return RebuildReport{Model: c.Model}, err
	}
	defer r.sides.build.Unlock()
	r.spare = r.points.previous
	r.report.Rebuilt = r.spare
	if err := r.hasPrevious(ctx); err != nil || r.cfg.DryRun {
		return r.report, err
	}
	if r.spare == r.points.side(r.model.ID()) { // this program folds it already: it is of the version before
		err := r.swap(ctx, nil)
		return r.report, cmp.Or(err, r.leave(ctx))
	}
	if err := r.open(ctx); err != nil {
		return r.report, err
	}
	err = r.meet(ctx, func(at map[int]Checkpoint) error { return r.swap(ctx, at) })
	return r.report, err
}

// hasPrevious tells whether there is a side to go back to, and it is of a version that this program folds.
func (r *rebuild) hasPrevious(ctx context.Context) error {
	if !isSideOf(r.spare, r.model.ID()) {
		if r.spare == "" {
			return ErrNoPrevious
		}
		return fmt.Errorf("%w, or go back with the program that serves %s", ErrNoPrevious, r.spare)
	}
	stands, err := r.checkpoints(ctx, r.spare)
	if err == nil && blank(stands) {
		err = ErrNoPrevious
	}
	return err
}

// Discard forgets the side of a model, by its plural name, that was live before the last swap, which frees its room. A
// rollback is not possible any more. Errors: ErrNoPrevious, ErrRebuilding, ErrForget, ErrModel, the store's.
func (g *Generations) Discard(ctx context.Context, model string) error {
	s := g.byName[model]
	if s == nil {
		return fmt.Errorf("%w: no model is called %q", ErrModel, model)
	}
	if !s.build.TryLock() {
		return ErrRebuilding
	}
	defer s.build.Unlock()
	p, err := g.claim(ctx, s)
	if err != nil {
		return err
	}
	if p.previous == "" || p.previous == p.side(s.model.ID()) {
		return ErrNoPrevious
	}
	f, err := g.forgetter()
	if err != nil {
		return err
	}
	return f.Forget(ctx, p.previous)
}
