package readapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// quarantine serves what stands still: the path is empty, or a kind and an id.
func (a *api) quarantine(w http.ResponseWriter, r *http.Request, path []string) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		failWith(w, errList)
		return
	}
	var answer any
	switch len(path) {
	case 0:
		answer, err = a.held(r, values)
	case 2:
		answer, err = a.why(r, values, path)
	default:
		fail(w, http.StatusNotFound, "no such path: what stands still is at /v1/quarantine and /v1/quarantine/{kind}/{id}")
		return
	}
	if err != nil {
		failWith(w, err)
		return
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(answer) // the client may be gone
}

// held lists it.
func (a *api) held(r *http.Request, values url.Values) (projections.HeldPage, error) {
	var q projections.HeldQuery
	for name, all := range values {
		if len(all) != 1 {
			return projections.HeldPage{}, errList
		}
		switch name {
		case "limit":
			n, err := strconv.ParseUint(all[0], 10, 16)
			if err != nil || n < 1 || n > maxLimit {
				return projections.HeldPage{}, errList
			}
			q.Limit = int(n)
		case "cursor":
			q.Cursor = all[0]
		case "scan":
			q.Scan = all[0] == "true"
		default:
			return projections.HeldPage{}, errList
		}
	}
	if q.Scan {
		return a.cfg.Quarantine.List(r.Context(), q)
	}
	ctx, cancel := a.reading(r)
	defer cancel()
	return a.cfg.Quarantine.List(ctx, q)
}

// why tells of one resource.
func (a *api) why(r *http.Request, values url.Values, path []string) (projections.Shown, error) {
	id, err := url.PathUnescape(path[1])
	if err != nil {
		return projections.Shown{}, projections.ErrNotHeld
	}
	ref := events.Ref{Source: cmp.Or(values.Get("source"), a.cfg.Source), Kind: path[0], ID: id}
	ctx, cancel := a.reading(r)
	defer cancel()
	return a.cfg.Quarantine.Show(ctx, ref)
}
