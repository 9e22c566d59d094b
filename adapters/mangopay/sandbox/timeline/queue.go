package timeline

import "time"

// thing is something that will happen.
type thing struct {
	at time.Time
	n  uint64 // rises with every thing that is put on the line
	do func(now time.Time)
}

// queue is a heap of things, the next one first.
type queue []thing

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].n < q[j].n
	}
	return q[i].at.Before(q[j].at)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push adds a thing, for container/heap.
func (q *queue) Push(x any) { *q = append(*q, x.(thing)) }

// Pop removes the last thing, for container/heap.
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = thing{} // lets go of what it holds
	*q = (*q)[:last]
	return x
}
