package projections

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// Config says what a Projector folds, from where and into what.
type Config struct {
	Log    Log
	Store  Store
	Models []AnyModel
	// Slots splits the resources: this worker folds those whose slot, a hash modulo Slots, it holds. Every worker reads
	// the whole log. 0: one slot.
	Slots int
	// Hold lists the slots of this worker; nil: all of them.
	Hold []int
	// AtHand is how many resources of a model stay in memory from batch to batch, so that a store need not be asked for them
	// again: the last that records came for, this many at least and twice as many at most. A store that lends its rows makes
	// it needless. 0: 100,000, some 60 to 120 MB where there are so many.
	AtHand int
	// Observe is told what happens; nil: nobody.
	Observe Observer
	// Facts takes the transitions, before the commit that covers them; nil: nobody is told. Where Store is a Generations,
	// those of a version that is not live are not told: the live one tells them.
	Facts Facts
	// Retry is asked after every error that is not final; it waits as it sees fit and says whether to go on from the
	// store's checkpoint. attempt counts failures without a success in between, from 1. nil: never.
	Retry func(ctx context.Context, err error, attempt int) bool
	// Resumed is called whenever Run has taken over and reads on: at its start and after each wanted try, also where no record
	// is there to be committed. It is called from the goroutine of Run; nil: nobody wants to know.
	Resumed func()
}

// Observer is told what a projector does, once it is committed. Its methods are called from the goroutine of Run and must
// not block.
type Observer interface {
	// Folded tells what one record did at one model.
	Folded(model string, rec Record, did Effect)
	// Ignored tells of a record that no model folds.
	Ignored(rec Record)
	// Committed tells of a commit that the store took. c.Rows is valid only until it returns.
	Committed(c Commit)
	// Parked tells that a resource stands still.
	Parked(model string, ref events.Ref, p Parked)
}

// Effect is what one record did to its resource. It is valid until Folded returns.
type Effect struct {
	Fate        Fate
	Transitions []Transition
	// Verdicts are those of the lines that the record's instant gave when the record was folded in; none where it was not.
	// Later instants that a late record let fold again do not count.
	Verdicts Verdicts
}

// Verdicts counts lines by their verdict.
type Verdicts [fsm.Noted + 1]uint32

// Projector folds a log into read models.
type Projector struct {
	cfg    Config
	slots  []int
	models []runner
	lends  bool // the store does
	most   int  // bytes of a state

	work []*workshop // one a model; made anew after every error
	turn uint64

	mu      sync.Mutex
	applied map[lane]Seq
	moved   chan struct{} // closed, and made anew, at every commit
}

// lane is one slot of one model: what has a checkpoint.
type lane struct {
	model string
	slot  int
}

// New checks a configuration as a whole and reports every problem at once.
func New(c Config) (*Projector, error) {
	p := &Projector{cfg: c, applied: map[lane]Seq{}, moved: make(chan struct{})}
	p.cfg.Slots, p.cfg.AtHand = or(c.Slots, 1), or(c.AtHand, handful)
	p.slots = c.Hold
	if p.slots == nil {
		for s := range p.cfg.Slots {
			p.slots = append(p.slots, s)
		}
	}
	if problems := p.cfg.problems(p.slots); len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrModel, strings.Join(problems, "; "))
	}
	for _, m := range c.Models {
		p.models = append(p.models, m.ready())
	}
	p.lends = c.Store.Features().Lends
	return p, nil
}

func (c Config) problems(hold []int) []string {
	var out []string
	if c.Log == nil || c.Store == nil {
		out = append(out, "Log and Store are needed")
	}
	if len(c.Models) == 0 {
		out = append(out, "at least one model is needed")
	}
	names := map[string]bool{}
	if c.Slots < 0 {
		out = append(out, fmt.Sprintf("Slots is %d, and cannot be negative", c.Slots))
	}
	if c.AtHand < 0 {
		out = append(out, fmt.Sprintf("AtHand is %d, and cannot be negative", c.AtHand))
	}
	for i, m := range c.Models {
		if m == nil {
			out = append(out, fmt.Sprintf("model %d is nil", i))
			continue
		}
		out = append(out, m.problems()...)
		if names[m.ID()] {
			out = append(out, fmt.Sprintf("model %q is given twice", m.ID()))
		}
		names[m.ID()] = true
	}
	if len(hold) == 0 {
		out = append(out, "Hold is empty: leave it nil for all slots")
	}
	out = append(out, c.factProblems()...)
	for _, s := range hold {
		if s < 0 || s >= c.Slots {
			out = append(out, fmt.Sprintf("slot %d is not one of %d", s, c.Slots))
		}
	}
	return out
}

// slotOf is the slot of a resource.
func slotOf(ref events.Ref, slots int) int {
	if slots == 1 {
		return 0
	}
	h := fnv.New64a()
	for _, s := range []string{ref.Source, ref.Kind, ref.ID} {
		_, _ = h.Write([]byte(s))
		_, _ = h.Write([]byte{0})
	}
	return int(h.Sum64() % uint64(slots))
}

