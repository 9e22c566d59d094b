package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// s4Hook is the hook of the notification of S4.
const s4Hook = "USER_ACCOUNT_ACTIVATED"

// platform is a NATS server of a platform's own, whose log can be made full.
type platform struct {
	url string
	js  natsjs.JetStream
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	nc, err := nats.Connect(server.URL())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := natsjs.New(nc)
	require.NoError(t, err)
	return &platform{server.URL(), js}
}

// bound bounds the one stream there is to what it holds and so many bytes more; -1: not at all.
func (p *platform) bound(t *testing.T, room int64) {
	t.Helper()
	names := p.js.StreamNames(t.Context())
	name := <-names.Name()
	require.NoError(t, names.Err())
	s, err := p.js.Stream(t.Context(), name)
	require.NoError(t, err)
	c := s.CachedInfo().Config
	if c.MaxBytes = room; room >= 0 {
		c.MaxBytes += int64(s.CachedInfo().State.Bytes)
	}
	_, err = p.js.UpdateStream(t.Context(), c)
	require.NoError(t, err)
}

// hookOf reads a hook's document; the zero document where there is none.
func (p *process) hookOf(t *testing.T, id string) views.HookDocument {
	t.Helper()
	var d views.HookDocument
	if status, body := p.read(t, "/v1/hooks/"+id); status == http.StatusOK {
		require.NoError(t, json.Unmarshal(body, &d))
	}
	return d
}

// notification is one of that hook about another user: a log that remembers a notification answers for it also when it is full.
func notification(n int) string {
	return fmt.Sprintf("EventType=%s&RessourceId=u%d&Date=1743627006", s4Hook, n)
}

// refused sends notifications that cannot be kept.
func (p *process) refused(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		status, _ := p.send(t, http.MethodGet, "?"+notification(i))
		require.Equal(t, http.StatusServiceUnavailable, status)
	}
}

func TestS4_FailuresOfAFullLogAreCountedOnceItHasRoom(t *testing.T) {
	t.Parallel()
	nats := newPlatform(t)
	p := serveIn(t, t.TempDir(), "--nats", nats.url, "--replica", "a")
	p.notify(t, s4Query)
	nats.bound(t, 10)
	p.refused(t, 12)
	status, _ := p.send(t, http.MethodGet, "?EventType="+s4Hook+"&RessourceId=&Date=1") // a ping
	require.Equal(t, http.StatusOK, status)
	assert.Zero(t, p.hookOf(t, s4Hook).ConsecutiveFailures, "nobody can know yet")
	_, health := p.read(t, "/healthz")
	assert.Contains(t, string(health), `"hook_feed":{"Failures":12,"Late":0,"Told":0,"Waiting":12,`)

	nats.bound(t, -1)
	until(t, func() bool { return p.hookOf(t, s4Hook).ConsecutiveFailures == 12 })
	d := p.hookOf(t, s4Hook)
	assert.Equal(t, "VALID", d.Validity)
	assert.Equal(t, 1, d.Alerts, "S4: an e-mail after 10")
	assert.True(t, d.Estimate)

	p.notify(t, notification(0)) // its retry
	d = p.hookOf(t, s4Hook)
	assert.Zero(t, d.ConsecutiveFailures, "S4: reset by one success")
	assert.False(t, d.Estimate, "which is exact")
	p.stop(t)
}

func TestS4_AStopTellsTheFailuresThatWaitAndAKillForgetsThem(t *testing.T) {
	t.Parallel()
	nats := newPlatform(t)
	dir := t.TempDir()
	p := serveIn(t, dir, "--nats", nats.url)
	p.notify(t, s4Query)
	nats.bound(t, 10)
	p.refused(t, 3)
	p.kill(t)
	nats.bound(t, -1)
	p = serveIn(t, dir, "--nats", nats.url)
	nats.bound(t, 10)
	p.refused(t, 4)
	nats.bound(t, -1)
	p.stop(t)
	p = serveIn(t, dir, "--nats", nats.url)
	assert.Equal(t, 4, p.hookOf(t, s4Hook).ConsecutiveFailures, "a lower bound: the three before the kill are lost")
	p.stop(t)
}

// outage is the real log behind a line that breaks: before an event is stored, or before that is acknowledged.
type outage struct {
	projections.Log
	before, after atomic.Bool
}

var errLine = errors.New("the line is broken")

func (o *outage) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if o.before.Load() {
		return 0, errLine
	}
	seq, err := o.Log.Append(ctx, es...)
	if o.after.Load() {
		return 0, errLine
	}
	return seq, err
}

// wired is what serve wires together, with a clock that is set by hand.
type wired struct {
	log   *outage
	door  *webhook.Handler
	feed  *webhook.Feed
	proj  *projections.Projector
	store projections.Store
	at    time.Time
	sent  int
}

