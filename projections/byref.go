package projections

import "github.com/hookfold/hookfold/events"

// byRef is a map of resources that hashes the id alone where source and kind are those of the call before, as they are for
// almost every call. Reading through family is safe for several goroutines, as a map is.
type byRef[T any] struct {
	families map[[2]string]map[string]T
	name     [2]string
	last     map[string]T
}

// of is the map of a family, by id, which is made where there is none.
func (m *byRef[T]) of(ref events.Ref) map[string]T {
	if m.last != nil && m.name[0] == ref.Source && m.name[1] == ref.Kind {
		return m.last
	}
	m.name = [2]string{ref.Source, ref.Kind}
	m.last = m.families[m.name]
	if m.last == nil {
		if m.families == nil {
			m.families = map[[2]string]map[string]T{}
		}
		m.last = map[string]T{}
		m.families[m.name] = m.last
	}
	return m.last
}

// family is the map of a family; nil where there is none.
func (m *byRef[T]) family(ref events.Ref) map[string]T {
	return m.families[[2]string{ref.Source, ref.Kind}]
}

// len counts all.
func (m *byRef[T]) len() (n int) {
	for _, f := range m.families {
		n += len(f)
	}
	return n
}

// clear empties the families, and forgets them where they are many.
func (m *byRef[T]) clear() {
	if len(m.families) > mostFamilies {
		*m = byRef[T]{}
	}
	for _, f := range m.families {
		clear(f)
	}
}

// each calls f with everything.
func (m *byRef[T]) each(f func(events.Ref, T)) {
	for name, family := range m.families {
		for id, x := range family {
			f(events.Ref{Source: name[0], Kind: name[1], ID: id}, x)
		}
	}
}
