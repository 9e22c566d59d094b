package projections

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hookfold/hookfold/events"
)

// Generations is a Store that keeps sides of every model in another one, and shows one of them: the live side.
// [Generations.Rebuild] folds another side beside it and makes that live. Give it to projectors, readers and everything else
// in place of the store that it wraps, and nobody else has to know of sides. Other models than its own pass through.
//
// Which side is live stands in the store, so every process finds it: when a projector begins, and at every Refresh.
// All methods are safe for all goroutines.
type Generations struct {
	store  Store
	byID   map[string]*sides
	byName map[string]*sides
}

var _ Store = (*Generations)(nil)

// Forgetter is a Store that can begin a model anew.
type Forgetter interface {
	// Forget deletes all rows and checkpoints of models, named as their ID gives them.
	Forget(ctx context.Context, models ...string) error
}

// Publisher is a Store that shows documents by other means than the port, such as tables that others join.
type Publisher interface {
	// Prepare makes the store ready to show the documents of a model, whose ID is that of the side.
	Prepare(ctx context.Context, m AnyModel) error
	// Publish shows them under the model's plural name, in place of those of another side or version.
	Publish(ctx context.Context, m AnyModel) error
	// Published tells whose documents are shown under the model's plural name, by the ID that Publish was given; "" where
	// there are none.
	Published(ctx context.Context, m AnyModel) (string, error)
}

// ErrSwapped says that another side of the model became live: begin again from the store. It comes with ErrFenced.
var ErrSwapped = errors.New("projections: another side of the read model is live now")

// sides are those of one model.
type sides struct {
	model AnyModel
	gate  sync.RWMutex // commits hold it for reading; who compares and swaps keeps them out
	build sync.Mutex   // held by the one rebuild of this process
	watch watch        // of the side that a rebuild compares with

	asking  latch  // held from reading or writing the pointer until it is remembered
	showing latch  // held while it is looked what the store shows, and changed
	shown   string // side that the store was seen to show

	mu     sync.Mutex
	known  bool
	points pointer
	since  map[int]uint64 // epochs that the live side had when it became live in this process, by slot
}

// NewGenerations wraps a store for the models that this process folds and reads. Two of one name panic.
func NewGenerations(store Store, models ...AnyModel) *Generations {
	g := &Generations{store: store, byID: map[string]*sides{}, byName: map[string]*sides{}}
	for _, m := range models {
		if g.byName[m.Plural()] != nil {
			panic(fmt.Errorf("%w: model %q is given twice", ErrModel, m.Plural()))
		}
		s := &sides{model: m, asking: make(latch, 1), showing: make(latch, 1)}
		g.byID[m.ID()], g.byName[m.Plural()] = s, s
	}
	return g
}

// Load returns the rows of the live side that exist.
func (g *Generations) Load(ctx context.Context, model string, refs []events.Ref) ([]Row, error) {
	side, err := g.side(ctx, model)
	if err != nil {
		return nil, err
	}
	return g.store.Load(ctx, side, refs)
}

// Commit stores rows and checkpoint on the live side. It waits while sides are compared and swapped, and is then ErrSwapped.
func (g *Generations) Commit(ctx context.Context, c Commit) error {
	s := g.byID[c.Model]
	if s == nil {
		return g.store.Commit(ctx, c)
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	side, err := g.side(ctx, c.Model)
	if err != nil {
		return err
	}
	c.Model = side
	s.watch.writing(c)
	err = g.store.Commit(ctx, c)
	if err == nil {
		s.watch.written(c)
	}
	if errors.Is(err, ErrFenced) && s.swappedSince(c) {
		return fmt.Errorf("%w: %w", ErrSwapped, err)
	}
	return err
}

// Checkpoint returns where a slot of the live side stands. It asks the store anew which side that is.
func (g *Generations) Checkpoint(ctx context.Context, model string, slot int) (Checkpoint, error) {
	if s := g.byID[model]; s != nil {
		if err := g.refresh(ctx, s); err != nil {
			return Checkpoint{}, err
		}
	}
	side, err := g.side(ctx, model)
	if err != nil {
		return Checkpoint{}, err
	}
	return g.store.Checkpoint(ctx, side, slot)
}

// List returns a page of rows of the live side. After a swap a cursor may be ErrCursor.
func (g *Generations) List(ctx context.Context, q Query) (Page, error) {
	side, err := g.side(ctx, q.Model)
	if err != nil {
		return Page{}, err
	}
	q.Model = side
	return g.store.List(ctx, q)
}

// Features are those of the store.
func (g *Generations) Features() Features { return g.store.Features() }

// Forget deletes all sides of models, named as their ID gives them, and what is known of them. They are folded anew from
// the log, by projectors that begin afterwards; a store that shows documents shows them from the next Refresh on. Errors:
// ErrForget, and the store's.
func (g *Generations) Forget(ctx context.Context, models ...string) error {
	for _, model := range models {
		if err := g.forget(ctx, model); err != nil {
			return err
		}
	}
	return nil
}

func (g *Generations) forget(ctx context.Context, model string) error {
	f, err := g.forgetter()
	s := g.byID[model]
	if err != nil || s == nil {
		return errors.Join(err, forgetOne(ctx, f, model))
	}
	s.gate.Lock()
	defer s.gate.Unlock()
	if err := s.asking.lock(ctx); err != nil {
		return err
	}
	defer s.asking.unlock()
	if err := f.Forget(ctx, append(sidesOf(model), pointerOf(s.model))...); err != nil {
		return fmt.Errorf("projections: forgetting %s: %w", model, err)
	}
	s.set(pointer{})
	return nil
}

// forgetOne forgets a model that has no sides.
func forgetOne(ctx context.Context, f Forgetter, model string) error {
	if f == nil {
		return nil
	}
	return f.Forget(ctx, model)
}

// ErrForget says that a store cannot begin a model anew, which a rebuild needs.
var ErrForget = errors.New("projections: this store cannot forget a model: it needs a method Forget")

func (g *Generations) forgetter() (Forgetter, error) {
	f, ok := g.store.(Forgetter)
	if !ok {
		return nil, ErrForget
	}
	return f, nil
}

// Refresh asks the store which sides are live, and makes it show them where it does not: who swapped them may have ended
// before. Call it at the start, and now and then: another process may swap them, which who only reads does not notice by
// itself, and who projects does at the next commit. Errors: ErrNotShown, after which everything else goes on; the store's.
func (g *Generations) Refresh(ctx context.Context) error {
	var unseen []error
	for _, s := range g.byID {
		if err := g.refresh(ctx, s); err != nil {
			return err
		}
		unseen = append(unseen, g.show(ctx, s))
	}
	return errors.Join(unseen...)
}

// Live tells whether the live side of a model, named as its ID gives it, is one of this version. Where it is not, another
// version of the program serves the model, and this one folds beside it: it must tell nobody of what it finds.
func (g *Generations) Live(ctx context.Context, model string) (bool, error) {
	s := g.byID[model]
	if s == nil {
		return true, nil
	}
	p, err := g.points(ctx, s)
	return err == nil && (p.live == "" || isSideOf(p.live, model)), err
}

// side is the name under which the store keeps the live side of a model.
func (g *Generations) side(ctx context.Context, model string) (string, error) {
	s := g.byID[model]
	if s == nil {
		return model, nil
	}
	p, err := g.points(ctx, s)
	return p.side(model), err
}
