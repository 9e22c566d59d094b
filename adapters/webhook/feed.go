package webhook

import (
	"sync"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// Feed tells the log which deliveries of a hook failed, so that read models count as the provider does (S4: INVALID at the
// 100th consecutive failure). What was stored is a success of its hook by itself (fold rule 23); a failure leaves nothing in
// the log, which is as a rule the very thing that failed. So failures are counted in memory, one count for each EventType,
// and appended as one [events.DeliveryFailed] each, with count, first and last, once the log takes events again.
//
// A failure is what the provider takes for one: any answer but a 200 within 2 seconds (S4) to a GET at the right path that
// names an EventType. That is a 503, a 414, a 200 that left more than 2 seconds after its request arrived, and a 200 for
// a sender that had hung up. The last two are in the log as well: there one success and one failure after it. Pings,
// strangers (also the provider itself, where Config.Allow leaves it out), other methods and what names no EventType count
// neither way. A failure is dated when its answer left, at most 2 seconds after it was asked for: then the provider
// knows of it.
//
// The count is a lower bound. What never reached the Handler is not in it, nor what a crash takes from memory, nor what
// came to the log an hour behind the newest fact of its hook (fold rule 23). Of what happens within the 2 seconds of one
// request the order is not always the provider's.
//
// Two successes are no records of their own in the log, so the count goes on after them until the next one: what is
// Unreadable, and the repetition of a notification that the log still remembers. The provider's retries come 10 minutes
// apart (S4), so let the log forget sooner.
//
// Give its Observe to [Config], call Run in a goroutine, and end Run after the server has stopped. All methods are safe
// for concurrent use. It holds EventTypes and times only, and of EventTypes that no catalogue knows no more than
// FeedConfig.MaxUnknown.
type Feed struct {
	cfg     FeedConfig
	wake    chan struct{} // the log took an event while failures wait
	sending chan struct{} // held by the one Flush at work
	quiet   quiet

	mu      sync.Mutex
	n       uint64 // of the newest aggregate
	runs    map[events.Type]run
	unknown int         // runs of types that no catalogue knows
	waiting []aggregate // what is to be appended, oldest first; never changed, so that a repetition is a copy
	counts  FeedCounts
}

// FeedCounts are the failures since a Feed was made.
type FeedCounts struct {
	Failures uint64 // seen of some hook: what was told, what waits and what was dropped
	Late     uint64 // those of Failures whose notification was stored, and answered too late
	Told     uint64 // durable in the log
	Waiting  uint64 // to be told
	Dropped  uint64 // of runs that a success has ended before they could be told, too many to keep
	Unnamed  uint64 // named no EventType that could be a hook; not among Failures
	Beyond   uint64 // of unknown types beyond MaxUnknown; not among Failures
}

// NewFeed makes a Feed. Its error wraps ErrConfig and names every problem at once.
func NewFeed(c FeedConfig) (*Feed, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Feed{
		cfg: c, wake: make(chan struct{}, 1), sending: make(chan struct{}, 1), runs: map[events.Type]run{},
		n: uint64(max(c.Now().UnixMicro(), 0)), // goes on rising after a restart of this replica, as attempts do
	}, nil
}

// Observe takes note of one result; it is a Config.Observe, and quick.
func (f *Feed) Observe(r Result) {
	if r.Outcome != Accepted && !failure(r) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Outcome == Accepted {
		f.succeeded(r.Type)
	}
	if failure(r) {
		f.failed(r)
	}
}

// Counts returns the counters as they stand together.
func (f *Feed) Counts() FeedCounts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts
}

// Untold are failures of one EventType that the log was not told of. Times are Unix milliseconds.
type Untold struct {
	Count       int
	First, Last int64
}

// Untold returns the failures that wait, for each EventType that has some, so that somebody can be warned of them while the
// log is away. Those of a run that a success has ended are among them until the log is told, which it then is at once.
func (f *Feed) Untold() map[events.Type]Untold {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[events.Type]Untold{}
	for _, a := range f.waiting {
		all[a.typ()] = all[a.typ()].and(a.run)
	}
	for t, r := range f.runs {
		all[t] = all[t].and(r)
	}
	return all
}

// and adds a later run.
func (u Untold) and(r run) Untold {
	if u.Count == 0 {
		u.First = r.first
	}
	return Untold{Count: u.Count + r.count, First: min(u.First, r.first), Last: max(u.Last, r.last)}
}

// failure tells whether the provider takes a result for a failed notification (S4).
func failure(r Result) bool {
	switch r.Outcome {
	case Failed, Panicked, TooLong:
		return true
	case Accepted, Unreadable:
		return late(r)
	}
	return false
}

// late tells whether a 200 came too late for its sender.
func late(r Result) bool { return r.Gone || r.Took > answerBudget }

// failed counts one failure.
func (f *Feed) failed(r Result) {
	if r.Type == "" || r.Type.Own() {
		f.counts.Unnamed++
		return
	}
	had, there := f.runs[r.Type]
	if !there {
		if _, known := mangopay.Lookup(r.Type); !known {
			if f.unknown >= f.cfg.MaxUnknown {
				f.counts.Beyond++
				return
			}
			f.unknown++
		}
	}
	f.runs[r.Type] = had.and(r.Received.Add(min(max(r.Took, 0), answerBudget)).UnixMilli())
	f.counts.Failures++
	f.counts.Waiting++
	if r.Outcome == Accepted || r.Outcome == Unreadable {
		f.counts.Late++
	}
}

// succeeded ends the run of failures of a type, so that what fails from now on is not counted as of before the success;
// and the log takes events, so what waits is worth a try.
func (f *Feed) succeeded(t events.Type) {
	if r, there := f.runs[t]; there {
		f.end(t, r)
	}
	if f.counts.Waiting == 0 {
		return
	}
	select {
	case f.wake <- struct{}{}:
	default: // it is already awake
	}
}

// end makes a run an aggregate that waits. Where too many wait, the run is dropped: of what lies before a success,
// nothing stands in the counter any more.
func (f *Feed) end(t events.Type, r run) {
	f.forget(t)
	if len(f.waiting) < mostEnded {
		f.waiting = append(f.waiting, f.aggregate(t, r))
		return
	}
	f.counts.Waiting -= uint64(r.count)
	f.counts.Dropped += uint64(r.count)
}

// forget takes a run out of the open ones.
func (f *Feed) forget(t events.Type) {
	delete(f.runs, t)
	if _, known := mangopay.Lookup(t); !known {
		f.unknown--
	}
}
