package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// both are the two sides of a hook: the provider's sender, and the ingress with what it feeds, in one time.
type both struct {
	*sender.Sender
	line *timeline.Timeline
	hook sender.Hook
	door *webhook.Handler
	feed *webhook.Feed
	log  *outage
	all  *projections.MemoryLog // the log without the outage

	mu   sync.Mutex
	last time.Time
	n    int // events that took place
	seen []webhook.Result
}

// s4Start is the instant of the example in S4.
var s4Start = time.Unix(1743627006, 0).UTC()

// bring makes both sides. Between them lies a real network, or nothing but a call.
func bring(t require.TestingT, network bool) (b *both, end func()) {
	b = &both{line: timeline.New(s4Start)}
	b.all = projections.NewMemoryLog("test", b.now, 0)
	b.log = &outage{Log: b.all}
	var err error
	b.feed, err = webhook.NewFeed(webhook.FeedConfig{Log: b.log, Now: b.now})
	require.NoError(t, err)
	b.door, err = webhook.New(webhook.Config{Log: b.log, Now: b.now, Token: "s3cr3t", Observe: b.observe})
	require.NoError(t, err)
	c, to, end := sender.Config{Timeline: b.line}, "https://hooks.example.com", func() {}
	if network {
		srv := httptest.NewServer(b.door)
		to, end = srv.URL, srv.Close
	} else {
		c.Transport = called{b.door}
	}
	b.Sender, err = sender.New(c)
	require.NoError(t, err)
	b.hook, err = b.Create(sender.NewHook{EventType: s4Hook, URL: to + "/hooks/s3cr3t"})
	require.NoError(t, err)
	return b, end
}

// called is a network that is a call.
type called struct{ http.Handler }

func (c called) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), nil))
	return w.Result(), nil
}

// now is the receiver's clock: the provider's, but no two looks at it show one millisecond.
func (b *both) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = b.last.Add(time.Millisecond)
	if now := b.line.Now(); now.After(b.last) {
		b.last = now
	}
	return b.last
}

func (b *both) observe(r webhook.Result) {
	b.mu.Lock()
	b.seen = append(b.seen, r)
	b.mu.Unlock()
	b.feed.Observe(r)
}

// instants are the whole seconds, since the start, at which the receiver was asked.
func (b *both) instants() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]string, len(b.seen))
	for i, r := range b.seen {
		list[i] = r.Received.Sub(s4Start).Truncate(time.Second).String()
	}
	return list
}

// emit lets n events take place now, each about another user.
func (b *both) emit(n int) {
	for range n {
		b.n++
		b.Emit(s4Hook, fmt.Sprintf("user_m_%d", b.n))
	}
	b.line.Advance(0)
}

// stored are the users whose notifications the log holds.
func (b *both) stored(t require.TestingT) map[string]int {
	users := map[string]int{}
	for _, r := range b.records(t) {
		if r.Event.Type == s4Hook {
			users[r.Event.Ref.ID]++
		}
	}
	return users
}

// records are all of the log.
func (b *both) records(t require.TestingT) []projections.Record {
	head, err := b.all.Head(context.Background())
	require.NoError(t, err)
	cursor, err := b.all.Open(context.Background(), projections.Position{})
	require.NoError(t, err)
	defer cursor.Close()
	var list []projections.Record
	for cursor.Position().Seq < head.Seq {
		more, err := cursor.Next(context.Background())
		require.NoError(t, err)
		list = append(list, more...)
	}
	return list
}

// theirs is the hook as the provider has it.
func (b *both) theirs(t require.TestingT) sender.Hook {
	h, err := b.Hook(b.hook.ID)
	require.NoError(t, err)
	return h
}

// set changes the hook, and appends what its answer says, as hook care does.
func (b *both) set(t require.TestingT, c sender.Change) {
	require.NoError(t, b.feed.Flush(context.Background()))
	at := b.now()
	h, err := b.Update(b.hook.ID, c)
	require.NoError(t, err)
	data, err := events.Canonical(events.HookReading{At: at.UnixMilli(), HookID: h.ID, Status: h.Status, Validity: h.Validity})
	require.NoError(t, err)
	_, err = b.all.Append(context.Background(), events.Event{
		Type: events.HookUpdated, Ref: events.Ref{Source: "mangopay", Kind: views.KindHook, ID: s4Hook}, Date: at.Unix(), Data: data,
	})
	require.NoError(t, err)
}

