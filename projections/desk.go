package projections

// desk is room to fold on, used again and again. One goroutine at a time may use it.
type desk[V any] struct {
	kinds   kinds
	records []Record // of the moment that is folded
	past    past
	history History     // of the moment that is folded, without lines
	before  resource[V] // what the resource was before the record that is folded
	values  [2][]Value  // published before and after it
	again   wireWriter  // what would be written of a row that was read
}

// replay folds the records [from:to), which are whole moments.
func (r *resource[V]) replay(d *desk[V], v V, from, to int, h *History) V {
	for from < to {
		end := r.end(from)
		v = r.moment(d, v, from, end, h)
		from = end
	}
	return v
}

// moment applies the records [from:to), all of one time.
func (r *resource[V]) moment(d *desk[V], v V, from, to int, h *History) V {
	d.past = past{ledger: r.upTo(from), scale: r.scale(), window: r.of.model.window()}
	d.records = d.records[:0]
	for i := from; i < to; i++ {
		d.records = append(d.records, d.past.record(&r.held[i]))
	}
	n := len(d.records)
	return r.of.model.Apply(v, Moment{Time: r.held[from].when, Records: d.records[:n:n], past: &d.past}, h)
}
