package mangopay

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// endpoint is one documented call: nothing else is ever sent (S0: "only integrate with endpoints explicitly provided in
// our documentation").
type endpoint struct{ method, path string }

// The calls of the client, as the provider documents them.
var (
	tokenCreate     = endpoint{http.MethodPost, "/v2.01/oauth/token"}
	userView        = endpoint{http.MethodGet, "/v2.01/{ClientId}/sca/users/{UserId}"}
	scaStatusView   = endpoint{http.MethodGet, "/v2.01/{ClientId}/sca/users/{UserId}/sca-status"}
	regulatoryView  = endpoint{http.MethodGet, "/v2.01/{ClientId}/users/{UserId}/regulatory"}
	sessionView     = endpoint{http.MethodGet, "/v2.01/{ClientId}/identity-verifications/{IdvSessionId}"}
	sessionList     = endpoint{http.MethodGet, "/v2.01/{ClientId}/users/{UserId}/identity-verifications"}
	kycDocumentView = endpoint{http.MethodGet, "/v2.01/{ClientId}/kyc/documents/{KycDocumentId}"}
	eventList       = endpoint{http.MethodGet, "/v2.01/{ClientId}/events"}
	hookList        = endpoint{http.MethodGet, "/v2.01/{ClientId}/hooks"}
	hookView        = endpoint{http.MethodGet, "/v2.01/{ClientId}/hooks/{HookId}"}
	hookCreate      = endpoint{http.MethodPost, "/v2.01/{ClientId}/hooks"}
	hookUpdate      = endpoint{http.MethodPut, "/v2.01/{ClientId}/hooks/{HookId}"}
	responseView    = endpoint{http.MethodGet, "/v2.01/{ClientId}/responses/{IdempotencyKey}"}
)

// with fills the template in: the client id, and an id where the template wants one.
func (e endpoint) with(client, id string) (string, error) {
	path := strings.Replace(e.path, "{ClientId}", url.PathEscape(client), 1)
	open := strings.IndexByte(path, '{')
	if open < 0 {
		return path, nil
	}
	if !plainID(id) {
		return "", &Error{Method: e.method, Path: e.path, is: ErrID}
	}
	end := open + strings.IndexByte(path[open:], '}')
	return path[:open] + url.PathEscape(id) + path[end+1:], nil
}

// plainID tells whether an id can stand in a path without changing it. Ids are opaque strings of at most 128 characters.
// What is left out here has a meaning in paths, perhaps only after somebody on the way has decoded them once more; no id
// of the provider was seen with it.
func plainID(id string) bool {
	return id != "" && id != "." && id != ".." && utf8.ValidString(id) && utf8.RuneCountInString(id) <= 128 &&
		!strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`/\%?#`, r) })
}
