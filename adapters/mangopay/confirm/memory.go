package confirm

import "github.com/hookfold/hookfold/events"

// memory remembers something of the resources that were spoken of last, and forgets the others: it holds two generations,
// and when the younger one is full the older one goes. What is asked for becomes young again.
type memory[V any] struct {
	most       int // of one generation
	young, old map[brief]V
}

// brief stands for a resource. It is a digest, so that a name of any length costs the same.
type brief [16]byte

// briefly digests the name of a resource.
func briefly(ref events.Ref) brief {
	return brief(events.Event{Type: events.Observed, Ref: ref}.ID())
}

// remembering makes a memory of at least most and at most twice as many entries.
func remembering[V any](most int) *memory[V] {
	return &memory[V]{most: most, young: map[brief]V{}}
}

// get finds what is remembered.
func (m *memory[V]) get(b brief) (V, bool) {
	if v, ok := m.young[b]; ok {
		return v, true
	}
	v, ok := m.old[b]
	if ok {
		m.put(b, v)
	}
	return v, ok
}

// put remembers.
func (m *memory[V]) put(b brief, v V) {
	if len(m.young) >= m.most {
		m.old, m.young = m.young, make(map[brief]V)
	}
	m.young[b] = v
}

// forget forgets.
func (m *memory[V]) forget(b brief) {
	delete(m.young, b)
	delete(m.old, b)
}
