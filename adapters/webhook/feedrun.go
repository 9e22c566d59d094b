package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections/views"
)

// mostEnded is how many aggregates may wait when a success ends one more run.
const mostEnded = 1000

// errDefect says that a log panicked.
var errDefect = errors.New("webhook: a defect was met while failures were told to the log")

// run are failures of one EventType in a row.
type run struct {
	count       int
	first, last int64 // Unix milliseconds
}

// and is the run with one more failure.
func (r run) and(at int64) run {
	if r.count == 0 {
		r.first, r.last = at, at
	}
	return run{count: r.count + 1, first: min(r.first, at), last: max(r.last, at)}
}

// aggregate is a run as the log is told of it.
type aggregate struct {
	event events.Event
	run
}

// typ is the EventType whose hook failed.
func (a aggregate) typ() events.Type { return events.Type(a.event.Ref.ID) }

// aggregate makes an event of a run. Its n makes it an event of its own; from here on neither changes.
func (f *Feed) aggregate(t events.Type, r run) aggregate {
	f.n++
	data, _ := events.Canonical(events.Attempt{At: r.last, First: r.first, Count: r.count, Replica: f.cfg.Replica, N: f.n}) // numbers and valid text always render
	return aggregate{run: r, event: events.Event{
		Type: events.DeliveryFailed,
		Ref:  events.Ref{Source: f.cfg.Source, Kind: views.KindHook, ID: string(t)},
		Date: r.last / 1000,
		Data: data,
	}}
}

// Run flushes at once when the log has taken a notification again, and every FeedConfig.Every where none arrives. When
// ctx ends it flushes for the last time and returns: end it after the server has answered its last request and before
// the log is closed.
func (f *Feed) Run(ctx context.Context) {
	tick := time.NewTicker(f.cfg.Every)
	defer tick.Stop()
	for {
		select {
		case <-f.wake:
		case <-tick.C:
		case <-ctx.Done():
			f.last(ctx)
			return
		}
		if err := f.Flush(ctx); err != nil && ctx.Err() == nil {
			f.report(err)
		}
	}
}

// last tells what is left.
func (f *Feed) last(ctx context.Context) {
	if err := f.Flush(context.WithoutCancel(ctx)); err != nil {
		f.cfg.Logger.Error("failures of hooks are forgotten: the log did not take them before the stop", "failures", f.Counts().Waiting, "error", err)
	}
}

// report says now and then that failures wait.
func (f *Feed) report(err error) {
	if _, ok := f.quiet.let(Failed, f.cfg.Now()); ok {
		f.cfg.Logger.Warn("failures of hooks wait until the log takes them", "failures", f.Counts().Waiting, "error", err)
	}
}

// Flush appends what was counted, within FeedConfig.Timeout. When it fails, nothing is forgotten and nothing counted
// twice: whether the log has taken an aggregate may be unknown, so the next Flush first repeats the same aggregates under
// the same identities, and only then what has failed since. Errors: the log's and the context's.
func (f *Feed) Flush(ctx context.Context) error {
	ctx, done := context.WithTimeout(ctx, f.cfg.Timeout)
	defer done()
	select {
	case f.sending <- struct{}{}:
		defer func() { <-f.sending }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := f.send(ctx); err != nil {
		return err
	}
	f.endAll()
	return f.send(ctx)
}

// endAll makes every run an aggregate, the oldest first.
func (f *Feed) endAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	oldest := func(a, b events.Type) int {
		return cmp.Or(cmp.Compare(f.runs[a].last, f.runs[b].last), cmp.Compare(a, b))
	}
	for _, t := range slices.SortedFunc(maps.Keys(f.runs), oldest) {
		f.waiting = append(f.waiting, f.aggregate(t, f.runs[t]))
	}
	clear(f.runs)
	f.unknown = 0
}

// send appends what waits, and lets it go once it is durable.
func (f *Feed) send(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %s", errDefect, bounded(fmt.Sprint(p), maxKept))
		}
	}()
	f.mu.Lock()
	batch := make([]events.Event, len(f.waiting))
	for i, a := range f.waiting {
		batch[i] = a.event
	}
	f.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	if _, err := f.cfg.Log.Append(ctx, batch...); err != nil {
		return fmt.Errorf("webhook: failures of hooks were not told to the log, and are kept: %w", err)
	}
	f.told(len(batch))
	return nil
}

// told lets the first n aggregates go.
func (f *Feed) told(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.waiting[:n] {
		f.counts.Told += uint64(a.count)
		f.counts.Waiting -= uint64(a.count)
	}
	f.waiting = slices.Delete(f.waiting, 0, n)
}
