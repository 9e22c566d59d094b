package readapi

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"

	"github.com/hookfold/hookfold/projections"
)

// Derived computes a document that belongs to a resource and is not folded, such as the forecast of a hook: a value for
// encoding/json. Errors are those of projections.ReadDocument.
type Derived func(ctx context.Context, source, id string) (any, error)

// derived serves what belongs to a resource, as it is now.
func (a *api) derived(w http.ResponseWriter, r *http.Request, d Derived, id string) {
	q, err := ask(r.URL.RawQuery)
	if err == nil && q.at != (projections.AsOf{}) {
		err = errPresent
	}
	if err == nil {
		err = a.wait(r.Context(), q.wait)
	}
	var doc any
	if err == nil {
		ctx, cancel := a.reading(r)
		defer cancel()
		doc, err = d(ctx, cmp.Or(q.source, a.cfg.Source), id)
	}
	if err != nil {
		failWith(w, err)
		return
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(doc) // the client may be gone
}
