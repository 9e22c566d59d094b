//go:build unix

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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// tap stands between a server and the provider, and knows what they say to each other.
type tap struct {
	url   string
	spoil func(r *http.Response, body []byte) []byte // changes an answer; nil: none

	mu    sync.Mutex
	calls map[string]int // by resource path under /v2.01/{client}/, e.g. "GET users/u"
	made  int            // calls in 15 minutes, as the provider counts them
	said  bytes.Buffer   // Authorization of the requests, and the answers
}

// tapTo makes a tap before a provider.
func tapTo(t testing.TB, provider string) *tap {
	t.Helper()
	to, err := url.Parse(provider)
	require.NoError(t, err)
	p := &tap{calls: map[string]int{}}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: p.hear,
	})
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// hear keeps an answer.
func (p *tap) hear(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if p.spoil != nil {
		body = p.spoil(r, body)
		r.ContentLength = int64(len(body))
		r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	p.mu.Lock()
	defer p.mu.Unlock()
	parts := strings.SplitN(strings.Trim(r.Request.URL.Path, "/"), "/", 3)
	p.calls[r.Request.Method+" "+strings.TrimPrefix(parts[len(parts)-1], "sca/")]++
	made, _ := strconv.Atoi(r.Header.Get("X-RateLimit")) // the first window; none where a token is asked for
	p.made = max(p.made, made)
	fmt.Fprintf(&p.said, "%s\n%s\n%s\n", r.Request.Header.Get("Authorization"), r.Header, body)
	return nil
}

// heard is everything that was said.
func (p *tap) heard() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// counted is how many calls in 15 minutes the provider counts.
func (p *tap) counted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made
}

// about tells of the calls whose resource path begins so: which, and how many in all.
func (p *tap) about(path string) (which []string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for what, times := range p.calls {
		if strings.HasPrefix(what, path) {
			which, n = append(which, what), n+times
		}
	}
	return which, n
}

// gate is the address at which the provider finds the ingress, whichever process is behind it.
type gate struct {
	url string
	to  atomic.Pointer[url.URL] // nil: nobody is there, 502
}

// newGate makes a gate with nobody behind it.
func newGate(t testing.TB) *gate {
	t.Helper()
	g := &gate{}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(g.to.Load()) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.to.Load() == nil {
			http.Error(w, "nobody is there", http.StatusBadGateway)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// open lets the provider through to a server's ingress.
func (g *gate) open(t testing.TB, p *process) {
	t.Helper()
	u, err := url.Parse(p.ingress)
	require.NoError(t, err)
	u.Path = ""
	g.to.Store(u)
}

// shut lets nothing through.
func (g *gate) shut() { g.to.Store(nil) }

// play asks the sandbox, which must do it.
func (s *sandboxProcess) play(t testing.TB, method, path, body string, header ...string) []byte {
	t.Helper()
	status, answer := s.ask(t, method, path, body, header...)
	require.Less(t, status, 300, "%s %s: %s", method, path, answer)
	return answer
}

// ask asks the sandbox. Headers are names and values in turn.
func (s *sandboxProcess) ask(t testing.TB, method, path, body string, header ...string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Body.Close()) }()
	answer, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	return w.StatusCode, answer
}

// happened is an event that the sandbox says took place.
type happened struct {
	EventType, ResourceID string
	Date                  int64
}

// events are all that took place.
func (s *sandboxProcess) events(t testing.TB) (all []happened) {
	t.Helper()
	require.NoError(t, json.Unmarshal(s.play(t, http.MethodGet, "/_sandbox/events", ""), &all))
	return all
}

// recordsIn reads the whole log of a server that has stopped.
func recordsIn(t testing.TB, dir string) (all []projections.Record) {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close()) }()
	nc, err := server.Connect()
	require.NoError(t, err)
	defer nc.Close()
	log, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
	require.NoError(t, err)
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	cursor, err := log.Open(t.Context(), projections.Position{})
	require.NoError(t, err)
	defer func() { require.NoError(t, cursor.Close()) }()
	for cursor.Position().Seq < head.Seq {
		records, err := cursor.Next(t.Context())
		require.NoError(t, err)
		for _, r := range records {
			r.Event.Data = bytes.Clone(r.Event.Data)
			all = append(all, r)
		}
	}
	return all
}

// claimsIn counts the claims of a log.
func claimsIn(records []projections.Record) map[happened]int {
	held := map[happened]int{}
	for _, r := range records {
		if r.Event.Basis() == events.Claim {
			held[happened{string(r.Event.Type), r.Event.Ref.ID, r.Event.Date}]++
		}
	}
	return held
}
