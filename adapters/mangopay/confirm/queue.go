package confirm

import (
	"container/heap"
	"container/list"
)

// lane is where a resource waits for its turn.
type lane uint8

// The lanes, the first one first.
const (
	trusted lane = iota // a trusted source vouches that the resource exists
	fresh               // nobody knows
	doubted             // the API did not know it when it was last asked
	lanes
)

// queue says which resource is next. Those that have to wait stand in a heap by the time at which they are due; those
// whose time has come stand in a lane. Every fourth turn begins at another lane than the first, and of a lane that a
// forger may fill every second turn takes the newest: so the oldest get on, and what comes after a flood is not behind it.
type queue struct {
	waiting waiting
	ready   [lanes]list.List
	turn    uint
}

// put takes a resource that is due at a time, Unix milliseconds, and out of wherever it was.
func (q *queue) put(r *resource, due int64) {
	q.take(r)
	r.spot.due = due
	heap.Push(&q.waiting, r)
}

// take takes a resource out.
func (q *queue) take(r *resource) {
	if r.spot.index >= 0 {
		heap.Remove(&q.waiting, r.spot.index)
	}
	if r.spot.ready != nil {
		q.ready[r.lane].Remove(r.spot.ready)
		r.spot.ready = nil
	}
}

// due gives the next resource whose time has come.
func (q *queue) due(now int64) (*resource, bool) {
	if len(q.waiting) == 0 || q.waiting[0].spot.due > now {
		return nil, false
	}
	return heap.Pop(&q.waiting).(*resource), true
}

// line puts a resource into the lane that is its.
func (q *queue) line(r *resource) {
	r.spot.ready = q.ready[r.lane].PushBack(r)
}

// next takes the resource whose turn it is.
func (q *queue) next() (*resource, bool) {
	q.turn++
	for i := range lanes {
		l := &q.ready[(i+q.first())%lanes]
		if l.Len() == 0 {
			continue
		}
		e := l.Front()
		if e.Value.(*resource).lane != trusted && q.turn%2 == 0 {
			e = l.Back()
		}
		r := l.Remove(e).(*resource)
		r.spot.ready = nil
		return r, true
	}
	return nil, false
}

// first is the lane at which a turn begins.
func (q *queue) first() lane {
	switch q.turn % 16 {
	case 3, 7, 11:
		return fresh
	case 15:
		return doubted
	}
	return trusted
}

// lined counts those whose time has come.
func (q *queue) lined() (n int) {
	for l := range q.ready {
		n += q.ready[l].Len()
	}
	return n
}

// wake is when the next of those that wait is due; false: none waits.
func (q *queue) wake() (int64, bool) {
	if len(q.waiting) == 0 {
		return 0, false
	}
	return q.waiting[0].spot.due, true
}

// waiting is a heap by due time.
type waiting []*resource

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].spot.due < w[j].spot.due }
func (w waiting) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].spot.index, w[j].spot.index = i, j
}

// Push and Pop serve container/heap.
func (w *waiting) Push(x any) {
	r := x.(*resource)
	r.spot.index = len(*w)
	*w = append(*w, r)
}

// Pop takes the last.
func (w *waiting) Pop() any {
	n := len(*w) - 1
	r := (*w)[n]
	(*w)[n], *w = nil, (*w)[:n]
	r.spot.index = -1
	return r
}
