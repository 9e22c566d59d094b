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

	"github.com/hookfold/hookfold/adapters/readapi"
)

// client asks the read API of a running server.
type client struct {
	server
	Wait   string `help:"Not before this log sequence has been applied." placeholder:"SEQ"`
	Source string `help:"Source of the resources." placeholder:"NAME"`
}

// server is where a running server is.
type server struct {
	Admin      string `help:"Address of the server's read API." default:"127.0.0.1:7700"`
	AdminToken string `help:"Token of the server's read API, where it asks for one." placeholder:"TOKEN"`
}

// answer is what the server said.
type answer struct {
	body   []byte
	status int
	parked string // log record at which a resource stopped; "" where it did not
}

// plurals gives the other names of a read model.
var plurals = map[string]string{
	"user": "users", "hook": "hooks", "idv_session": "idv-sessions", "idv-session": "idv-sessions",
	"idv_sessions": "idv-sessions", "session": "idv-sessions", "sessions": "idv-sessions",
}

// plural is the name under which a read model is served.
func plural(kind string) string {
	if name, ok := plurals[kind]; ok {
		return name
	}
	return kind
}

// ask gets what stands at a path, whose segments need no escape yet.
func (c *client) ask(ctx context.Context, q url.Values, path ...string) (answer, error) {
	for name, v := range map[string]string{"wait": c.Wait, "source": c.Source} {
		if v != "" {
			q.Set(name, v)
		}
	}
	req, err := c.request(ctx, http.MethodGet, q, path)
	if err != nil {
		return answer{}, err
	}
	asker := http.Client{Timeout: 30 * time.Second}
	res, err := asker.Do(req)
	if err != nil {
		return answer{}, c.silent()
	}
	defer func() { _ = res.Body.Close() }() // only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, exit(exitUnreachable, "the server at %s broke off: %w", c.Admin, err)
	}
	return answer{body, res.StatusCode, res.Header.Get(readapi.ParkedHeader)}, nil
}

// silent says that no server answers.
func (c *server) silent() error {
	return exit(exitUnreachable, "no server answers at %s: start one with hookfold serve, or give --admin", c.Admin)
}

// request makes a request with the token, which is never shown.
func (c *server) request(ctx context.Context, method string, q url.Values, path []string) (*http.Request, error) {
	base := strings.TrimSuffix(c.Admin, "/")
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	segments := []string{base, "v1"}
	for _, segment := range path {
		segments = append(segments, url.PathEscape(segment))
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.Join(segments, "/")+"?"+q.Encode(), nil)
	if err != nil {
		return nil, exit(exitUsage, "--admin %q is not an address", c.Admin)
	}
	if strings.ContainsFunc(c.AdminToken, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, exit(exitUsage, "--admin-token holds a character that no token has")
	}
	if c.AdminToken != "" {
		req.Header.Set("Authorization", "Bearer "+c.AdminToken)
	}
	return req, nil
}

// refused tells what the server said.
func refused(a answer) error {
	var said struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(a.body, &said) // an empty sentence still comes with the status
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return exit(exitBadInput, "the server answered %d: give its token by --admin-token or HOOKFOLD_ADMIN_TOKEN", a.status)
	case a.status < http.StatusInternalServerError:
		return exit(exitBadInput, "the server answered %d: %s", a.status, said.Error)
	}
	return exit(exitUnreachable, "the server answered %d: %s", a.status, said.Error)
}

// standsStill warns of a resource whose document may be out of date (law 11).
func standsStill(e env, id string, seq any) {
	_, _ = fmt.Fprintf(e.err, "hookfold: %q stands still since log record %v: its document may be out of date\n", id, seq)
}
