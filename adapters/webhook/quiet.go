package webhook

import (
	"sync"
	"time"
)

// quietFor is how long an outcome that was logged is only counted: an outage, or a stranger who writes nonsense, must not
// fill the operator's log.
const quietFor = 10 * time.Second

// quiet lets the first of a kind through, then one in quietFor.
type quiet struct {
	mu   sync.Mutex
	last [outcomes]time.Time
	more [outcomes]int
}

// let tells whether to log an outcome at a time, and how many were kept back since the last that was.
func (q *quiet) let(o Outcome, at time.Time) (more int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if since := at.Sub(q.last[o]); !q.last[o].IsZero() && 0 <= since && since < quietFor {
		q.more[o]++
		return 0, false
	}
	more, q.more[o], q.last[o] = q.more[o], 0, at
	return more, true
}
