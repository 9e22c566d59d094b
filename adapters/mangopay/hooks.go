package mangopay

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Hooks lists all our hooks, enabled or not, through all pages: the provider cuts them to 10 where nobody asks for more.
// At is that of the first page.
func (c *Client) Hooks(ctx context.Context) (Answer[[]Hook], error) {
	oldestFirst := url.Values{"Sort": {"CreationDate:ASC"}} // a hook made while we read comes last
	return every(ctx, c, hookList, "", oldestFirst, wireHook.row)
}

// Hook reads one of our hooks.
func (c *Client) Hook(ctx context.Context, id string) (Answer[Hook], error) {
	return view(ctx, c, hookView, id, wireHook.read)
}

// hookBody is what is sent of a hook.
type hookBody struct {
	EventType events.Type `json:",omitempty"`
	URL       string      `json:"Url,omitempty"`
	Status    string      `json:",omitempty"`
	Validity  string      `json:",omitempty"`
	Tag       string      `json:",omitempty"`
}

// UpdateHook changes a hook and returns what the provider then says of it. S4 revives an INVALID hook by Validity VALID;
// a change of URL alone does not. At is the start of the request.
func (c *Client) UpdateHook(ctx context.Context, id string, change HookChange) (Answer[Hook], error) {
	r, err := c.request(hookUpdate, id, nil, hookBody{"", change.URL, change.Status, change.Validity, change.Tag})
	if err != nil {
		return Answer[Hook]{}, err
	}
	got, err := c.write(ctx, r)
	if err != nil {
		return Answer[Hook]{}, err
	}
	return understand(r, got, id, wireHook.read)
}

// CreateHook registers a hook: the provider has room for one per event type, and refuses a second one with [ErrParam],
// whose Fields name EventType. It is sent with an idempotency key, so that a repetition makes no second one.
func (c *Client) CreateHook(ctx context.Context, t events.Type, url, tag string) (Answer[Hook], error) {
	r, err := c.request(hookCreate, "", nil, hookBody{EventType: t, URL: url, Tag: tag})
	if err != nil {
		return Answer[Hook]{}, err
	}
	if r.key = c.config.NewKey(); !goodKey(r.key) {
		e := r.fail(ErrParam, "Config.NewKey must give 16 to 36 letters, digits and dashes")
		e.Fields, e.unsent = []string{"Idempotency-Key"}, true
		return Answer[Hook]{}, e
	}
	began := c.config.Now()
	got, err := c.write(ctx, r)
	if errors.Is(err, ErrConflict) {
		got, err = c.stored(ctx, r, began, err)
	}
	if err != nil {
		return Answer[Hook]{}, err
	}
	return understand(r, got, "", func(w wireHook, _ string) (Hook, string) {
		return w.hook(), first(said(w.ID != "", "Id"), sameType(w.EventType, t))
	})
}

// sameType says that a hook is for another type than the one asked for; "" when it is not.
func sameType(got text, want events.Type) string {
	if string(got) == string(want) {
		return ""
	}
	return "it is a hook for another EventType"
}

// goodKey tells whether the provider takes an idempotency key.
func goodKey(key string) bool {
	return len(key) >= 16 && len(key) <= 36 && !strings.ContainsFunc(key, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-')
	})
}

// wireResponse is an answer that the provider has kept for 24 hours, by its idempotency key.
type wireResponse struct {
	StatusCode text
	Resource   json.RawMessage
}

// stored reads the answer to a POST that was processed although its answer never came. It was true when the first
// attempt was processed, which was after began.
func (c *Client) stored(ctx context.Context, r request, began time.Time, conflict error) (reply, error) {
	ask, err := c.request(responseView, r.key, nil, nil)
	if err != nil {
		return reply{}, err
	}
	got, err := c.read(ctx, ask)
	if errors.Is(err, ErrNotFound) {
		return reply{}, conflict
	}
	if err != nil {
		return reply{}, err
	}
	var w wireResponse
	if !decode(got.body, '{', &w) {
		return reply{}, ask.unreadable(got, "it is no JSON object")
	}
	status, _ := strconv.Atoi(string(w.StatusCode)) // 0 is refused below
	early := max(0, got.started.Sub(began))
	original := reply{status: status, body: w.Resource, started: began, at: got.at.Add(-early).Truncate(time.Second)}
	return original, c.refused(r, original, c.config.Now())
}
