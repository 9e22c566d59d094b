package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookfold/hookfold/projections/views"
)

// lookup names a resource on a running server.
type lookup struct {
	Resource   []string `arg:"" help:"Id of the resource, or its kind (user, idv_session, hook) and its id."`
	Admin      string   `help:"Address of the server's read API." default:"127.0.0.1:7700"`
	AdminToken string   `help:"Token that the read API asks for." placeholder:"TOKEN"`
	At         string   `help:"As of a time (Unix seconds or RFC 3339) or a log sequence (seq:N)." placeholder:"TIME"`
	Wait       string   `help:"Not before this log sequence has been applied." placeholder:"SEQ"`
	Source     string   `help:"Source of the resource." placeholder:"NAME"`
}

// plurals gives the other names of a read model.
var plurals = map[string]string{
	"user": "users", "hook": "hooks", "idv_session": "idv-sessions", "idv-session": "idv-sessions",
	"idv_sessions": "idv-sessions", "session": "idv-sessions", "sessions": "idv-sessions",
}

// answer is a document that the server gave.
type answer struct {
	body   []byte
	status int
}

// find asks the server: one read model, or all of them when only an id was given.
func (l *lookup) find(ctx context.Context) ([][]byte, error) {
	var models []string
	id := l.Resource[len(l.Resource)-1]
	switch len(l.Resource) {
	case 1:
		for _, m := range views.All() {
			models = append(models, m.Plural())
		}
	case 2:
		models = []string{l.Resource[0]}
		if plural, ok := plurals[l.Resource[0]]; ok {
			models = []string{plural}
		}
	default:
		return nil, exit(exitUsage, "give an id, or a kind and an id")
	}
	var found [][]byte
	for _, m := range models {
		a, err := l.ask(ctx, m, id)
		if err != nil {
			return nil, err
		}
		switch a.status {
		case http.StatusOK:
			found = append(found, a.body)
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

// ask gets one document.
func (l *lookup) ask(ctx context.Context, model, id string) (answer, error) {
	return l.askPath(ctx, url.PathEscape(model)+"/"+url.PathEscape(id))
}

// askPath gets what is at a path below /v1.
func (l *lookup) askPath(ctx context.Context, path string) (answer, error) {
	q := url.Values{}
	for name, v := range map[string]string{"at": l.At, "wait": l.Wait, "source": l.Source} {
		if v != "" {
			q.Set(name, v)
		}
	}
	base := strings.TrimSuffix(l.Admin, "/")
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/"+path+"?"+q.Encode(), nil)
	if err != nil {
		return answer{}, exit(exitUsage, "--admin %q is not an address", l.Admin)
	}
	if l.AdminToken != "" {
		req.Header.Set("Authorization", "Bearer "+l.AdminToken)
	}
	client := http.Client{Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, exit(exitUnreachable, "no server answers at %s: start one with hookfold serve, or give --admin", l.Admin)
	}
	defer func() { _ = res.Body.Close() }() // only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, exit(exitUnreachable, "the server at %s broke off: %w", l.Admin, err)
	}
	return answer{body, res.StatusCode}, nil
}

// refused tells what the server said.
func refused(a answer) error {
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(a.body, &said) // an empty sentence still comes with the status
	code := exitUnreachable
	if a.status < http.StatusInternalServerError {
		code = exitBadInput
	}
	return exit(code, "the server answered %d: %s", a.status, said.Error)
}

// getCmd prints a resource's document.
type getCmd struct{ lookup }

// Run prints one document a line.
func (c *getCmd) Run(e env) error {
	docs, err := c.find(e.ctx)
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
