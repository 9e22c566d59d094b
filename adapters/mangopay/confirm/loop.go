package confirm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const (
	// saveEvery is how often the mark is saved and the figures are counted. A restart reads so much more of the log.
	saveEvery = 5 * time.Second
	// lookEvery is how often it is looked whether others have left enough of the rate limits again.
	lookEvery = 15 * time.Second
)

// loop owns the core: everything that happens passes through here, one at a time.
func (r *run) loop() error {
	save, timer := time.NewTimer(0), time.NewTimer(0)
	defer save.Stop()
	defer timer.Stop()
	for {
		if wake, set := r.launch(); set {
			timer.Reset(wake)
		}
		in := r.batches
		if r.core.full() {
			in = nil
		}
		var err error
		select {
		case b := <-in:
			r.stir(save)
			err = r.take(b)
		case end := <-r.over:
			r.stir(save)
			err = end()
		case <-r.hint:
			r.vouch()
		case <-save.C:
			err = r.save()
		case <-r.cfg.Stepped:
			err = r.save()
		case <-timer.C:
			r.stir(save) // resources may have been let go of
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// vouch tells the core who exists.
func (r *run) vouch() {
	r.mu.Lock()
	refs := r.vouched
	r.vouched = nil
	r.mu.Unlock()
	now := r.now()
	for _, ref := range refs {
		r.core.exists(now, ref)
	}
}

// stir has the mark saved soon. Nothing is saved while nothing happens.
func (r *run) stir(save *time.Timer) {
	if !r.stale {
		r.stale = true
		save.Reset(saveEvery)
	}
}

// now is the time by which the core goes.
func (r *run) now() int64 { return r.cfg.Now().UnixMilli() }

// take takes what the cursor gave.
func (r *run) take(b batch) error {
	if b.err != nil {
		return fmt.Errorf("confirm: reading the log: %w", b.err)
	}
	now := r.now()
	for i := range b.records {
		r.core.take(now, &b.records[i])
	}
	r.at = b.at
	select {
	case r.taken <- struct{}{}:
	case <-r.ctx.Done():
	}
	r.progressed()
	if !r.told && r.warm() {
		r.told = true
		return r.save()
	}
	return nil
}

// warm tells whether the log was read to where it ended when the run began. Before, much of what is open may be answered
// further on. When there is no room to read that far, it has to do.
func (r *run) warm() bool { return r.core.last.seq >= r.goal || r.core.full() }

// launch starts what may be read now. It tells after what time more may be; false: something has to happen first.
func (r *run) launch() (time.Duration, bool) {
	if !r.warm() {
		return 0, false
	}
	for r.flying < r.cfg.Parallel {
		now := r.cfg.Now()
		hold := int64(0)
		if r.cfg.Windows != nil && reserved(r.cfg.Windows(), r.cfg.Reserve, now).After(now) {
			hold = now.Add(lookEvery).UnixMilli()
		}
		j, ok, wake := r.core.next(now.UnixMilli(), hold)
		if !ok {
			return time.Duration(max(wake-now.UnixMilli(), 0)) * time.Millisecond, wake != 0
		}
		r.flying++
		r.crew.Go(func() { r.work(j) })
	}
	return 0, false
}

// work reads a resource and has the loop judge what came.
func (r *run) work(j job) {
	got := r.caller.read(r.ctx, j)
	r.tell(func() error { return r.judge(j, got) })
}

// tell has the loop do something.
func (r *run) tell(f func() error) {
	select {
	case r.over <- f:
	case <-r.ctx.Done():
	}
}

// judge judges what a job gave, and appends what it is worth.
func (r *run) judge(j job, got result) error {
	now := r.now()
	waited := time.Duration(now-cmp.Or(j.of.since, now)) * time.Millisecond
	es, v := r.core.answered(now, j, got)
	told := Result{Kind: j.ref.Kind, Verdict: v, Calls: got.calls, Appended: len(es), Waited: waited, Err: got.err}
	if len(es) == 0 {
		r.finish(j, got, es, told)
		return nil
	}
	r.crew.Go(func() {
		_, err := r.cfg.Log.Append(r.ctx, es...)
		r.tell(func() error {
			if err != nil {
				return r.unappended(j, err)
			}
			r.finish(j, got, es, told)
			return nil
		})
	})
	return nil
}

// unappended ends a job whose events could not be appended.
func (r *run) unappended(j job, err error) error {
	if errors.Is(err, projections.ErrReadOnly) {
		return fmt.Errorf("confirm: appending what the API said: %w", err)
	}
	r.cfg.Logger.Warn("what the API said could not be appended, and is read again", "error", err)
	r.flying--
	r.core.failed(r.now(), j)
	return nil
}

// finish ends a job.
func (r *run) finish(j job, got result, es []events.Event, told Result) {
	r.flying--
	r.core.done(r.now(), j, got, es, told.Verdict)
	if r.cfg.Observe != nil {
		r.cfg.Observe(told)
	}
}

// save counts, and saves the mark where it moved.
func (r *run) save() error {
	r.stale = false
	n, m := r.core.survey()
	r.publish(n)
	if m.seq <= r.saved {
		return nil
	}
	p := r.at // of the same stream
	p.Seq, p.Time = m.seq, time.Unix(0, m.time).UTC()
	ctx, cancel := context.WithTimeout(r.ctx, r.cfg.Timeout)
	defer cancel()
	if err := r.cfg.Marks.Save(ctx, p); err != nil {
		return fmt.Errorf("confirm: saving the mark: %w", err)
	}
	r.saved = m.seq
	return nil
}

// publish publishes the figures.
func (r *run) publish(n Counts) {
	n.Warm = r.warm()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts = n.plus(r.past)
}