// Run folds in the caller's goroutine until the context ends, whose error it then returns, or until an error that Retry
// does not want to try again. It may be called again afterwards, one call at a time, and goes on from the store's
// checkpoint.
func (p *Projector) Run(ctx context.Context) error {
	attempt := 0
	for {
		err := p.fromCheckpoints(ctx, func() { attempt = 0 })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		attempt++
		if final(err) || p.cfg.Retry == nil || !p.cfg.Retry(ctx, err, attempt) {
			return err
		}
	}
}

// final tells the errors that trying again cannot mend.
func final(err error) bool {
	for _, lasting := range []error{ErrRewound, ErrRecreated, ErrHole, events.ErrNewer} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	return false
}

// fromCheckpoints reads from the stored checkpoints on until something fails.
func (p *Projector) fromCheckpoints(ctx context.Context, progressed func()) error {
	p.work, p.most = p.work[:0], mostState(p.cfg.Store)
	for _, m := range p.models {
		p.work = append(p.work, newWorkshop(m, p.cfg.Slots, p.cfg.AtHand))
	}
	lanes, err := p.checkpoints(ctx)
	if err != nil {
		return err
	}
	cursor, err := p.open(ctx, lanes) // before the take-over: whoever has another log has no say here
	if err != nil {
		return fmt.Errorf("projections: opening the log: %w", err)
	}
	defer func() { _ = cursor.Close() }() // nothing to save: the checkpoint lives in the store
	if err := p.takeOver(ctx, lanes); err != nil {
		return err
	}
	p.publish(lanes) // not before: a store may find by the take-over that it lost rows, and begin again
	if p.cfg.Resumed != nil {
		p.cfg.Resumed()
	}
	for {
		recs, err := cursor.Next(ctx)
		if err != nil {
			return fmt.Errorf("projections: reading the log: %w", err)
		}
		if err := p.batch(ctx, recs, cursor.Position(), lanes); err != nil {
			return err
		}
		progressed()
	}
}

// checkpoints reads where every lane of this worker stands.
func (p *Projector) checkpoints(ctx context.Context) (map[lane]Checkpoint, error) {
	lanes := map[lane]Checkpoint{}
	for _, m := range p.models {
		for _, slot := range p.slots {
			c, err := p.cfg.Store.Checkpoint(ctx, m.ID(), slot)
			if err != nil {
				return nil, fmt.Errorf("projections: checkpoint of %s: %w", m.ID(), err)
			}
			lanes[lane{m.ID(), slot}] = c
		}
	}
	return lanes, nil
}

// takeOver raises the epoch of every lane, so that a worker that held it before cannot commit any more.
func (p *Projector) takeOver(ctx context.Context, lanes map[lane]Checkpoint) error {
	for _, m := range p.models {
		for _, slot := range p.slots {
			l := lane{m.ID(), slot}
			from := lanes[l]
			to := Checkpoint{Position: from.Position, Epoch: from.Epoch + 1}
			if err := p.cfg.Store.Commit(ctx, Commit{Model: l.model, Slot: slot, From: from, To: to}); err != nil {
				return fmt.Errorf("projections: taking over %s: %w", l.model, err)
			}
			lanes[l] = to
		}
	}
	return nil
}

// open reads the log from where every lane can go on. It is opened at every other lane's place first, because only so
// does it prove that it is the log that the lane has read: a lane that begins anew would begin in any log.
func (p *Projector) open(ctx context.Context, lanes map[lane]Checkpoint) (Cursor, error) {
	low := lowest(lanes)
	proven := map[Position]bool{low: true}
	for _, c := range lanes {
		if proven[c.Position] {
			continue
		}
		proven[c.Position] = true
		cursor, err := p.cfg.Log.Open(ctx, c.Position)
		if err != nil {
			return nil, err
		}
		_ = cursor.Close() // it was only to be opened
	}
	return p.cfg.Log.Open(ctx, low)
}

// lowest is the position from which every lane can go on.
func lowest(lanes map[lane]Checkpoint) Position {
	var low Position
	first := true
	for _, c := range lanes {
		if first || c.Position.Seq < low.Seq {
			low, first = c.Position, false
		}
	}
	return low
}

// publish tells waiters how far the lanes have come.
func (p *Projector) publish(lanes map[lane]Checkpoint) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l, c := range lanes {
		p.applied[l] = c.Position.Seq
	}
	close(p.moved)
	p.moved = make(chan struct{})
}

// Applied is the sequence up to which every lane of this worker has come.
func (p *Projector) Applied() Seq {
	seq, _ := p.progress()
	return seq
}

func (p *Projector) progress() (Seq, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var low Seq
	first := true
	for _, m := range p.models {
		for _, slot := range p.slots {
			if s := p.applied[lane{m.ID(), slot}]; first || s < low {
				low, first = s, false
			}
		}
	}
	return low, p.moved
}

// Wait returns when this worker has applied the record with this sequence: pass what Append returned, and read your own
// write. When the context ends first the error is a *LagError.
func (p *Projector) Wait(ctx context.Context, want Seq) error {
	for {
		have, moved := p.progress()
		if have >= want {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return &LagError{Have: have, Want: want}
		}
	}
}
