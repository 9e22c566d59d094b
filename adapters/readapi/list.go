package readapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/hookfold/hookfold/projections"
)

// maxLimit bounds ?limit=. Without it a page holds projections.DefaultListLimit documents at most.
const maxLimit = 1000

// errList says that the query of a list cannot be read.
var errList = errors.New("readapi: a list takes limit (1 to 1000), cursor, wait, source and fields of its documents, each once, with a value and percent-encoded")

// errPresent says that lists, and what is computed of a resource, have no past.
var errPresent = errors.New("readapi: this shows the present: only a single document can be asked for with at")

// Listing is the answer to a list.
type Listing struct {
	Items []json.RawMessage `json:"items"` // documents, as each is served by itself
	Next  string            `json:"next"`  // ?cursor= of the next page; "" on the last
	// Parked names those of the items whose resource stands still (law 11): they may be out of date.
	Parked []Parked `json:"parked,omitempty"`
	// Unreadable names resources that are left out because the store holds something of them that cannot be read.
	Unreadable []string `json:"unreadable,omitempty"`
}

// Parked is a resource that stands still.
type Parked struct {
	ID  string `json:"id"`
	Seq uint64 `json:"seq"` // log record at which it stopped
}

// listQuestion reads the query of a list: everything that is not a word of its own is a filter.
func listQuestion(raw string) (q projections.DocumentQuery, wait projections.Seq, err error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return q, 0, errList
	}
	q.Where = map[string]string{}
	for name, all := range values {
		if len(all) != 1 || all[0] == "" {
			return q, 0, errList
		}
		switch value := all[0]; name {
		case "at":
			return q, 0, errPresent
		case "limit":
			n, err := strconv.ParseUint(value, 10, 16)
			if err != nil || n < 1 || n > maxLimit {
				return q, 0, errList
			}
			q.Limit = int(n)
		case "cursor":
			q.Cursor = value
		case "source":
			q.Source = value
		case "wait":
			if wait, err = sequence(value); err != nil {
				return q, 0, err
			}
		default:
			q.Where[name] = value
		}
	}
	return q, wait, nil
}

// list serves a page of a model's documents; belongs, if not nil, is a filter that the path makes.
func (a *api) list(w http.ResponseWriter, r *http.Request, m projections.AnyModel, belongs map[string]string) {
	q, wait, err := listQuestion(r.URL.RawQuery)
	for field, value := range belongs {
		if _, twice := q.Where[field]; twice && err == nil {
			err = errList
		}
		if err == nil {
			q.Where[field] = value
		}
	}
	if err == nil {
		err = a.wait(r.Context(), wait)
	}
	if err != nil {
		failWith(w, err)
		return
	}
	q.Source = cmp.Or(q.Source, a.cfg.Source)
	ctx, cancel := a.reading(r)
	defer cancel()
	page, err := projections.ListDocuments(ctx, a.cfg.Store, m, q)
	if err != nil {
		failWith(w, err)
		return
	}
	write(w, page)
}

// write renders a page without touching its documents.
func write(w http.ResponseWriter, page projections.DocumentPage) {
	l := Listing{Items: make([]json.RawMessage, len(page.Documents)), Next: page.Next}
	for i, doc := range page.Documents {
		l.Items[i] = doc.JSON
		if doc.Parked != nil {
			l.Parked = append(l.Parked, Parked{ID: doc.Ref.ID, Seq: uint64(doc.Parked.Seq)})
		}
	}
	for _, ref := range page.Unreadable {
		l.Unreadable = append(l.Unreadable, ref.ID)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(l) // the client may be gone
}

// belongs is the filter of /v1/{parents}/{id}/{model}: the model's field that shows the secondary key called like the
// parent's kind. ok is false where the model has none, and for an id that a filter reads as nothing known.
func belongs(m, parent projections.AnyModel, id string) (where map[string]string, ok bool) {
	field := m.FieldOf(parent.Singular())
	return map[string]string{field: id}, field != "" && id != `""`
}
