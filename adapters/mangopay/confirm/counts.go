package confirm

import (
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Counts tells how a Confirmer stands. What counts up does so since it was made, also over a restart of its Run.
type Counts struct {
	Claims    uint64           // claims taken that ask something, copies among them
	Calls     uint64           // of the API that were charged to the quota
	Verdicts  [verdicts]uint64 // resources read, by verdict
	Appended  uint64           // observations
	Throttled uint64           // times that a read had to wait for the quota

	Held     int             // resources held
	Released int             // of them so old that they hold the mark back no longer (Config.MaxBehind)
	Open     int             // of them with a claim that is not answered
	Ready    int             // of those whose turn it could be, were there quota
	Flying   int             // being read
	Oldest   time.Duration   // how long the oldest open claim waits; 0: none is open
	Behind   projections.Seq // records from the mark to what was read last: what a restart reads again
	Seq      projections.Seq // newest record read
	Warm     bool            // the log's end was reached, so that reading has begun

	since int64 // when the oldest open claim arrived, Unix milliseconds; 0: none is open
}

// survey looks at everything that is held: how it stands, and the place from which the log must be read to know it again. A
// resource that holds that place back by more records than it may, because it cannot be confirmed for very long, does so
// no longer.
func (c *core) survey() (Counts, place) {
	n, low := c.counts, c.last
	for _, r := range c.resources {
		if p, holds := r.held(); holds && !r.let && p.seq < low.seq {
			if r.let = c.last.seq-p.seq > c.behind; !r.let {
				low = p
			}
		}
		if r.let {
			n.Released++
		}
		if r.open != 0 {
			n.Open++
		}
		if r.flight {
			n.Flying++
		}
		if r.since != 0 && (n.since == 0 || r.since < n.since) {
			n.since = r.since
		}
	}
	n.Held, n.Ready, n.Seq, n.Behind = len(c.resources), c.queue.lined(), c.last.seq, c.last.seq-low.seq
	return n, low
}

// plus adds what counts up.
func (n Counts) plus(o Counts) Counts {
	n.Claims += o.Claims
	n.Calls += o.Calls
	n.Appended += o.Appended
	n.Throttled += o.Throttled
	for v := range n.Verdicts {
		n.Verdicts[v] += o.Verdicts[v]
	}
	return n
}

// at brings the age of the oldest open claim up to date.
func (n Counts) at(now int64) Counts {
	n.Oldest = 0
	if n.since != 0 {
		n.Oldest = time.Duration(max(now-n.since, 0)) * time.Millisecond
	}
	return n
}