// ours is the hook as our read model has it, by a fold of all that the log holds.
func (b *both) ours(t require.TestingT) views.Hook {
	ref := events.Ref{Source: "mangopay", Kind: views.KindHook, ID: s4Hook}
	return projections.Fold(views.Hooks, ref, b.records(t), projections.AsOf{}).Value
}

func TestS4_TheProductionHandlerIsAskedAtTheInstantsOfS4(t *testing.T) {
	t.Parallel()
	b, end := bring(t, true)
	t.Cleanup(end)
	b.log.before.Store(true)
	b.emit(1)
	b.line.Advance(30 * 24 * time.Hour)
	assert.Equal(t, []string{
		"0s", "10m0s", "20m0s", "30m0s", "40m0s", "50m0s", "1h0m0s",
		"9h0m0s", "17h0m0s", "25h0m0s", "33h0m0s", "41h0m0s", "49h0m0s", "57h0m0s", "65h0m0s", "73h0m0s",
	}, b.instants())
	assert.EqualValues(t, 16, b.door.Counts().Failed)
	assert.Equal(t, 16, b.theirs(t).Failures)
	assert.Equal(t, sender.Valid, b.theirs(t).Validity, "alone it never invalidates")

	b.log.before.Store(false)
	require.NoError(t, b.Test(b.hook.ID))
	b.line.Advance(0)
	assert.EqualValues(t, 1, b.door.Counts().Pings)
	assert.Equal(t, 16, b.theirs(t).Failures)
	b.emit(1)
	assert.Zero(t, b.theirs(t).Failures)
	assert.Equal(t, map[string]int{"user_m_2": 1}, b.stored(t))
}

func TestS4_TheHundredthFailureOfTheProductionHandlerIsTheLastRequest(t *testing.T) {
	t.Parallel()
	b, end := bring(t, true)
	t.Cleanup(end)
	b.log.before.Store(true)
	b.emit(7)
	b.line.Advance(30 * 24 * time.Hour)
	assert.EqualValues(t, 100, b.door.Counts().Failed, "of the 112 of seven notifications")
	assert.Equal(t, "65h0m0s", b.instants()[99])
	assert.Equal(t, sender.Invalid, b.theirs(t).Validity)
	assert.Len(t, b.Mails(), 10)
	b.log.before.Store(false)
	require.NoError(t, b.feed.Flush(t.Context()))
	assert.Equal(t, sender.Invalid, b.ours(t).Validity(), "we know of it without being told")
	b.emit(3)
	b.line.Advance(30 * 24 * time.Hour)
	assert.Len(t, b.instants(), 100)

	b.set(t, sender.Change{Validity: new(sender.Valid)})
	b.emit(1)
	assert.Equal(t, map[string]int{"user_m_11": 1}, b.stored(t), "for future notifications only")
	assert.Len(t, b.Events(), 11, "the others are in the list of events")
}

func TestS4_99FailuresOfTheProductionHandlerAndOneSuccessLoseNothing(t *testing.T) {
	t.Parallel()
	b, end := bring(t, true)
	t.Cleanup(end)
	b.log.before.Store(true)
	b.emit(99)
	assert.Equal(t, 99, b.theirs(t).Failures)
	b.log.before.Store(false)
	b.emit(1)
	assert.Zero(t, b.theirs(t).Failures)
	assert.Len(t, b.stored(t), 1)
	b.line.Advance(10 * time.Minute)
	assert.Len(t, b.stored(t), 100, "any retries continue")
	assert.Equal(t, sender.Valid, b.theirs(t).Validity)
	b.line.Advance(30 * 24 * time.Hour)
	assert.Len(t, b.instants(), 199)
}

// A receiver away for three days, with a notification every six hours: the hook is cut off, and once revived it works again.
func TestS4_AProductionHandlerThatIsAwayForThreeDays(t *testing.T) {
	t.Parallel()
	b, end := bring(t, true)
	end() // connections are refused
	for range 12 {
		b.emit(1)
		b.line.Advance(6 * time.Hour)
	}
	assert.Equal(t, sender.Invalid, b.theirs(t).Validity)
	list := b.Attempts()
	require.Len(t, list, 100)
	assert.Equal(t, 55*time.Hour, list[99].At.Sub(s4Start))
	back := httptest.NewServer(b.door)
	t.Cleanup(back.Close)
	b.set(t, sender.Change{Validity: new(sender.Valid), URL: new(back.URL + "/hooks/s3cr3t")})
	b.line.Advance(30 * 24 * time.Hour)
	assert.Empty(t, b.stored(t))
	b.emit(1)
	assert.Equal(t, map[string]int{"user_m_13": 1}, b.stored(t))
	missed := 0
	for _, e := range b.Events() {
		if b.stored(t)[e.ResourceID] == 0 {
			missed++
		}
	}
	assert.Equal(t, 12, missed, "what a backfill brings")
}

