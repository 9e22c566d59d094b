package projections

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

// HeldQuery asks for a page of what stands still.
type HeldQuery struct {
	Limit  int    // rows that are looked at, at most; 0: 100
	Cursor string // HeldPage.Next of the page before; "" for the first
	// Scan reads every row. So are those found that cannot be read and of which nothing was heard since, and those that were
	// parked before rows had the QuarantineKey. Without it, a store that has an index is asked for what stands still only.
	Scan bool
}

// HeldPage is some of it. It may hold fewer than were asked for, even none: only an empty Next is the end.
type HeldPage struct {
	Items []Held `json:"items"`
	Next  string `json:"next"`
}

// heldCursor is a place in the list.
type heldCursor struct {
	Model string `json:"m"`
	Store string `json:"c"`
	Scan  bool   `json:"s"`
}

// List returns a page of what stands still: model after model, each in the store's order. Errors: ErrCursor, the store's.
func (q Quarantine) List(ctx context.Context, query HeldQuery) (HeldPage, error) {
	at, place, err := q.place(query)
	if err != nil || len(q.Models) == 0 {
		return HeldPage{Items: []Held{}}, err
	}
	m := q.Models[at]
	ask := Query{Model: m.ID(), Limit: or(query.Limit, DefaultListLimit), Cursor: place.Store}
	if q.Store.Features().Indexed && !query.Scan {
		ask.Index, ask.Value = QuarantineKey, quarantineValue
	}
	rows, err := q.Store.List(ctx, ask)
	if err != nil {
		return HeldPage{}, fmt.Errorf("projections: listing what stands still of %s: %w", m.Plural(), err)
	}
	page := HeldPage{Items: []Held{}}
	r := m.ready()
	for _, row := range rows.Rows {
		f := r.fresh(row.Ref)
		if h, is := heldBy(m, f, row); is {
			page.Items = append(page.Items, h)
		}
		r.release(f)
	}
	place = heldCursor{Model: m.ID(), Store: rows.Next, Scan: query.Scan}
	if rows.Next == "" && at+1 < len(q.Models) {
		place.Model = q.Models[at+1].ID()
	}
	if rows.Next != "" || at+1 < len(q.Models) {
		page.Next = place.write()
	}
	return page, nil
}

// place reads the cursor of a query.
func (q Quarantine) place(query HeldQuery) (model int, c heldCursor, err error) {
	if query.Cursor == "" {
		return 0, c, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(query.Cursor)
	if err != nil || json.Unmarshal(b, &c) != nil || c.write() != query.Cursor || c.Scan != query.Scan {
		return 0, c, ErrCursor
	}
	model = slices.IndexFunc(q.Models, func(m AnyModel) bool { return m.ID() == c.Model })
	if model < 0 {
		return 0, c, ErrCursor
	}
	return model, c, nil
}

func (c heldCursor) write() string {
	b, _ := json.Marshal(c) // texts always render
	return base64.RawURLEncoding.EncodeToString(b)
}
