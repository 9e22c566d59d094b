package timeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The errors of Run.
var (
	// ErrSpeed says that a speed cannot be run at.
	ErrSpeed = errors.New("timeline: the speed must lie between 0 and 1,000,000")
	// ErrRunning says that the line is being run already: one Run at a time.
	ErrRunning = errors.New("timeline: it runs already: end the other Run first")
)

// MaxSpeed is the greatest speed of Run: eleven days a second.
const MaxSpeed = 1e6

// Advance moves the time on by d, and runs on the way everything that comes due, also what has been put on the line
// meanwhile: each at its own instant, one after the other, and each after all work that the ones before it have started is
// done. A d of 0 or less runs what is due now. Callers wait for each other.
//
// Hold no lock that something on the line takes.
func (t *Timeline) Advance(d time.Duration) {
	defer t.drive()()
	end := t.stop().Add(max(d, 0))
	t.settle()
	for next, ok := t.step(end); ok; next, ok = t.step(end) {
		next.do(t.Now())
		t.settle()
	}
	t.start(end)
}

// Run lets the time follow the wall clock, speed times as fast, until ctx ends; then it waits for the work that was started,
// and the time stands still. At speed 0 the time stands still all along, and what is due happens as soon as it is put on the
// line. Its error wraps ErrSpeed or ErrRunning; it is nil when ctx has ended.
func (t *Timeline) Run(ctx context.Context, speed float64) error {
	if !(speed >= 0 && speed <= MaxSpeed) {
		return fmt.Errorf("%w: not %v", ErrSpeed, speed)
	}
	if !t.claim(speed) {
		return ErrRunning
	}
	defer t.release()
	for ctx.Err() == nil {
		t.turn(ctx)
		t.rest(ctx)
	}
	t.settle()
	return nil
}

// claim starts the clock for the one Run at work.
func (t *Timeline) claim(speed float64) bool {
	defer t.drive()()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running {
		return false
	}
	t.running, t.clock.speed = true, speed
	t.clock.start()
	return true
}

// release stops the clock.
func (t *Timeline) release() {
	defer t.drive()()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock.stop()
	t.running, t.clock.speed = false, 0
}

// turn runs what is due by the wall clock.
func (t *Timeline) turn(ctx context.Context) {
	defer t.drive()()
	for ctx.Err() == nil {
		t.mu.Lock()
		t.clock.rebase()
		now := t.clock.now()
		next, ok := t.take(now)
		t.mu.Unlock()
		if !ok {
			return
		}
		next.do(now)
	}
}

// rest waits for the next thing to come due, or for somebody to put one on the line.
func (t *Timeline) rest(ctx context.Context) {
	var alarm <-chan time.Time
	if wait, ever := t.next(); ever {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-t.wake:
	case <-alarm:
	}
}

// next is how long it is to the next thing; false when nothing comes by itself.
func (t *Timeline) next() (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.due) == 0 {
		return time.Hour, !t.clock.wall.IsZero() // for the rebase
	}
	return t.clock.until(t.due[0].at)
}

// stop lets the clock stand, and says where.
func (t *Timeline) stop() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock.stop()
	return t.clock.stands
}

// step moves a standing clock to the next thing that comes by end, and takes it.
func (t *Timeline) step(end time.Time) (thing, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next, ok := t.take(end)
	if ok && next.at.After(t.clock.stands) {
		t.clock.stands = next.at
	}
	return next, ok
}

// start lets the clock stand at end, or run on from there where some Run is at work.
func (t *Timeline) start(end time.Time) {
	t.mu.Lock()
	t.clock.stands = end
	t.clock.start()
	t.mu.Unlock()
	t.nudge()
}
