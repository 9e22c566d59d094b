package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// pointer says which side of a model is live. It is kept as a checkpoint without rows, of a model of its own: Seq counts
// the swaps, Stream holds the names of both sides with a blank between, the times are those of the log record at which
// the sides were compared, and Epoch counts who began to work on the sides. So every Store keeps it, swaps it by the
// compare-and-set that it has for checkpoints, and refuses whoever began before the last who did.
type pointer struct {
	live, previous string // "": no side was ever swapped
	at             Checkpoint
}

// sidesOf names the sides of a model: the live one, the one before, and one to fold anew. The first has the name that rows
// always had.
func sidesOf(model string) []string { return []string{model, model + "_green", model + "_red"} }

// isSideOf tells whether a side is one of a version.
func isSideOf(side, model string) bool { return slices.Contains(sidesOf(model), side) }

// pointerOf is the name under which a model's pointer is kept. No model's ID ends so.
func pointerOf(m AnyModel) string { return m.Plural() + "_live" }

// side is that which a program of a version folds and reads: the live one, or else what it left, or else a new one.
func (p pointer) side(model string) string {
	for _, side := range []string{p.live, p.previous} {
		if isSideOf(side, model) {
			return side
		}
	}
	return model
}

// compared is the side that readers have now, for a program of a version.
func (p pointer) compared(model string) string { return cmp.Or(p.live, model) }

// spare is the side of a version that nobody uses, nor can go back to, when another version, or the same, is served.
func (p pointer) spare(model, served string) string {
	return sidesOf(model)[slices.IndexFunc(sidesOf(model), func(side string) bool {
		return side != p.live && side != p.previous && side != p.side(served)
	})]
}

// readPointer reads it from a store.
func readPointer(ctx context.Context, store Store, m AnyModel) (pointer, error) {
	c, err := store.Checkpoint(ctx, pointerOf(m), 0)
	if err != nil {
		return pointer{}, fmt.Errorf("projections: which side of %s is live: %w", m.Plural(), err)
	}
	p := pointer{at: c}
	p.live, p.previous, _ = strings.Cut(c.Position.Stream, " ")
	return p, nil
}

// write stores that another side is live, if the pointer still stands where it was read. Errors: ErrFenced.
func (p pointer) write(ctx context.Context, store Store, m AnyModel, live, previous string, of Position) (pointer, error) {
	to := Checkpoint{Epoch: p.at.Epoch, Position: of}
	to.Position.Stream, to.Position.Seq = live+" "+previous, p.at.Position.Seq+1
	if err := store.Commit(ctx, Commit{Model: pointerOf(m), From: p.at, To: to}); err != nil {
		return p, fmt.Errorf("projections: swapping the sides of %s: %w", m.Plural(), err)
	}
	return pointer{live: live, previous: previous, at: to}, nil
}

// claim begins work on the sides: whoever began before, in whatever process, cannot swap them any more. Errors: ErrRebuilding,
// where another process did so at this moment; the store's.
func (g *Generations) claim(ctx context.Context, s *sides) (pointer, error) {
	if err := g.refresh(ctx, s); err != nil {
		return pointer{}, err
	}
	p, err := g.points(ctx, s)
	if err != nil {
		return p, err
	}
	if err := s.asking.lock(ctx); err != nil {
		return p, err
	}
	defer s.asking.unlock()
	from := p.at
	p.at.Epoch++
	err = g.store.Commit(ctx, Commit{Model: pointerOf(s.model), From: from, To: p.at})
	if errors.Is(err, ErrFenced) {
		err = fmt.Errorf("%w (%w)", ErrRebuilding, err)
	}
	if err != nil {
		return p, fmt.Errorf("projections: working on the sides of %s: %w", s.model.Plural(), err)
	}
	s.set(p)
	return p, nil
}

// points is where the pointer stands, as far as this process knows.
func (g *Generations) points(ctx context.Context, s *sides) (pointer, error) {
	s.mu.Lock()
	p, known := s.points, s.known
	s.mu.Unlock()
	if known {
		return p, nil
	}
	if err := g.refresh(ctx, s); err != nil {
		return pointer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.points, nil
}

// refresh asks the store where the pointer stands.
func (g *Generations) refresh(ctx context.Context, s *sides) error {
	if err := s.asking.lock(ctx); err != nil {
		return err
	}
	defer s.asking.unlock()
	p, err := readPointer(ctx, g.store, s.model)
	if err != nil {
		return err
	}
	s.mu.Lock()
	news := !s.known || s.points != p
	s.mu.Unlock()
	if side := p.side(s.model.ID()); news && side != s.model.ID() {
		if err := g.prepare(ctx, s.model, side); err != nil {
			return err
		}
	}
	s.set(p)
	return nil
}

// set remembers where the pointer stands.
func (s *sides) set(p pointer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.points, s.known = p, true
}

// swapped remembers with which epochs a side became live.
func (s *sides) swapped(p pointer, epochs map[int]uint64) {
	s.set(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = epochs
}

// swappedSince tells whether a commit comes from before the last swap.
func (s *sides) swappedSince(c Commit) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return c.From.Epoch < s.since[c.Slot]
}

// prepare makes a store that shows documents ready for a side.
func (g *Generations) prepare(ctx context.Context, m AnyModel, side string) error {
	if p, shows := g.store.(Publisher); shows {
		return p.Prepare(ctx, named{m, side})
	}
	return nil
}

// publish makes a store that shows documents show those of a side.
func (g *Generations) publish(ctx context.Context, s *sides, m AnyModel, side string) error {
	p, shows := g.store.(Publisher)
	if !shows {
		return nil
	}
	if err := s.showing.lock(ctx); err != nil {
		return err
	}
	defer s.showing.unlock()
	err := p.Publish(ctx, named{m, side})
	if err == nil {
		s.shown = side
	}
	return err
}

// show makes a store that shows documents show those of the live side, whatever ended whoever made it live. What another
// version left stays shown until a side of this one is made live. Errors: ErrNotShown.
func (g *Generations) show(ctx context.Context, s *sides) error {
	p, shows := g.store.(Publisher)
	points, err := g.points(ctx, s)
	live, id := points.compared(s.model.ID()), s.model.ID()
	if err != nil || !shows || !isSideOf(live, id) {
		return err
	}
	if err := s.showing.lock(ctx); err != nil {
		return err
	}
	defer s.showing.unlock()
	if s.shown == live {
		return nil
	}
	now, err := p.Published(ctx, s.model)
	if err == nil && now != live && (points.live != "" || isSideOf(now, id)) {
		now, err = live, p.Publish(ctx, named{s.model, live})
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotShown, err)
	}
	s.shown = now
	return nil
}

// named is a model under the name of one of its sides.
type named struct {
	AnyModel
	side string
}

// ID is the name of the side.
func (n named) ID() string { return n.side }

// latch is a lock for which nobody waits longer than for what it is wanted.
type latch chan struct{}

func (l latch) lock(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("projections: waiting for who asks the store for the live side: %w", ctx.Err())
	}
}

func (l latch) unlock() { <-l }
