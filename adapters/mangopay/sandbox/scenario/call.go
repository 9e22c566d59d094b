package scenario

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// mostAnswer bounds what is read of an answer.
const mostAnswer = 8 << 20

// answer is what came back.
type answer struct {
	status int
	body   []byte
}

// why is what an error answer says of itself, for people.
func (a answer) why() string {
	var said struct {
		Type   string
		Errors map[string]any `json:"errors"` // by field
		Error  any            `json:"error"`  // of Hookfold and of the control API
	}
	_ = json.Unmarshal(a.body, &said) // what cannot be read is not told
	text, _ := said.Error.(string)
	words := append([]string{cmp.Or(said.Type, text)}, slices.Sorted(maps.Keys(said.Errors))...)
	if words[0] == "" {
		return ""
	}
	for i := range words {
		words[i] = shown(words[i])
	}
	return ": " + strings.Join(words, " ")
}

// request is one request.
type request struct {
	method, url string
	body        any // nil: none
	form        url.Values
	authorize   func(*http.Request)
}

// send sends a request. Its error wraps ErrUnreachable, or is that of the context.
func (p *player) send(ctx context.Context, q request) (answer, error) {
	req, err := q.build(ctx)
	if err != nil {
		return answer{}, err
	}
	res, err := p.cfg.Client.Do(req)
	if err != nil {
		return answer{}, unreachable(ctx, req, err)
	}
	defer func() { _ = res.Body.Close() }() // only read
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return answer{}, unreachable(ctx, req, err)
	}
	return answer{res.StatusCode, body}, nil
}

// build makes the request.
func (q request) build(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	kind := ""
	switch {
	case q.form != nil:
		body, kind = strings.NewReader(q.form.Encode()), "application/x-www-form-urlencoded"
	case q.body != nil:
		data, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("the body is not JSON: %w", err)
		}
		body, kind = bytes.NewReader(data), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, q.method, q.url, body)
	if err != nil {
		return nil, fmt.Errorf("%w: its path is none", ErrUnreachable)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if q.authorize != nil {
		q.authorize(req)
	}
	return req, nil
}

// unreachable says which server does not answer.
func unreachable(ctx context.Context, req *http.Request, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err // without the URL
	}
	return fmt.Errorf("%w: %s does not answer: %w", ErrUnreachable, req.URL.Host, err)
}

// below is the URL of a path of a server. Values cannot leave their place.
func (p *player) below(base string, t template) string {
	where, query := t.split()
	out := base + "/" + where.fill(p.vars, url.PathEscape)
	if query != nil {
		out += "?" + query.fill(p.vars, url.QueryEscape)
	}
	return out
}

// split cuts a path from its query; nil: it has none.
func (t template) split() (where, query template) {
	for i, piece := range t {
		before, after, found := strings.Cut(piece.text, "?")
		if found {
			where = append(append(where, t[:i]...), pieceOf(before))
			return where, append(template{pieceOf(after)}, t[i+1:]...)
		}
	}
	return t, nil
}

func pieceOf(text string) piece { return piece{text: text} }

// control calls the control API of the sandbox.
func (p *player) control(ctx context.Context, s Step) (answer, error) {
	return p.send(ctx, request{
		method: s.method, url: p.below(p.cfg.Sandbox+"/_sandbox", s.path), body: fillBody(s.body, p.vars),
	})
}

// call calls the provider's API. A token that is not taken any more is renewed once.
func (p *player) call(ctx context.Context, s Step) (answer, error) {
	fresh := p.token == ""
	for {
		if p.token == "" {
			if err := p.login(ctx); err != nil {
				return answer{}, err
			}
		}
		a, err := p.send(ctx, request{
			method: s.method, url: p.below(p.cfg.Sandbox+"/v2.01/"+url.PathEscape(p.cfg.ClientID), s.path), body: fillBody(s.body, p.vars),
			authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+p.token) },
		})
		if err != nil || a.status != http.StatusUnauthorized || fresh {
			return a, err
		}
		p.token, fresh = "", true
	}
}

// login asks for a token.
func (p *player) login(ctx context.Context) error {
	a, err := p.send(ctx, request{
		method: http.MethodPost, url: p.cfg.Sandbox + "/v2.01/oauth/token", form: url.Values{"grant_type": {"client_credentials"}},
		authorize: func(r *http.Request) { r.SetBasicAuth(p.cfg.ClientID, p.cfg.APIKey) },
	})
	if err != nil {
		return err
	}
	var said struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(a.body, &said) != nil || a.status != http.StatusOK || said.Token == "" {
		return fmt.Errorf("%w: no token for these credentials, the answer is %d%s", ErrUnreachable, a.status, a.why())
	}
	p.token = said.Token
	return nil
}
