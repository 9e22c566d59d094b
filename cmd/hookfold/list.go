package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookfold/hookfold/adapters/readapi"
)

// listCmd prints many documents.
type listCmd struct {
	Kind   string   `arg:"" help:"What to list: users, idv-sessions or hooks."`
	Filter []string `help:"Only documents with this value in a field: user_status=CLOSED, confirmed.kyc=false. May be repeated." placeholder:"FIELD=VALUE" sep:"none"`
	Limit  int      `help:"How many documents at most." default:"100"`
	All    bool     `help:"As many as there are."`
	Cursor string   `help:"Go on where a list before ended." placeholder:"CURSOR"`
	JSON   bool     `help:"Print JSON lines: whole documents, as get prints them." name:"json"`
	client
}

// pageful is how many documents are asked for at once.
const pageful = 500

// Run prints a line for each document.
func (c *listCmd) Run(e env) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	var t table
	for left, next := c.Limit, c.Cursor; ; {
		q.Set("limit", strconv.Itoa(pageful))
		if !c.All {
			q.Set("limit", strconv.Itoa(min(left, pageful)))
		}
		if next != "" {
			q.Set("cursor", next)
		}
		page, err := c.page(e, q)
		if err != nil {
			return err
		}
		for _, doc := range page.Items {
			if err := c.print(e, &t, doc); err != nil {
				return err
			}
		}
		left, next = left-len(page.Items), page.Next
		if next == "" || left <= 0 && !c.All {
			return c.end(e, &t, next)
		}
	}
}

// query reads the filters.
func (c *listCmd) query() (url.Values, error) {
	if c.Limit < 1 {
		return nil, exit(exitUsage, "--limit %d: give at least 1, or --all", c.Limit)
	}
	q := url.Values{}
	for _, f := range c.Filter {
		name, value, ok := strings.Cut(f, "=")
		switch {
		case !ok || name == "":
			return nil, exit(exitUsage, "--filter %q: give FIELD=VALUE", f)
		case slices.Contains([]string{"limit", "cursor", "wait", "source", "at"}, name):
			return nil, exit(exitUsage, "--filter %q: %s is no field that can be asked for; see hookfold list --help", f, name)
		}
		q.Add(name, value)
	}
	return q, nil
}

// page asks for one page and tells of resources that are not as they should be.
func (c *listCmd) page(e env, q url.Values) (readapi.Listing, error) {
	var page readapi.Listing
	a, err := c.ask(e.ctx, q, plural(c.Kind))
	if err != nil {
		return page, err
	}
	if a.status != http.StatusOK {
		return page, refused(a)
	}
	if err := json.Unmarshal(a.body, &page); err != nil {
		return page, exit(exitUnreachable, "the answer of the server at %s cannot be read: %w", c.Admin, err)
	}
	for _, p := range page.Parked {
		standsStill(e, p.ID, p.Seq)
	}
	for _, id := range page.Unreadable {
		_, _ = fmt.Fprintf(e.err, "hookfold: %q is left out: what the store holds of it cannot be read; rebuild the read model\n", id)
	}
	return page, nil
}

// print prints a document at once, or keeps it for the table.
func (c *listCmd) print(e env, t *table, doc []byte) error {
	if !c.JSON {
		return t.add(doc)
	}
	_, err := fmt.Fprintln(e.out, string(doc))
	return err
}

// end prints the table and where to go on.
func (c *listCmd) end(e env, t *table, next string) error {
	if err := t.write(e.out); err != nil {
		return err
	}
	switch {
	case next == "" && len(t.rows) == 0 && !c.JSON:
		_, _ = fmt.Fprintln(e.err, "hookfold: nothing to list")
	case next != "":
		_, _ = fmt.Fprintf(e.err, "hookfold: there may be more: --all, or --cursor %s\n", next)
	}
	return nil
}