func wire(t *testing.T) *wired {
	t.Helper()
	keep, err := (&serveCmd{Data: t.TempDir()}).open(t.Context(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(keep.close)
	w := &wired{log: &outage{Log: keep.log}, store: projections.NewMemoryStore(), at: time.Unix(1743627010, 0)}
	now := func() time.Time { return w.at }
	w.feed, err = webhook.NewFeed(webhook.FeedConfig{Log: w.log, Now: now})
	require.NoError(t, err)
	w.door, err = webhook.New(webhook.Config{Log: w.log, Now: now, Observe: w.feed.Observe})
	require.NoError(t, err)
	w.proj, err = projections.New(projections.Config{Log: w.log, Store: w.store, Models: views.All()})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = w.proj.Run(ctx) }() // ends with its context
	t.Cleanup(func() { cancel(); <-ended })
	return w
}

// send delivers n notifications of the hook, one every so often, and returns the last status.
func (w *wired) send(n int, every time.Duration) int {
	status := 0
	for range n {
		r := httptest.NewRecorder()
		w.sent++
		w.door.ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/hooks?"+notification(w.sent), nil))
		status = r.Code
		w.at = w.at.Add(every)
	}
	return status
}

// forecast reads the forecast of the hook once everything that was told is applied.
func (w *wired) forecast(t *testing.T) views.HookForecast {
	t.Helper()
	head, err := w.log.Head(t.Context())
	require.NoError(t, err)
	require.NoError(t, w.proj.Wait(t.Context(), head.Seq))
	f, err := views.ReadForecast(t.Context(), w.store, "mangopay", s4Hook, w.at)
	require.NoError(t, err)
	return f
}

func TestS4_AnOutageLeadsToTheForecastOfItsEnd(t *testing.T) {
	t.Parallel()
	w := wire(t)
	require.Equal(t, http.StatusOK, w.send(1, time.Minute))
	w.log.before.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, w.send(61, time.Minute))
	require.ErrorIs(t, w.feed.Flush(t.Context()), errLine)
	w.log.before.Store(false)

	w.log.after.Store(true) // stored, but nobody knows
	require.ErrorIs(t, w.feed.Flush(t.Context()), errLine)
	require.ErrorIs(t, w.feed.Flush(t.Context()), errLine)
	w.log.after.Store(false)
	require.NoError(t, w.feed.Flush(t.Context()))
	w.at = w.at.Add(-time.Minute) // to the newest failure
	f := w.forecast(t)
	assert.Equal(t, 61, f.ConsecutiveFailures, "a repeated aggregate is a copy")
	assert.Equal(t, 39, f.FailuresLeft)
	assert.InDelta(t, 60, f.PerHour, 0.001)
	assert.Equal(t, w.at.Add(39*time.Minute).Unix(), f.InvalidAt)

	w.at = w.at.Add(time.Minute)
	w.log.before.Store(true)
	w.send(39, time.Minute)
	w.log.before.Store(false)
	require.NoError(t, w.feed.Flush(t.Context()))
	end := w.forecast(t)
	assert.Equal(t, "INVALID", end.Validity, "S4: at the 100th")
	assert.Zero(t, end.FailuresLeft)
	assert.Equal(t, f.InvalidAt, w.at.Add(-time.Minute).Unix(), "when it was foreseen")
}

func TestASuccessAfterAnOutageResetsToAnExactZero(t *testing.T) {
	t.Parallel()
	w := wire(t)
	w.log.before.Store(true)
	w.send(99, time.Second)
	w.log.before.Store(false)
	require.NoError(t, w.feed.Flush(t.Context()))
	require.Equal(t, 1, w.forecast(t).FailuresLeft)
	w.log.after.Store(true) // answered 503, and stored after all: the provider counts a failure, the log both
	require.Equal(t, http.StatusServiceUnavailable, w.send(1, time.Second))
	w.log.after.Store(false)
	require.NoError(t, w.feed.Flush(t.Context()))
	assert.Equal(t, 1, w.forecast(t).ConsecutiveFailures, "a lower bound")
	require.Equal(t, http.StatusOK, w.send(1, time.Second))
	f := w.forecast(t)
	assert.Zero(t, f.ConsecutiveFailures)
	assert.False(t, f.Estimate)
	assert.Equal(t, 100, f.FailuresLeft)
}

func TestWhyForeseesTheEndOfAHook(t *testing.T) {
	t.Parallel()
	w := wire(t)
	w.log.before.Store(true)
	w.send(61, time.Minute)
	w.log.before.Store(false)
	require.NoError(t, w.feed.Flush(t.Context()))
	w.at = w.at.Add(-time.Minute)
	w.forecast(t)
	api, err := readapi.New(readapi.Config{Store: w.store, Models: views.All(), Source: "mangopay", Wait: w.proj.Wait})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/", api)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	why := command(t, "why", "hook", s4Hook, "--admin", srv.URL)
	require.Equal(t, exitDone, why.code, why.err)
	assert.NotContains(t, why.out, "forecast", "of a server that does not tell one")

	mux.HandleFunc("/v1/hooks/{id}/forecast", func(out http.ResponseWriter, r *http.Request) {
		f, err := views.ReadForecast(r.Context(), w.store, "mangopay", r.PathValue("id"), w.at)
		if assert.NoError(t, err) {
			assert.NoError(t, json.NewEncoder(out).Encode(f))
		}
	})
	again := command(t, "why", "hook", s4Hook, "--admin", srv.URL)
	require.Equal(t, exitDone, again.code, again.err)
	told, _ := strings.CutPrefix(again.out, why.out)
	assert.Equal(t, fmt.Sprintf("\nforecast: 39 more failures in a row until INVALID, at 60 an hour on %s; next retry about %s\n"+
		"    At the rate of the present run of failures the 100th comes then: sooner if others failed without reaching us, later as retries thin out.\n",
		"2025-04-02T22:29:10Z", "2025-04-02T22:00:10Z"), told)
	for _, args := range [][]string{{"--json"}, {"--at", "1800000000"}} {
		quiet := command(t, append([]string{"why", "hook", s4Hook, "--admin", srv.URL}, args...)...)
		require.Equal(t, exitDone, quiet.code, quiet.err)
		assert.NotContains(t, quiet.out, "forecast")
	}
}
