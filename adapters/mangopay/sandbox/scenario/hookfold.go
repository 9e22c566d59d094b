package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// bear authorizes a request to the read API.
func (p *player) bear(r *http.Request) {
	if p.cfg.ReadToken != "" {
		r.Header.Set("Authorization", "Bearer "+p.cfg.ReadToken)
	}
}

// expect asks for a document until it is as the story tells it, or patience ends.
func (p *player) expect(ctx context.Context, s Step) error {
	where := p.cfg.ReadAPI + "/v1/" + s.kind + "/" + url.PathEscape(s.id.fill(p.vars, nil))
	for tries := 1; ; tries++ {
		a, err := p.send(ctx, request{method: http.MethodGet, url: where, authorize: p.bear})
		if err != nil {
			return err
		}
		difference, err := p.unlike(s, a)
		if err != nil || difference == "" {
			return err
		}
		if tries >= p.cfg.Patience {
			return fmt.Errorf("%w: %s (asked %d times)", ErrDiffers, difference, tries)
		}
		if err := p.cfg.Pause(ctx); err != nil {
			return err
		}
	}
}

// unlike says how what the read API answered differs; its error is one that asking again does not mend.
func (p *player) unlike(s Step, a answer) (string, error) {
	switch {
	case a.status == http.StatusNotFound:
		return "the read model has not heard of it", nil
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return "", fmt.Errorf("%w: the read API answers %d: give its token", ErrUnreachable, a.status)
	case a.status >= http.StatusInternalServerError:
		return fmt.Sprintf("the read API answers %d%s", a.status, a.why()), nil
	case a.status != http.StatusOK:
		return "", fmt.Errorf("%w: the read API answers %d%s", ErrDiffers, a.status, a.why())
	}
	doc, err := decode(string(a.body))
	if err != nil {
		return "", fmt.Errorf("%w: the document is not JSON", ErrDiffers)
	}
	return p.compare(s.fields, doc), nil
}

// operate lets Hookfold do something, and waits for its last line.
func (p *player) operate(ctx context.Context, s Step) error {
	a, err := p.send(ctx, request{method: http.MethodPost, url: p.below(p.cfg.ReadAPI+"/v1", s.path), authorize: p.bear})
	if err != nil {
		return err
	}
	switch {
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		return fmt.Errorf("%w: the read API answers %d: give its token", ErrUnreachable, a.status)
	case a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed:
		return fmt.Errorf("%w: there is no such action: start hookfold serve with the address and the credentials of the sandbox", ErrDiffers)
	case a.status != http.StatusOK:
		return fmt.Errorf("%w: the read API answers %d%s", ErrDiffers, a.status, a.why())
	}
	lines := bytes.Split(bytes.TrimSpace(a.body), []byte("\n"))
	var end struct {
		Done  bool   `json:"done"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &end); err != nil {
		return fmt.Errorf("%w: the last line of the answer is not JSON", ErrDiffers)
	}
	if !end.Done {
		return fmt.Errorf("%w: it is not done: %s", ErrDiffers, shown(end.Error))
	}
	return nil
}
