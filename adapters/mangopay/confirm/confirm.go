package confirm

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Confirmer turns claims into observations.
type Confirmer struct {
	cfg    Config
	caller *caller
	quota  *quota // it outlives a run

	mu      sync.Mutex
	counts  Counts
	past    Counts // what earlier runs counted
	vouched []events.Ref
	hint    chan struct{} // vouched is not empty
}

// New checks a configuration as a whole. Its error wraps ErrConfig and names every problem.
func New(c Config) (*Confirmer, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Confirmer{
		cfg: c, quota: newQuota(c.Share, c.Parallel*mostExtra),
		caller: &caller{api: c.API, timeout: c.Timeout, persons: remembering[string](c.Remember)},
		hint:   make(chan struct{}, 1),
	}, nil
}

// Counts returns the figures, at most a few seconds old.
func (c *Confirmer) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts.at(c.cfg.Now().UnixMilli())
}

// Vouch tells of resources that exist for sure, because the provider's own list of events or of sessions named them. Their
// claims go before those of resources that nobody knows, which a forger may have made up: a call for a page of a hundred
// events so spares many that would be spent in vain. Claims of origin events.Backfill vouch by themselves, but only where the
// log takes them as new. More than Config.Remember at once are not taken note of.
func (c *Confirmer) Vouch(refs ...events.Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	room := max(c.cfg.Remember-len(c.vouched), 0)
	c.vouched = append(c.vouched, refs[:min(room, len(refs))]...)
	select {
	case c.hint <- struct{}{}:
	default: // it is told already
	}
}

// longestWait bounds the wait before another attempt after an error.
const longestWait = time.Minute

// Run confirms until the context ends, whose error it then returns. When the log or the marks fail it begins again from
// the mark, after a wait that grows to a minute; so it does when another Confirmer has taken the marks over, which costs
// calls and breaks nothing. It returns the errors that trying again cannot mend: projections.ErrRewound, ErrRecreated,
// ErrHole and ErrReadOnly, and events.ErrNewer. One call at a time.
func (c *Confirmer) Run(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := c.once(ctx, func() { attempt = 0 })
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case final(err):
			return err
		}
		c.cfg.Logger.Warn("confirming is interrupted, and begins again", "error", err)
		if !pauseFor(ctx, min(time.Second<<min(attempt, 10), longestWait)) {
			return ctx.Err()
		}
	}
}

// final tells the errors that trying again cannot mend.
func final(err error) bool {
	for _, lasting := range []error{
		projections.ErrRewound, projections.ErrRecreated, projections.ErrHole, projections.ErrReadOnly, events.ErrNewer,
	} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	return false
}

// pauseFor waits; false: the context ended first.
func pauseFor(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// once confirms from the mark on, until something fails. What it started has ended when it returns.
func (c *Confirmer) once(ctx context.Context, progressed func()) (err error) {
	defer func() { // the ingress of the same process must go on
		if p := recover(); p != nil {
			c.cfg.Logger.Error("confirming met a bug: please report it", "stack", string(debug.Stack()))
			err = fmt.Errorf("confirm: a bug (%T)", p)
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	r := &run{
		Confirmer: c, core: newCore(c.cfg, c.quota), ctx: ctx, progressed: progressed,
		batches: make(chan batch), taken: make(chan struct{}), over: make(chan func() error),
	}
	defer r.end(cancel)
	if err := r.open(); err != nil {
		return err
	}
	return r.loop()
}

// run is one attempt.
type run struct {
	*Confirmer
	core       *core
	ctx        context.Context //nolint:containedctx // a run lives as long as its context
	progressed func()

	cursor  projections.Cursor
	goal    projections.Seq // where the log ended when the run began
	at      projections.Position
	saved   projections.Seq
	batches chan batch
	taken   chan struct{}
	over    chan func() error // ends a job, in the loop's goroutine
	flying  int
	stale   bool // something happened since the mark was saved and the figures were counted
	told    bool // that the log's end was reached
	crew    sync.WaitGroup
}

// batch is what the cursor gave.
type batch struct {
	records []projections.Record
	at      projections.Position
	err     error
}

// open opens the log at the mark and begins to read it.
func (r *run) open() error {
	mark, err := r.cfg.Marks.Load(r.ctx)
	if err != nil {
		return fmt.Errorf("confirm: loading the mark: %w", err)
	}
	head, err := r.cfg.Log.Head(r.ctx)
	if err != nil {
		return fmt.Errorf("confirm: looking for the log's end: %w", err)
	}
	cursor, err := r.cfg.Log.Open(r.ctx, mark)
	if err != nil {
		return fmt.Errorf("confirm: opening the log: %w", err)
	}
	r.cursor, r.goal, r.at, r.saved = cursor, head.Seq, mark, mark.Seq
	r.core.last = place{seq: mark.Seq, time: mark.Time.UnixNano()}
	r.crew.Go(r.feed)
	return nil
}

// end waits for all that the run started.
func (r *run) end(cancel func()) {
	cancel()
	r.crew.Wait()
	if r.cursor != nil {
		_ = r.cursor.Close() // nothing to save: the mark lives elsewhere
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.past = r.past.plus(r.core.counts)
}

// feed hands the log's records to the loop, which must be done with them before more are asked for.
func (r *run) feed() {
	for {
		records, err := r.cursor.Next(r.ctx)
		select {
		case r.batches <- batch{records, r.cursor.Position(), err}:
		case <-r.ctx.Done():
			return
		}
		select {
		case <-r.taken:
		case <-r.ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}
