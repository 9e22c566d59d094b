package projections

import "github.com/hookfold/hookfold/events"

// lists are the orders in which a MemoryStore tells its rows. Each is made at the first question for it and kept up to
// date from there on, so that whoever only folds pays for none.
type lists struct {
	all  map[string]*refs                       // by model
	keys map[string]map[string]map[string]*refs // by model, secondary key and value
}

func newLists() lists {
	return lists{all: map[string]*refs{}, keys: map[string]map[string]map[string]*refs{}}
}

// put takes note of a row whose keys take the place of others, or that is new.
func (l *lists) put(model string, ref events.Ref, old, index map[string]string, had bool) {
	if all := l.all[model]; all != nil && !had {
		all.add(ref)
	}
	for key, byValue := range l.keys[model] {
		was, is := old[key], index[key]
		if was == is {
			continue
		}
		if was != "" {
			byValue[was].remove(ref)
		}
		if is == "" {
			continue
		}
		if byValue[is] == nil {
			byValue[is] = &refs{}
		}
		byValue[is].add(ref)
	}
}

// has tells whether the list of a question is made.
func (l *lists) has(q Query) bool {
	if q.Index == "" {
		return l.all[q.Model] != nil
	}
	return l.keys[q.Model][q.Index] != nil
}

// forget drops the lists of a model.
func (l *lists) forget(model string) {
	delete(l.all, model)
	delete(l.keys, model)
}

// of is the list of a question; nil where it is empty.
func (l *lists) of(q Query) *refs {
	if q.Index == "" {
		return l.all[q.Model]
	}
	return l.keys[q.Model][q.Index][q.Value]
}

// make makes the list of a question, and of every value of its key, from all rows.
func (l *lists) make(q Query, rows *shelf) {
	if q.Index == "" {
		all := make([]events.Ref, 0, rows.len())
		rows.each(func(ref events.Ref, _ *cell) { all = append(all, ref) })
		l.all[q.Model] = newRefs(all)
		return
	}
	found := map[string][]events.Ref{}
	rows.each(func(ref events.Ref, c *cell) {
		if value := c.index[q.Index]; value != "" {
			found[value] = append(found[value], ref)
		}
	})
	byValue := make(map[string]*refs, len(found))
	for value, all := range found {
		byValue[value] = newRefs(all)
	}
	if l.keys[q.Model] == nil {
		l.keys[q.Model] = map[string]map[string]*refs{}
	}
	l.keys[q.Model][q.Index] = byValue
}
