package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// list answers a page of a list, with the headers that say how many there are.
func list[T any](c *call, all []T) (reply, error) {
	page, perPage, err := c.paging()
	if err != nil {
		return reply{}, err
	}
	pages := (len(all) + perPage - 1) / perPage
	from := min((page-1)*perPage, len(all))
	body := all[from:min(from+perPage, len(all))]
	if !c.query.Has("page") && !c.query.Has("per_page") {
		return ok(body) // some SDKs fail over these headers where they asked for no page
	}
	h := http.Header{}
	h.Set("X-Number-Of-Pages", strconv.Itoa(pages))
	h.Set("X-Number-Of-Items", strconv.Itoa(len(all)))
	if links := c.links(page, pages); links != "" {
		h.Set("Link", links)
	}
	return reply{status: http.StatusOK, body: body, header: h}, nil
}

// paging reads page, from 1, and per_page: 10 where it is not given, 100 at most.
func (c *call) paging() (page, perPage int, err error) {
	page, perPage = 1, 10
	for name, into := range map[string]*int{"page": &page, "per_page": &perPage} {
		if v := c.query.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || n > 1_000_000 {
				return 0, 0, badParam(name, "The value must be a number from 1 on.")
			}
			*into = max(n, 1) // an SDK begins with page 0
		}
	}
	return page, min(perPage, 100), nil
}

// links names the pages around one.
func (c *call) links(page, pages int) string {
	var out []string
	for _, l := range []struct {
		rel  string
		page int
		has  bool
	}{{"first", 1, pages > 0}, {"prev", page - 1, page > 1}, {"next", page + 1, page < pages}, {"last", pages, pages > 0}} {
		if l.has {
			q := url.Values{}
			for name, values := range c.query {
				q[name] = values
			}
			q.Set("page", strconv.Itoa(l.page))
			out = append(out, "<"+c.link(c.r.URL.Path)+"?"+q.Encode()+`>; rel="`+l.rel+`"`)
		}
	}
	return strings.Join(out, ", ")
}

// newestFirst tells whether Sort asks for the newest first; otherwise is the order of a request that does not say.
func (c *call) newestFirst(otherwise bool) (bool, error) {
	sort := c.query.Get("sort")
	if sort == "" {
		return otherwise, nil
	}
	field, order, _ := strings.Cut(sort, ":")
	if !strings.EqualFold(field, "CreationDate") && !strings.EqualFold(field, "Date") {
		return false, badParam("Sort", "The list can be sorted by CreationDate only.")
	}
	return strings.EqualFold(order, "desc"), nil
}

// ordered answers a page of a list that is the oldest first where the request does not ask for the other way round.
func ordered[T any](c *call, rows []T) (reply, error) {
	newest, err := c.newestFirst(false)
	if err != nil {
		return reply{}, err
	}
	if newest {
		slices.Reverse(rows)
	}
	return list(c, rows)
}

// dates reads AfterDate and BeforeDate, in Unix seconds; 0 is no bound.
func (c *call) dates() (after, before int64, err error) {
	for name, into := range map[string]*int64{"AfterDate": &after, "BeforeDate": &before} {
		if v := c.query.Get(strings.ToLower(name)); v != "" {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return 0, 0, badParam(name, "The value must be a Unix timestamp.")
			}
			*into = n
		}
	}
	return after, before, nil
}
