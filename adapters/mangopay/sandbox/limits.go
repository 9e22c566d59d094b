package sandbox

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Limit is one of the provider's rate limits: at most Calls in any Window, as a bucket that leaks.
type Limit struct {
	Calls  int
	Window time.Duration
}

// DefaultLimits are the four that the provider documents.
func DefaultLimits() []Limit {
	return []Limit{{2300, 15 * time.Minute}, {4500, 30 * time.Minute}, {8800, time.Hour}, {105600, 24 * time.Hour}}
}

// bucket holds the calls of one limit that have not leaked out yet.
type bucket struct {
	Limit
	level float64
	at    time.Time
}

// leak lets out what leaked until now.
func (b *bucket) leak(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.level = max(0, b.level-float64(b.Calls)*passed.Seconds()/b.Window.Seconds())
		b.at = now
	}
}

// quota is what one client may still ask for.
type quota []*bucket

// newQuota begins with empty buckets.
func newQuota(limits []Limit, now time.Time) quota {
	q := make(quota, len(limits))
	for i, l := range limits {
		q[i] = &bucket{Limit: l, at: now}
	}
	return q
}

// take counts a call and tells whether it is within every limit. A refused call is not counted.
func (q quota) take(now time.Time) bool {
	for _, b := range q {
		b.leak(now)
		if b.level+1 > float64(b.Calls) {
			return false
		}
	}
	for _, b := range q {
		b.level++
	}
	return true
}

// show writes the three headers, a line for each window in the order of the limits: some SDKs read them line by line.
func (q quota) show(h http.Header, now time.Time) {
	for _, b := range q {
		b.leak(now)
		made := int(math.Ceil(b.level))
		h.Add("X-RateLimit", strconv.Itoa(made))
		h.Add("X-RateLimit-Remaining", strconv.Itoa(max(0, b.Calls-made)))
		h.Add("X-RateLimit-Reset", strconv.FormatInt(now.Add(b.Window).Unix(), 10))
	}
}

// tooMany refuses a call over a limit.
func tooMany() *refusal {
	return refused(http.StatusTooManyRequests, "rate_limit", "Too many requests. See the x-ratelimit headers")
}
