package projections

import "fmt"

// Renderer renders the documents of one model's rows, for stores that show documents beside their rows. One goroutine at a
// time may use it.
type Renderer struct {
	model AnyModel
	run   runner
}

// NewRenderer makes one. An invalid model panics.
func NewRenderer(m AnyModel) *Renderer {
	if p := m.problems(); len(p) > 0 {
		panic(fmt.Errorf("%w: %v", ErrModel, p))
	}
	return &Renderer{model: m, run: m.ready()}
}

// Document renders a row as it stands; the row may be one that is being committed, or one that a store gave. Errors:
// ErrUnknown where nothing that makes a document was heard of the resource, and that the row cannot be read or rendered.
func (r *Renderer) Document(row Row) (Document, error) { return documentOf(r.run, row, AsOf{}) }

// Blank is the document of a resource of which nothing is known. It shows which fields the model's documents have, but those
// that it leaves out or sets to null.
func (r *Renderer) Blank() ([]byte, error) { return r.model.blank() }

// KeyOf is the secondary key that a field of the document shows (Model.IndexFields), those of nested objects with dots; ""
// none.
func (r *Renderer) KeyOf(field string) string { return r.model.keyOf(field) }

// blank renders a resource of which nothing is known.
func (m Model[V]) blank() ([]byte, error) {
	doc, err := m.render(View[V]{})
	return doc.JSON, err
}
