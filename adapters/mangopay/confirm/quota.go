package confirm

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/hookfold/hookfold/adapters/mangopay"
)

// limits are the provider's, for all that a client calls: so many calls in any so long a time.
var limits = [...]struct {
	length time.Duration
	calls  int
}{
	{15 * time.Minute, 2300}, {30 * time.Minute, 4500}, {time.Hour, 8800}, {24 * time.Hour, 105600},
}

// quota holds calls to a share of every limit. A quarter of what a limit allows may be used at once and the rest evenly,
// so that no stretch of its length, wherever it begins, holds more.
type quota struct {
	buckets [len(limits)]*rate.Limiter
}

// newQuota allows a share of every limit. Calls that are found to be needed only while a job runs are charged afterwards; at
// most debt of them can be under way.
func newQuota(share float64, debt int) *quota {
	q := &quota{}
	for i, l := range limits {
		allowed := share * float64(l.calls)
		burst := max(int(allowed/4), dearest)
		even := max(allowed-float64(burst+debt), 1)
		q.buckets[i] = rate.NewLimiter(rate.Limit(even/l.length.Seconds()), burst)
	}
	return q
}

const (
	dearest   = 3 // calls of the dearest job: a user's
	mostExtra = 2 // more calls than planned that a job may turn out to need
)

// wait is how long it takes until a job may begin; 0: it may begin now.
func (q *quota) wait(now time.Time) (longest time.Duration) {
	for _, b := range q.buckets {
		if lack := dearest - b.TokensAt(now); lack > 0 {
			longest = max(longest, time.Duration(lack/float64(b.Limit())*float64(time.Second))+time.Millisecond)
		}
	}
	return longest
}

// charge takes calls off, also into debt.
func (q *quota) charge(now time.Time, calls int) {
	for _, b := range q.buckets {
		for range calls { // one by one: a bucket may be smaller than the sum
			b.ReserveN(now, 1)
		}
	}
}

// reserved tells until when what the provider says is left must be left to others; the zero time: it need not. A window
// whose reset is past says nothing any more.
func reserved(windows []mangopay.Window, share float64, now time.Time) (until time.Time) {
	for _, w := range windows {
		least := share * float64(w.Made+w.Remaining)
		if w.Reset.After(now) && float64(w.Remaining) < least && w.Reset.After(until) {
			until = w.Reset
		}
	}
	return until
}
