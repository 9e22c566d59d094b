package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/hookfold/hookfold/projections/views"
)

// lookup names a resource on a running server.
type lookup struct {
	Resource []string `arg:"" help:"Id of the resource, or its kind (user, idv_session, hook) and its id."`
	At       string   `help:"As of a time (Unix seconds or RFC 3339) or a log sequence (seq:N)." placeholder:"TIME"`
	client
}

// find asks the server: one read model, or all of them when only an id was given.
func (l *lookup) find(e env) ([][]byte, error) {
	var models []string
	id := l.Resource[len(l.Resource)-1]
	switch len(l.Resource) {
	case 1:
		for _, m := range views.All() {
			models = append(models, m.Plural())
		}
	case 2:
		models = []string{plural(l.Resource[0])}
	default:
		return nil, exit(exitUsage, "give an id, or a kind and an id")
	}
	var found [][]byte
	for _, m := range models {
		q := url.Values{}
		if l.At != "" {
			q.Set("at", l.At)
		}
		a, err := l.ask(e.ctx, q, m, id)
		if err != nil {
			return nil, err
		}
		switch a.status {
		case http.StatusOK:
			found = append(found, a.body)
			if a.parked != "" {
				standsStill(e, id, a.parked)
			}
		case http.StatusNotFound:
		default:
			return nil, refused(a)
		}
	}
	if len(found) == 0 {
		return nil, exit(exitBadInput, "never heard of %q", id)
	}
	return found, nil
}

// getCmd prints a resource's document.
type getCmd struct {
	lookup
	JSON bool `help:"Print JSON lines, which is what get always does." name:"json"`
}

// Run prints one document a line.
func (c *getCmd) Run(e env) error {
	docs, err := c.find(e)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if _, err := fmt.Fprintln(e.out, strings.TrimSpace(string(d))); err != nil {
			return err
		}
	}
	return nil
}
