package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// mishaps are what goes wrong between the provider and a server. The zero value is nothing.
type mishaps struct {
	api      obj  // faults of the API, for the server's requests only
	delivery obj  // faults of notifications
	tokens   bool // every access token expires at every step of the clock
}

// world is a site in this process: a server that serves as hookfold serve does, with its own NATS server, beside the provider's
// stand-in. Both go by one clock, which stands still but where it is stepped.
type world struct {
	site
	line    *timeline.Timeline
	stepped chan struct{}
	keep    *keeper
	front   *front
	mishaps mishaps
	steps   int
	waited  int // steps taken while a story waited
}

// newWorld starts both. A seed makes the stand-in give the same identifiers again.
func newWorld(t *testing.T, seed byte, wrong mishaps) *world {
	t.Helper()
	w := &world{
		// Behind the machine's clock, by which the log is stamped: what lies in its future is not admitted (fold rule 3).
		line:    timeline.New(time.Now().Add(-5 * 24 * time.Hour).Truncate(time.Second)),
		stepped: make(chan struct{}, 1), mishaps: wrong,
	}
	provider, err := sandbox.New(sandbox.Config{Timeline: w.line, Random: rand.NewChaCha8([32]byte{seed})})
	require.NoError(t, err)
	server := httptest.NewServer(w.disturb(provider))
	t.Cleanup(server.Close)
	t.Cleanup(provider.Close)
	w.site = site{t: t, provider: server.URL}
	w.serve()
	w.act("hooks/ensure")
	w.goWrong()
	w.tool("PUT", "delivery-faults", obj{})
	return w
}

// serve starts the server and returns when it listens.
func (w *world) serve() {
	t, front := w.t, newFront(w.t)
	w.front = front
	said := &transcript{found: make(chan []string, 1)}
	lines, out := io.Pipe()
	go said.take(lines)
	c := &serveCmd{
		Data: t.TempDir(), Store: "kv", Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Source: "mangopay",
		Provider: providerFlags{
			APIURL: w.provider, ClientID: serverClient, APIKey: "key", APIShare: 1, HookURL: front.URL + "/hooks", HookEvery: time.Hour,
		},
		clock: clock{now: w.line.Now, wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }, stepped: w.stepped},
	}
	logger := slog.New(slog.NewTextHandler(out, nil))
	keep, err := c.open(t.Context(), logger)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- c.serve(ctx, keep, logger) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
		keep.close()
		_ = out.Close() // never fails
	})
	select {
	case m := <-said.found:
		front.before(t, m[1])
		w.admin, w.keep = "http://"+m[2], keep
	case <-time.After(patience):
		t.Fatalf("the server does not listen: %s", said)
	}
}

// disturb tells the server when the clock was stepped, by whomever, and has deliveries go wrong again where a story ends its own
// faults.
func (w *world) disturb(provider http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_sandbox/delivery-faults" && r.Method == http.MethodPut {
			body, _ := io.ReadAll(r.Body) // a broken one is told by the stand-in
			if string(body) == "{}" {
				body = encoded(w.mishaps.delivery)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		provider.ServeHTTP(rw, r)
		if r.URL.Path == "/_sandbox/clock" && r.Method == http.MethodPost {
			w.step()
		}
	})
}

// step tells the server that the clock was stepped.
func (w *world) step() {
	select {
	case w.stepped <- struct{}{}:
	default: // it is told already
	}
}

// advance steps the clock.
func (w *world) advance(d time.Duration) {
	w.tool("POST", "clock", obj{"advance": d.String()})
	w.goWrong()
}

// goWrong sets the faults of the API: in turn too many calls, and troubles of the provider.
func (w *world) goWrong() {
	w.steps++
	if w.mishaps.api != nil {
		f := obj{"client": serverClient, "status": []int{429, 503, 500}[w.steps%3]}
		for name, v := range w.mishaps.api {
			f[name] = v
		}
		w.tool("PUT", "faults", f)
	}
	if w.mishaps.tokens {
		w.tool("POST", "tokens/expire", nil)
	}
}

// act has the server do something.
func (w *world) act(path string) {
	w.t.Helper()
	require.Contains(w.t, string(w.insist(path)), `"done":true`, "however often it is asked for: %s", path)
}

// insist asks for something again where the provider did not let it be done, as an operator would, and gives the last answer.
func (w *world) insist(path string) (out []byte) {
	for range 50 {
		_, out = w.send("POST", w.admin+"/v1/"+path, nil, nil)
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		if bytes.Contains(lines[len(lines)-1], []byte(`"done":true`)) {
			break
		}
		w.advance(10 * time.Second)
	}
	return out
}

// idle tells whether nothing goes on in the server that does not wait for the clock.
func (w *world) idle() (confirming, bool) {
	head, err := w.keep.log.Head(w.t.Context())
	require.NoError(w.t, err)
	w.step() // it counts then
	c := w.confirming()
	return c, c.Seq >= int(head.Seq) && c.Flying == 0
}

// settle waits until it is idle.
func (w *world) settle() confirming {
	for range 10_000 {
		if c, idle := w.idle(); idle {
			return c
		}
		breathe()
	}
	w.t.Fatal("the server does not come to rest")
	return confirming{}
}

// breathe lets others go on.
func breathe() { <-time.After(2 * time.Millisecond) }

// pause is how a story waits. Where nothing goes on, the clock is stepped, and at times what is missing is brought in.
func (w *world) pause(context.Context) error {
	if _, idle := w.idle(); !idle {
		breathe()
		return nil
	}
	w.waited++
	w.advance(5 * time.Second)
	if w.waited%12 == 0 && w.mishaps.delivery != nil {
		w.act("backfill")
	}
	return nil
}

// play plays a story.
func (w *world) play(story scenario.Story) {
	w.t.Helper()
	require.NoError(w.t, scenario.Play(w.t.Context(), story, scenario.Config{
		Sandbox: w.provider, ClientID: storyClient, APIKey: "key", ReadAPI: w.operator(), Pause: w.pause, Patience: 5_000,
	}))
}

// operator stands before the server and asks for an action until it is done.
func (w *world) operator() string {
	to, err := url.Parse(w.admin)
	require.NoError(w.t, err)
	through := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			through.ServeHTTP(rw, r)
			return
		}
		_, _ = rw.Write(w.insist(strings.TrimPrefix(r.URL.RequestURI(), "/v1/"))) // the story is there
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}
