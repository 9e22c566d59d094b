package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// obj is a JSON object.
type obj = map[string]any

// The clients of the provider's stand-in: faults of its API are for the first.
const (
	serverClient  = "hookfold"
	storyClient   = "platform"
	auditorClient = "auditor"
)

// site is a stand-in of the provider and a server that it notifies, over HTTP.
type site struct {
	t        *testing.T
	provider string // URL
	admin    string // URL
}

// encoded is JSON.
func encoded(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // the tests hand in maps of plain values
	}
	return data
}

// send sends a request.
func (s *site) send(method, address string, body any, authorize func(*http.Request)) (int, []byte) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, address, bytes.NewReader(encoded(body)))
	require.NoError(s.t, err)
	if authorize != nil {
		authorize(r)
	}
	w, err := http.DefaultClient.Do(r)
	require.NoError(s.t, err)
	defer func() { _ = w.Body.Close() }() // only read
	out, err := io.ReadAll(w.Body)
	require.NoError(s.t, err)
	return w.StatusCode, out
}

// tool calls the stand-in's control API.
func (s *site) tool(method, path string, body any) []byte {
	s.t.Helper()
	status, out := s.send(method, s.provider+"/_sandbox/"+path, body, nil)
	require.Equal(s.t, http.StatusOK, status, "%s %s: %s", method, path, out)
	return out
}

// login asks the provider for a token of the auditor.
func (s *site) login() (token string) {
	s.t.Helper()
	status, out := s.send("POST", s.provider+"/v2.01/oauth/token", nil, func(r *http.Request) { r.SetBasicAuth(auditorClient, "key") })
	require.Equal(s.t, http.StatusOK, status, "%s", out)
	var said struct {
		Token string `json:"access_token"`
	}
	require.NoError(s.t, json.Unmarshal(out, &said))
	return said.Token
}

// ask reads an object of the provider.
func (s *site) ask(token, path string, into any) {
	s.t.Helper()
	status, out := s.send("GET", s.provider+"/v2.01/"+auditorClient+path, nil, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+token)
	})
	require.Equal(s.t, http.StatusOK, status, "%s: %s", path, out)
	require.NoError(s.t, json.Unmarshal(out, into))
}

// everyPage reads a whole list of the provider.
func everyPage[T any](s *site, token, path string) (out []T) {
	s.t.Helper()
	for page := 1; ; page++ {
		var rows []T
		s.ask(token, fmt.Sprintf("%s?per_page=100&page=%d", path, page), &rows)
		if out = append(out, rows...); len(rows) < 100 {
			return out
		}
	}
}

// document reads a document of the server; an empty one where there is none.
func (s *site) document(path string) (doc obj, raw string) {
	kind, id, _ := strings.Cut(path, "/")
	status, out := s.send("GET", s.admin+"/v1/"+kind+"/"+url.PathEscape(id), nil, nil)
	if status != http.StatusOK {
		return obj{}, string(out)
	}
	require.NoError(s.t, json.Unmarshal(out, &doc))
	return doc, string(out)
}

// confirming is how the part of the server that confirms stands.
type confirming struct {
	Open, Flying, Seq, Calls int
	Verdicts                 map[string]int
}

// confirming reads it.
func (s *site) confirming() confirming {
	var c struct {
		Counts struct {
			Provider struct{ Confirm confirming }
		}
	}
	_, out := s.send("GET", s.admin+"/healthz", nil, nil)
	require.NoError(s.t, json.Unmarshal(out, &c))
	return c.Counts.Provider.Confirm
}

// front stands before an ingress whose address is not known yet: the hooks need one. It can be away.
type front struct {
	*httptest.Server
	away atomic.Bool
	mu   sync.RWMutex
	to   http.Handler
}

func newFront(t *testing.T) *front {
	f := &front{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.away.Load() {
			http.Error(w, "away", http.StatusServiceUnavailable)
			return
		}
		f.mu.RLock()
		to := f.to
		f.mu.RUnlock()
		to.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// before passes on to an ingress.
func (f *front) before(t *testing.T, ingress string) {
	to, err := url.Parse(strings.TrimSuffix(ingress, "/hooks"))
	require.NoError(t, err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.to = httputil.NewSingleHostReverseProxy(to)
}
