package backfill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Backfill brings in what notifications did not. Its runs come one after the other.
type Backfill struct {
	cfg   Config
	busy  chan struct{} // held by the run at work
	ahead time.Duration // by how much the provider's clock is before ours, where that is more than the margin; the run's
}

// New makes a Backfill. Its error wraps ErrConfig and names every problem at once.
func New(c Config) (*Backfill, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Backfill{cfg: c, busy: make(chan struct{}, 1)}, nil
}

// Run brings in what a request asks for, one type after the other, each from old to new. What it reports is in also where
// it ends with an error, and its marks are as far as that: run it again. It begins where its start is already past the
// provider's reach at the reach, and reports that ([Report.Beyond]).
//
// Errors: those of the API and the log that Config.Retry did not try again, [ErrUnsteady], the marks' and the context's.
func (b *Backfill) Run(ctx context.Context, q Request) (Report, error) {
	select {
	case b.busy <- struct{}{}:
		defer func() { <-b.busy }()
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
	if len(q.Types) == 0 {
		q.Types = b.cfg.Types
	}
	if err := refuse(wrongTypes(q.Types)); err != nil {
		return Report{}, err
	}
	report, err := b.once(ctx, q)
	var far *aheadError
	if errors.As(err, &far) { // the first answer tells: lay out anew
		b.ahead = far.by
		report, err = b.once(ctx, q)
	}
	return report, err
}

// once is a run on the clock of the provider, as far as that is known.
func (b *Backfill) once(ctx context.Context, q Request) (Report, error) {
	r := &run{cfg: b.cfg, began: b.cfg.Now(), ahead: b.ahead, progress: q.Progress}
	if err := r.plan(ctx, q); err != nil {
		return Report{}, err
	}
	defer func() { _ = r.held.close() }() // nothing was written by it
	err := r.all(ctx)
	r.report.Done = err == nil
	return r.report, err
}

// aheadError says that the provider's clock is so far ahead that what it lists is not asked for.
type aheadError struct{ by time.Duration }

// Error tells by how much, and what to do.
func (e *aheadError) Error() string {
	return fmt.Sprintf("the provider's clock is %v ahead of ours and runs on: set ours", e.by.Round(time.Second))
}

// run is one run.
type run struct {
	cfg      Config
	began    time.Time
	ahead    time.Duration // of Backfill
	asked    bool          // the first answer came, and the clocks go together
	types    []typeRun
	held     *held
	report   Report
	now      *typeRun       // at work; nil between two
	progress func(Progress) // of this run; nil: nobody else
	past     int64          // seconds that are in, of the whole run
	whole    int64          // seconds that are to be covered
}

// typeRun is a run over one type.
type typeRun struct {
	TypeReport
	since int64    // what the demand began with
	open  []window // what is left to read, the oldest first
}

// plan reads the marks and lays out what is to be read.
func (r *run) plan(ctx context.Context, q Request) error {
	goal := r.began.Add(r.ahead).Unix()
	oldest := goal
	seen := map[events.Type]bool{}
	for _, t := range q.Types {
		if seen[t] {
			continue
		}
		seen[t] = true
		m, err := r.cfg.Marks.Load(ctx, t)
		if err != nil {
			return err
		}
		since, own := q.SinceOf[t]
		if !own {
			since = q.Since
		}
		c := lay(t, m, since, goal, r.cfg.Margin)
		oldest = min(oldest, c.From)
		r.whole += c.To - c.From + 1
		r.types = append(r.types, c)
	}
	r.held = newHeld(r.cfg, q.Types, oldest-slack)
	return nil
}

// lay lays out what is to be read of one type: from its start to the goal, as far as the provider lists.
func lay(t events.Type, m Mark, wanted time.Time, goal int64, margin time.Duration) typeRun {
	reach, overlap, since := goal-int64((Reach-tread).Seconds()), int64(margin.Seconds()), int64(0)
	if !wanted.IsZero() {
		since = max(min(wanted.Unix(), goal), 1)
	}
	start := min(m.start(since, overlap), goal)
	if since == 0 && m == (Mark{}) {
		start = reach
	}
	c := typeRun{TypeReport: TypeReport{Type: t, From: max(start, reach), To: goal}}
	if first := min(max(start, since), start+overlap); first < reach { // what the overlap alone reaches is not wanted for itself
		c.Unlisted = &Span{From: first, To: reach - 1}
	}
	c.since = c.From
	if since != 0 {
		c.since = min(since, c.From)
	}
	c.open = []window{{from: c.From, to: c.To, tail: overlap}}
	return c
}

// all reads every type.
func (r *run) all(ctx context.Context) error {
	for i := range r.types {
		c := &r.types[i]
		r.now = c
		err := r.one(ctx, c)
		r.report.add(c.TypeReport)
		if err != nil {
			return fmt.Errorf("backfill: %s is in up to %s: %w", c.Type, clock(c.UpTo), err)
		}
	}
	return nil
}

// one reads one type, its oldest window first.
func (r *run) one(ctx context.Context, c *typeRun) error {
	c.UpTo = c.From
	for len(c.open) > 0 {
		w := c.open[0]
		found, parts, err := r.window(ctx, c, w)
		if err != nil {
			return err
		}
		if len(parts) > 1 {
			c.open = append(parts, c.open[1:]...)
			continue
		}
		r.cfg.Listed(found.refs()...)
		if err := r.keep(ctx, c, w, found); err != nil {
			return err
		}
		if err := r.mark(ctx, c, w, found.at); err != nil {
			return err
		}
		c.open = c.open[1:]
		r.tell(c, "")
	}
	return nil
}

// mark notes how far the type is in. What happened shortly before the provider was asked may not have been listed yet, so
// nothing is said of that.
func (r *run) mark(ctx context.Context, c *typeRun, w window, asked int64) error {
	c.Windows++
	r.past += w.seconds()
	c.UpTo = max(min(w.to, asked-int64(r.cfg.Margin.Seconds())), c.UpTo)
	m := Mark{Since: c.since, UpTo: c.UpTo, Goal: c.To}
	if w.to >= c.To {
		m.Goal = 0
	}
	return r.attempt(ctx, func() error { return r.cfg.Marks.Save(ctx, c.Type, m) })
}

// attempt does something until it succeeds or is given up.
func (r *run) attempt(ctx context.Context, do func() error) error {
	for attempt := 1; ; attempt++ {
		err := do()
		var far *aheadError
		if err == nil || ctx.Err() != nil || errors.As(err, &far) {
			return err
		}
		if r.now != nil {
			r.tell(r.now, err.Error())
		}
		if !r.cfg.Retry(ctx, err, attempt) {
			return err
		}
	}
}

// tell reports how far the run has come, and what is in its way.
func (r *run) tell(c *typeRun, problem string) {
	p := Progress{
		Problem: problem,
		Type:    c.Type, Types: len(r.types), Done: len(r.report.Types), Windows: c.Windows, Open: len(c.open),
		Calls: r.report.Calls + c.Calls, Seen: r.report.Seen + c.Seen, Appended: r.report.Appended + c.Appended,
		Share: float64(r.past) / float64(max(r.whole, 1)),
	}
	if took := r.cfg.Now().Sub(r.began).Seconds(); took > 0 {
		p.PerSecond = float64(p.Seen) / took
		if r.past > 0 {
			p.Remaining = took / p.Share * (1 - p.Share)
		}
	}
	if len(c.open) == 0 {
		p.Done++
	}
	r.cfg.Progress(p)
	if r.progress != nil {
		r.progress(p)
	}
}
