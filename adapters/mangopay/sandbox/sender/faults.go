package sender

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Faults are what goes wrong with notifications on the sending side. Shares are between 0 (never) and 1 (always), and are
// drawn for every notification by itself, from the seed and the number of its event, so that equal histories meet equal
// faults. The events are listed all the same.
type Faults struct {
	Seed uint64
	// Only are the EventTypes whose notifications meet faults. Empty: all.
	Only []events.Type
	// Drop is the share that is never sent.
	Drop float64
	// Delay is the share whose first attempt comes later, by up to DelayUpTo. Its retries count from there.
	Delay float64
	// DelayUpTo is on the timeline. Default 1 hour.
	DelayUpTo time.Duration
	// Duplicate is the share that is sent twice: two notifications of one event, each with retries of its own.
	Duplicate float64
	// Reorder is the share that is held until a later notification has been answered, or HoldUpTo has passed.
	Reorder float64
	// HoldUpTo is on the timeline. Default 10 minutes.
	HoldUpTo time.Duration
	// Fail is the share of attempts, retries included, that do not reach the receiver: each is drawn by itself, is not sent, and
	// counts as a failure, as if the receiver could not be reached.
	Fail float64
}

// FaultCounts are what a fault has met, since the Sender was made: attempts in Failed, notifications in all others.
type FaultCounts struct {
	Dropped, Delayed, Duplicated, Reordered, Failed uint64
}

// The defaults of Faults.
const (
	defaultDelay = time.Hour
	defaultHold  = 10 * time.Minute
)

// validate reports all problems at once.
func (f Faults) validate() error {
	var problems []string
	for name, share := range map[string]float64{"Drop": f.Drop, "Delay": f.Delay, "Duplicate": f.Duplicate, "Reorder": f.Reorder, "Fail": f.Fail} {
		if !(share >= 0 && share <= 1) {
			problems = append(problems, name+" must lie between 0 and 1")
		}
	}
	if f.DelayUpTo < 0 || f.HoldUpTo < 0 {
		problems = append(problems, "DelayUpTo and HoldUpTo cannot be negative: give a positive value, or 0 for the default")
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

// SetFaults lets faults happen from now on; the zero Faults end them. What is under way stays under way. Its error wraps
// ErrConfig and names every problem at once.
func (s *Sender) SetFaults(f Faults) error {
	if err := f.validate(); err != nil {
		return err
	}
	if f.DelayUpTo == 0 {
		f.DelayUpTo = defaultDelay
	}
	if f.HoldUpTo == 0 {
		f.HoldUpTo = defaultHold
	}
	f.Only = slices.Clone(f.Only)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
	return nil
}

// FaultCounts returns what faults have met so far.
func (s *Sender) FaultCounts() FaultCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// fate is what the faults do with one notification. All of it is drawn every time, so that no share changes what another does.
type fate struct {
	drop, duplicate, reorder bool
	delay                    time.Duration
}

func (f Faults) fate(n *notification) fate {
	var x fate
	if !f.meet(n) {
		return x
	}
	draw := f.draw(n.n, 0)
	x.drop, x.duplicate, x.reorder = draw() < f.Drop, draw() < f.Duplicate, draw() < f.Reorder
	if late, share := draw() < f.Delay, draw(); late {
		x.delay = time.Duration(share * float64(f.DelayUpTo))
	}
	return x
}

// fails tells whether the present attempt of a notification does not reach its receiver.
func (f Faults) fails(n *notification) bool {
	attempt := 2 * n.tried
	if n.copy {
		attempt++
	}
	return f.meet(n) && f.draw(n.n, attempt)() < f.Fail
}

// meet tells whether the faults are for this notification.
func (f Faults) meet(n *notification) bool {
	return len(f.Only) == 0 || slices.Contains(f.Only, n.EventType)
}

// draw is the chance of an event, or of one of its attempts.
func (f Faults) draw(event, attempt int) func() float64 {
	return rand.New(rand.NewPCG(f.Seed, uint64(event)<<8|uint64(attempt))).Float64
}

// notify sends a notification on its way, or into what the faults make of it.
func (s *Sender) notify(n *notification, now time.Time) {
	x := s.faults.fate(n)
	if x.drop {
		s.counts.Dropped++
		return
	}
	if x.duplicate {
		s.counts.Duplicated++
		twin := *n
		twin.copy = true
		defer s.send(&twin, now.Add(x.delay)) // after the first
	}
	switch {
	case x.reorder:
		s.counts.Reordered++
		s.hold(n, now.Add(s.faults.HoldUpTo))
	case x.delay > 0:
		s.counts.Delayed++
		s.send(n, now.Add(x.delay))
	default:
		s.send(n, now)
	}
}

// hold keeps a notification back, at most until an instant.
func (s *Sender) hold(n *notification, until time.Time) {
	s.held = append(s.held, n)
	s.cfg.Timeline.At(until, func(now time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free(now, func(held *notification) bool { return held == n })
	})
}

// overtaken frees what has been held until a later notification, which is this one, was answered.
func (s *Sender) overtaken(by *notification) {
	s.free(s.cfg.Timeline.Now(), func(held *notification) bool { return held.n < by.n })
}

// free sends what was held and is meant.
func (s *Sender) free(now time.Time, meant func(*notification) bool) {
	s.held = slices.DeleteFunc(s.held, func(held *notification) bool {
		if !meant(held) {
			return false
		}
		s.send(held, now)
		return true
	})
}
