package timeline

import (
	"container/heap"
	"sync"
	"time"
)

// Timeline is a time with things that will happen. It is safe for concurrent use.
type Timeline struct {
	driving chan struct{} // holds one token while somebody runs what is due: one Advance, or one turn of Run
	wake    chan struct{} // something was put on the line, or the clock was moved
	mu      sync.Mutex
	idle    *sync.Cond // at work fell to zero
	clock   clock
	due     queue
	placed  uint64 // things ever put on the line
	atWork  int    // started by Go and not done
	running bool   // some Run is at work
}

// New makes a Timeline that stands at start.
func New(start time.Time) *Timeline {
	t := &Timeline{driving: make(chan struct{}, 1), wake: make(chan struct{}, 1), clock: clock{stands: start}}
	t.idle = sync.NewCond(&t.mu)
	return t
}

// Now is the time on the line. It never goes back.
func (t *Timeline) Now() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clock.now()
}

// At lets do happen once, at the instant at; where that has passed, as soon as something drives the line (Advance or Run). At
// itself never calls do. It is given the time on the line: at itself under Advance, at or later under Run.
//
// No lock of the line is held while do runs: it may put further things on the line. It must not call Advance or Run.
func (t *Timeline) At(at time.Time, do func(now time.Time)) {
	t.mu.Lock()
	t.placed++
	heap.Push(&t.due, thing{at: at, n: t.placed, do: do})
	t.mu.Unlock()
	t.nudge()
}

// Go runs work in a goroutine of its own. Advance does not move the time while any of it is unfinished, and Run does not
// return. Work must end by itself, and must not call Advance or Run.
func (t *Timeline) Go(work func()) {
	t.mu.Lock()
	t.atWork++
	t.mu.Unlock()
	go func() {
		defer t.done()
		work()
	}()
}

// done ends one piece of work.
func (t *Timeline) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.atWork--; t.atWork == 0 {
		t.idle.Broadcast()
	}
}

// settle waits until nothing is at work.
func (t *Timeline) settle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.atWork > 0 {
		t.idle.Wait()
	}
}

// drive waits for its turn to run what is due. It is a channel and not a mutex, so that tests in fake time can wait there.
func (t *Timeline) drive() (done func()) {
	t.driving <- struct{}{}
	return func() { <-t.driving }
}

// nudge tells Run to look again.
func (t *Timeline) nudge() {
	select {
	case t.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// take removes the first thing that is due by the time until.
func (t *Timeline) take(until time.Time) (thing, bool) {
	if len(t.due) == 0 || t.due[0].at.After(until) {
		return thing{}, false
	}
	return heap.Pop(&t.due).(thing), true
}
