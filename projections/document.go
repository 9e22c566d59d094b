package projections

import (
	"fmt"
	"sort"

	"github.com/hookfold/hookfold/events"
)

// Document is one rendered resource.
type Document struct {
	Ref    events.Ref
	Seq    Seq
	Parked *Parked // set where the resource stands still and the document may be out of date
	JSON   []byte  // one line, without the newline
}

// Documents folds records into the documents of all resources that they concern, sorted by kind, id and source: what
// `hookfold fold` prints. It keeps no state; the order of the records does not matter. An invalid model panics.
func Documents(models []AnyModel, records []Record, at AsOf) ([]Document, error) {
	var out []Document
	for _, m := range models {
		docs, err := m.documents(records, at)
		if err != nil {
			return nil, err
		}
		out = append(out, docs...)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i].Ref, out[j].Ref
		if a.Kind != b.Kind {
			return a.Kind < b.Kind
		}
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return a.Source < b.Source
	})
	return out, nil
}

func (m Model[V]) documents(records []Record, at AsOf) ([]Document, error) {
	byRef := map[events.Ref][]Record{}
	for _, rec := range records {
		if ref, ok := m.route(rec); ok {
			byRef[ref] = append(byRef[ref], rec)
		}
	}
	var out []Document
	for ref, recs := range byRef {
		v := Fold(m, ref, recs, at)
		if !v.known {
			continue
		}
		doc, err := m.render(v)
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
	return out, nil
}

// render gives a view's document.
func (m Model[V]) render(v View[V]) (Document, error) {
	b, err := jsonOf(m.Document, v)
	if err != nil {
		return Document{}, fmt.Errorf("projections: document of %s %q does not render: %w", v.Ref.Kind, v.Ref.ID, err)
	}
	return Document{Ref: v.Ref, Seq: v.Seq, Parked: v.Parked, JSON: b}, nil
}