// stuck is a log that never answers.
type stuck struct{ projections.Log }

func (stuck) Append(ctx context.Context, _ ...events.Event) (projections.Seq, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestS4_TheProductionHandlerAnswersWithin2SecondsWhateverItsLogDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		door, err := webhook.New(webhook.Config{Log: stuck{}})
		require.NoError(t, err)
		line := timeline.New(s4Start)
		s, err := sender.New(sender.Config{Timeline: line, Transport: called{door}})
		require.NoError(t, err)
		_, err = s.Create(sender.NewHook{EventType: s4Hook, URL: "https://hooks.example.com/hooks"})
		require.NoError(t, err)
		s.Emit(s4Hook, "user_m_1")
		line.Advance(0)
		require.Len(t, s.Attempts(), 1)
		a := s.Attempts()[0]
		assert.Equal(t, sender.BadStatus, a.Failure)
		assert.Equal(t, http.StatusServiceUnavailable, a.Status)
		assert.Equal(t, 1500*time.Millisecond, a.Took)
	})
}

// moody is a log that is away for drawn requests.
type moody struct {
	*both
	next func() bool
}

func (m moody) RoundTrip(r *http.Request) (*http.Response, error) {
	m.log.before.Store(!m.next())
	defer m.log.before.Store(false)
	return called{m.door}.RoundTrip(r)
}

// Whatever is answered, and whatever the owner of the hook does: where every attempt reaches us, our read model counts what the
// provider counts. The two share no code.
func TestS4_OurReadModelOfAHookAgreesWithTheProvider(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, end := bring(t, false)
		defer end()
		answers := rapid.SliceOfN(rapid.Bool(), 1, 40).Draw(t, "answers")
		rare := rapid.IntRange(1, 200).Draw(t, "one answer of so many may be a 200")
		asked := 0
		next := func() bool {
			asked++
			return asked%rare == 0 && answers[asked/rare%len(answers)]
		}
		s, err := sender.New(sender.Config{Timeline: b.line, Transport: moody{b, next}})
		require.NoError(t, err)
		b.Sender = s
		b.hook, err = s.Create(sender.NewHook{EventType: s4Hook, URL: "https://hooks.example.com/hooks/s3cr3t"})
		require.NoError(t, err)
		b.set(t, sender.Change{}) // as hook care reads the hook that it has made
		for range rapid.IntRange(1, 20).Draw(t, "operations") {
			b.happens(t)
			if err := b.feed.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
			b.agree(t)
		}
	})
}

// happens lets one thing happen.
func (b *both) happens(t *rapid.T) {
	switch rapid.SampledFrom([]string{"emit", "emit", "emit", "minutes", "hours", "url", "disable", "enable", "revive", "test"}).Draw(t, "operation") {
	case "emit":
		b.emit(rapid.IntRange(1, 40).Draw(t, "events"))
	case "minutes":
		b.line.Advance(time.Duration(rapid.IntRange(0, 70).Draw(t, "minutes")) * time.Minute)
	case "hours":
		b.line.Advance(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour)
	case "url":
		b.set(t, sender.Change{URL: new("https://new.example.com/hooks/s3cr3t")})
	case "disable":
		b.set(t, sender.Change{Status: new(sender.Disabled)})
	case "enable":
		b.set(t, sender.Change{Status: new(sender.Enabled)})
	case "revive":
		b.set(t, sender.Change{Validity: new(sender.Valid)})
	case "test":
		if err := b.Test(b.hook.ID); err != nil {
			t.Fatal(err)
		}
		b.line.Advance(0)
	}
}

// agree finds a difference between the two sides.
func (b *both) agree(t *rapid.T) {
	theirs, ours := b.theirs(t), b.ours(t)
	require.Equal(t, theirs.Failures, ours.Counter.Failures)
	require.Equal(t, theirs.Validity, ours.Validity())
	require.Equal(t, theirs.Status, ours.Status)
	warned := 0
	for _, m := range b.Mails() {
		warned = m.Failures / 10
	}
	if theirs.Failures >= 10 {
		require.Equal(t, warned, ours.Counter.Alerts(), "warnings of the present run")
	}
	require.Equal(t, theirs.ID, ours.HookID)
}
