package mangopay

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// documented is what the provider's reference lists, written down by hand.
var documented = []string{
	"POST /v2.01/oauth/token",
	"GET /v2.01/{ClientId}/sca/users/{UserId}",
	"GET /v2.01/{ClientId}/sca/users/{UserId}/sca-status",
	"GET /v2.01/{ClientId}/users/{UserId}/regulatory",
	"GET /v2.01/{ClientId}/identity-verifications/{IdvSessionId}",
	"GET /v2.01/{ClientId}/users/{UserId}/identity-verifications",
	"GET /v2.01/{ClientId}/kyc/documents/{KycDocumentId}",
	"GET /v2.01/{ClientId}/events",
	"GET /v2.01/{ClientId}/hooks",
	"GET /v2.01/{ClientId}/hooks/{HookId}",
	"POST /v2.01/{ClientId}/hooks",
	"PUT /v2.01/{ClientId}/hooks/{HookId}",
	"GET /v2.01/{ClientId}/responses/{IdempotencyKey}",
}

var endpoints = []endpoint{
	tokenCreate, userView, scaStatusView, regulatoryView, sessionView, sessionList, kycDocumentView, eventList, hookList, hookView,
	hookCreate, hookUpdate, responseView,
}

func TestS0_OnlyDocumentedEndpoints(t *testing.T) {
	t.Parallel()
	var have []string
	for _, e := range endpoints {
		have = append(have, e.method+" "+e.path)
	}
	require.Equal(t, documented, have)
}

// every method of the client, with an id.
var methods = map[string]func(*Client, string) error{
	"User":        func(c *Client, id string) error { _, err := c.User(context.Background(), id); return err },
	"ScaStatus":   func(c *Client, id string) error { _, err := c.ScaStatus(context.Background(), id); return err },
	"Regulatory":  func(c *Client, id string) error { _, err := c.Regulatory(context.Background(), id); return err },
	"Session":     func(c *Client, id string) error { _, err := c.Session(context.Background(), id); return err },
	"Sessions":    func(c *Client, id string) error { _, err := c.Sessions(context.Background(), id); return err },
	"KYCDocument": func(c *Client, id string) error { _, err := c.KYCDocument(context.Background(), id); return err },
	"Hook":        func(c *Client, id string) error { _, err := c.Hook(context.Background(), id); return err },
	"UpdateHook": func(c *Client, id string) error {
		_, err := c.UpdateHook(context.Background(), id, HookChange{Status: "ENABLED"})
		return err
	},
}

func TestEveryMethodSendsADocumentedRequest(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(404, refusalOf("ressource_not_found")))
	c := s.client(t)
	for name, call := range methods {
		require.ErrorIs(t, call(c, "id_1"), ErrNotFound, name)
	}
	_, err := c.Events(context.Background(), EventQuery{})
	require.ErrorIs(t, err, ErrNotFound)
	_, err = c.Hooks(context.Background())
	require.ErrorIs(t, err, ErrNotFound)
	_, err = c.CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x", "")
	require.ErrorIs(t, err, ErrNotFound)
	for _, call := range s.Calls() {
		known := false
		for _, d := range documented {
			pattern := strings.ReplaceAll(d, "{ClientId}", "acme")
			if open := strings.IndexByte(pattern, '{'); open > 0 {
				pattern = pattern[:open] + "id_1" + pattern[strings.IndexByte(pattern, '}')+1:]
			}
			known = known || pattern == call.Method+" "+call.Path
		}
		require.True(t, known, "%s %s", call.Method, call.Path)
	}
	require.Len(t, s.Calls(), len(methods)+3)
}

func TestAnIDThatCouldChangeThePathIsNotSent(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, `{}`))
	c := s.client(t)
	for _, id := range []string{"", ".", "..", "../hooks", "a/b", `a\b`, "%2e%2e", "a%2Fb", "a?b", "a#b", "a\nb", "a\x00", "\xff", strings.Repeat("a", 129)} {
		for name, call := range methods {
			err := call(c, id)
			require.ErrorIs(t, err, ErrID, "%s(%q)", name, id)
			require.NotContains(t, err.Error(), "2e%2e")
		}
	}
	require.Empty(t, s.Calls())
	require.Zero(t, s.Tokens())
}

func TestNoIDChangesThePath(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(endpoints).Draw(t, "endpoint")
		id := rapid.OneOf(rapid.StringN(0, 130, -1), rapid.StringMatching(`[./%a;:@&=+ é~]{0,6}`)).Draw(t, "id")
		path, err := e.with("acme", id)
		if err != nil {
			require.ErrorIs(t, err, ErrID)
			return
		}
		u, err := url.Parse("https://api.example.com" + path)
		require.NoError(t, err)
		require.Equal(t, "api.example.com", u.Host)
		require.Empty(t, u.RawQuery)
		require.Empty(t, u.Fragment)
		want := strings.Split(strings.ReplaceAll(e.path, "{ClientId}", "acme"), "/")
		got := strings.Split(u.EscapedPath(), "/")
		require.Len(t, got, len(want))
		for i, part := range want {
			if strings.HasPrefix(part, "{") {
				part = url.PathEscape(id)
			}
			require.Equal(t, part, got[i])
		}
		require.Equal(t, u.JoinPath().EscapedPath(), u.EscapedPath(), "no relative step")
	})
}
