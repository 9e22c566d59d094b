package mangopay

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"strconv"
)

const (
	mostPerPage  = 100 // of the provider
	leastPerPage = 10  // its default: nobody cuts pages smaller
	mostPages    = 200 // of a list that is read whole
)

// Events reads one page of the provider's list of events, which goes back 45 days: a question that reaches further is
// [ErrParam]. Its order cannot be relied on, new events appear after some seconds, and whether the bounds belong to the
// window is not documented: overlap, sort and deduplicate.
func (c *Client) Events(ctx context.Context, q EventQuery) (Answer[EventPage], error) {
	_, got, rows, err := onePage[wireEvent](ctx, c, eventList, "", q.values(), max(1, q.Page))
	if err != nil {
		return Answer[EventPage]{}, err
	}
	page := EventPage{Pages: got.pages()}
	for _, w := range rows {
		page.Events = append(page.Events, w.event())
	}
	return Answer[EventPage]{Value: page, At: got.at}, nil
}

// values is the query of the question.
func (q EventQuery) values() url.Values {
	v := paged(max(1, q.Page), q.PerPage)
	if q.Type != "" {
		v.Set("EventType", string(q.Type))
	}
	for name, at := range map[string]int64{"AfterDate": q.After, "BeforeDate": q.Before} {
		if at != 0 {
			v.Set(name, strconv.FormatInt(at, 10))
		}
	}
	return v
}

// paged asks for a page, counted from 1.
func paged(page, per int) url.Values {
	if per < 1 || per > mostPerPage {
		per = mostPerPage
	}
	return url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(per)}}
}

// pages is how many pages the answer says there are; 0 when it does not say.
func (r reply) pages() int {
	n, err := strconv.Atoi(r.header.Get("X-Number-Of-Pages"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// every reads all pages of a list. row returns a row and its id. Rows that move from page to page while we read come once.
func every[W, T any](ctx context.Context, c *Client, e endpoint, id string, query url.Values, row func(W) (T, string)) (Answer[[]T], error) {
	var all Answer[[]T]
	seen := map[string]bool{}
	for page := 1; ; page++ {
		r, got, rows, err := onePage[W](ctx, c, e, id, query, page)
		if err != nil {
			return Answer[[]T]{}, err
		}
		if page == 1 {
			all.At = got.at
		}
		before := len(seen)
		for _, w := range rows {
			switch v, name := row(w); {
			case name == "":
				return Answer[[]T]{}, r.unreadable(got, "a row has no Id")
			case !seen[name]:
				seen[name] = true
				all.Value = append(all.Value, v)
			}
		}
		if last(page, got.pages(), len(rows), len(seen)-before) {
			return all, nil
		}
		if page == mostPages {
			return Answer[[]T]{}, r.unreadable(got, "it has more pages than we read")
		}
	}
}

// onePage reads one page of a list.
func onePage[W any](ctx context.Context, c *Client, e endpoint, id string, query url.Values, page int) (request, reply, []W, error) {
	ask := paged(page, mostPerPage)
	maps.Copy(ask, query)
	r, err := c.request(e, id, ask, nil)
	if err != nil {
		return r, reply{}, nil, err
	}
	got, err := c.read(ctx, r)
	if err != nil {
		return r, got, nil, err
	}
	rows, ok := rowsOf[W](got.body)
	if !ok {
		return r, got, nil, r.unreadable(got, notRows)
	}
	return r, got, rows, nil
}

// last tells whether a page is the last one: by the count of pages that came with it; without one, when it brings
// nothing new, as from a list that knows no pages, or fewer rows than any page is cut to.
func last(page, pages, rows, fresh int) bool {
	if pages > 0 {
		return page >= pages
	}
	return fresh == 0 || rows < leastPerPage
}

const notRows = "it is no JSON array of objects"

// rowsOf decodes an array. A row that is no object makes the whole unreadable: a list must not lose one silently.
func rowsOf[W any](body []byte) ([]W, bool) {
	var raw []json.RawMessage
	if !decode(body, '[', &raw) {
		return nil, false
	}
	rows := make([]W, len(raw))
	for i, r := range raw {
		if !decode(r, '{', &rows[i]) {
			return nil, false
		}
	}
	return rows, true
}
