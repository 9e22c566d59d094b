package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// feed makes a Feed whose clock stands still.
func feed(t testing.TB, c webhook.FeedConfig) *webhook.Feed {
	t.Helper()
	c.Now = func() time.Time { return noon }
	f, err := webhook.NewFeed(c)
	require.NoError(t, err)
	return f
}

// result is what a Handler tells of a delivery that arrived so many milliseconds after noon and was answered at once.
func result(o webhook.Outcome, name events.Type, at int) webhook.Result {
	return webhook.Result{Outcome: o, Type: name, Received: noon.Add(time.Duration(at) * time.Millisecond)}
}

// flaky is a log that fails on demand, before or after it has stored.
type flaky struct {
	memory
	before, after error
}

func (f *flaky) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	f.mu.Lock()
	before, after := f.before, f.after
	f.mu.Unlock()
	if before != nil {
		return 0, before
	}
	seq, err := f.memory.Append(ctx, es...)
	if after != nil {
		return 0, after
	}
	return seq, err
}

// fails makes it fail from now on; nil: no more.
func (f *flaky) fails(before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

// failures are the aggregates that a log holds.
func (m *memory) failures() []string {
	var out []string
	for _, e := range m.all() {
		if e.Type == events.DeliveryFailed {
			out = append(out, e.Ref.ID+" "+string(e.Data))
		}
	}
	return out
}

func TestS4_WhatFailsInAnOutageIsToldOnceAsOneAggregate(t *testing.T) {
	t.Parallel()
	log := &flaky{before: errBroken}
	f := feed(t, webhook.FeedConfig{Log: log, Source: "mangopay-sandbox", Replica: "a"})
	const token = "c4n4ry"
	h := handler(t, webhook.Config{Log: log, Source: "mangopay-sandbox", Replica: "a", Token: token, Observe: f.Observe})
	for range 3 {
		assert.Equal(t, http.StatusServiceUnavailable, send(h, http.MethodGet, "/hooks/"+token, s4).Code)
	}
	require.ErrorIs(t, f.Flush(t.Context()), errBroken)
	assert.Equal(t, webhook.FeedCounts{Failures: 3, Waiting: 3}, f.Counts())
	log.fails(nil, nil)
	for range 2 {
		require.NoError(t, f.Flush(t.Context()))
	}
	assert.Equal(t, []events.Event{{
		Type: events.DeliveryFailed,
		Ref:  events.Ref{Source: "mangopay-sandbox", Kind: "hook", ID: "USER_ACCOUNT_ACTIVATED"},
		Date: 1743660000,
		Data: []byte(`{"at":1743660000123,"count":3,"first":1743660000123,"n":1743660000123001,"replica":"a"}`),
	}}, log.all(), "EventType, times and numbers, and nothing else")
	assert.Equal(t, webhook.FeedCounts{Failures: 3, Told: 3}, f.Counts())
}

func TestS4_OnlyA200WithinTwoSecondsIsASuccess(t *testing.T) {
	t.Parallel()
	took := func(o webhook.Outcome, d time.Duration) webhook.Result {
		r := result(o, "USER_KYC_LIGHT", 0)
		r.Took = d
		return r
	}
	gone := func(o webhook.Outcome) webhook.Result {
		r := result(o, "USER_KYC_LIGHT", 0)
		r.Gone = true
		return r
	}
	const tooLate = 2*time.Second + 1
	for name, c := range map[string]struct {
		result webhook.Result
		want   webhook.FeedCounts
		at     int64 // milliseconds after noon
	}{
		"accepted":                      {took(webhook.Accepted, 2*time.Second), webhook.FeedCounts{}, 0},
		"accepted, too late":            {took(webhook.Accepted, tooLate), webhook.FeedCounts{Failures: 1, Late: 1, Told: 1}, 2000},
		"accepted, for nobody":          {gone(webhook.Accepted), webhook.FeedCounts{Failures: 1, Late: 1, Told: 1}, 0},
		"unreadable":                    {took(webhook.Unreadable, 2*time.Second), webhook.FeedCounts{}, 0},
		"unreadable, too late":          {took(webhook.Unreadable, time.Hour), webhook.FeedCounts{Failures: 1, Late: 1, Told: 1}, 2000},
		"not stored in time":            {took(webhook.Failed, 1500*time.Millisecond), webhook.FeedCounts{Failures: 1, Told: 1}, 1500},
		"not stored, and told too late": {took(webhook.Failed, time.Minute), webhook.FeedCounts{Failures: 1, Told: 1}, 2000},
		"by a clock that went back":     {took(webhook.Failed, -time.Hour), webhook.FeedCounts{Failures: 1, Told: 1}, 0},
		"a defect":                      {took(webhook.Panicked, 0), webhook.FeedCounts{Failures: 1, Told: 1}, 0},
		"too long":                      {took(webhook.TooLong, 0), webhook.FeedCounts{Failures: 1, Told: 1}, 0},
		"a ping, too late":              {took(webhook.Ping, tooLate), webhook.FeedCounts{}, 0},
		"a ping, for nobody":            {gone(webhook.Ping), webhook.FeedCounts{}, 0},
		"another method":                {took(webhook.WrongMethod, tooLate), webhook.FeedCounts{}, 0},
		"a stranger":                    {took(webhook.Stranger, tooLate), webhook.FeedCounts{}, 0},
		"no event type":                 {took(webhook.NoEventType, tooLate), webhook.FeedCounts{}, 0},
		"a defect before the reading":   {result(webhook.Panicked, "", 0), webhook.FeedCounts{Unnamed: 1}, 0},
		"an event type of ours":         {result(webhook.Failed, "hookfold.observed", 0), webhook.FeedCounts{Unnamed: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &memory{}
			f := feed(t, webhook.FeedConfig{Log: log})
			f.Observe(c.result)
			require.NoError(t, f.Flush(t.Context()))
			assert.Equal(t, c.want, f.Counts())
			told := log.all()
			require.Len(t, told, int(c.want.Told))
			for _, e := range told {
				assert.Contains(t, string(e.Data), fmt.Sprintf(`"at":%d,`, noon.UnixMilli()+c.at))
				assert.Equal(t, (noon.UnixMilli()+c.at)/1000, e.Date)
			}
		})
	}
}

func TestAQueryThatIsTooLongFailsTheHookThatItNamesAtItsEnd(t *testing.T) {
	t.Parallel()
	own := strings.Repeat("own=1&", 2000)
	for query, want := range map[string][]string{
		own + s4:                                 {"USER_ACCOUNT_ACTIVATED"},
		s4 + "&" + own:                           nil, // the provider does not write so
		"EventType=" + strings.Repeat("A", 9000): nil,
		own:                                      nil,
	} {
		log := &memory{}
		f := feed(t, webhook.FeedConfig{Log: log})
		h := handler(t, webhook.Config{Log: log, Observe: f.Observe})
		require.Equal(t, http.StatusRequestURITooLong, send(h, http.MethodGet, "/hooks", query).Code)
		send(h, http.MethodPost, "/hooks", query)
		send(h, http.MethodGet, "/elsewhere", query)
		require.NoError(t, f.Flush(t.Context()))
		var named []string
		for _, e := range log.all() {
			named = append(named, e.Ref.ID)
		}
		assert.Equal(t, want, named)
		assert.Equal(t, uint64(1), f.Counts().Failures+f.Counts().Unnamed, "one of three is the provider's failure")
	}
}

func TestAnAppendOfUnknownOutcomeIsRepeatedAsACopyBeforeAnythingNew(t *testing.T) {
	t.Parallel()
	log := &flaky{after: errBroken}
	f := feed(t, webhook.FeedConfig{Log: log, Replica: "a"})
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 1))
	require.ErrorIs(t, f.Flush(t.Context()), errBroken)
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 2))
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 3))
	require.ErrorIs(t, f.Flush(t.Context()), errBroken)
	log.fails(nil, nil)
	require.NoError(t, f.Flush(t.Context()))

	told := log.all()
	require.Len(t, told, 4)
	for _, again := range told[1:3] {
		assert.Equal(t, told[0], again)
		assert.Equal(t, told[0].ID(), again.ID(), "a repetition is a copy")
	}
	assert.Equal(t, []string{
		`USER_KYC_LIGHT {"at":1743660000124,"count":1,"first":1743660000124,"n":1743660000123001,"replica":"a"}`,
		`USER_KYC_LIGHT {"at":1743660000126,"count":2,"first":1743660000125,"n":1743660000123002,"replica":"a"}`,
	}, log.failures()[2:])
	assert.Equal(t, webhook.FeedCounts{Failures: 3, Told: 3}, f.Counts())
}

func TestASuccessEndsTheRunOfItsHookOnly(t *testing.T) {
	t.Parallel()
	log := &memory{}
	f := feed(t, webhook.FeedConfig{Log: log})
	for _, r := range []webhook.Result{
		result(webhook.Failed, "USER_KYC_LIGHT", 1), result(webhook.Failed, "USER_KYC_REGULAR", 2),
		result(webhook.Accepted, "USER_KYC_LIGHT", 3),
		result(webhook.Failed, "USER_KYC_LIGHT", 4), result(webhook.Failed, "USER_KYC_REGULAR", 5),
	} {
		f.Observe(r)
	}
	require.NoError(t, f.Flush(t.Context()))
	assert.Equal(t, []string{
		`USER_KYC_LIGHT {"at":1743660000124,"count":1,"first":1743660000124,"n":1743660000123001}`,
		`USER_KYC_LIGHT {"at":1743660000127,"count":1,"first":1743660000127,"n":1743660000123002}`,
		`USER_KYC_REGULAR {"at":1743660000128,"count":2,"first":1743660000125,"n":1743660000123003}`,
	}, log.failures())
}

func TestFailuresThatAreAnsweredOutOfOrderSpanFromTheFirstToTheLast(t *testing.T) {
	t.Parallel()
	log := &memory{}
	f := feed(t, webhook.FeedConfig{Log: log})
	for _, at := range []int{5, 2, 9, 4} {
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", at))
	}
	require.NoError(t, f.Flush(t.Context()))
	assert.Equal(t, []string{`USER_KYC_LIGHT {"at":1743660000132,"count":4,"first":1743660000125,"n":1743660000123001}`}, log.failures())
}

func TestS4_ASenderThatHangsUpHasNotBeenAnswered(t *testing.T) {
	t.Parallel()
	log, hungUp, observed := &memory{}, make(chan context.Context, 1), make(chan struct{})
	f := feed(t, webhook.FeedConfig{Log: log})
	arrived, leave := make(chan struct{}), make(chan struct{})
	h := handler(t, webhook.Config{
		Log: appendFunc(func(ctx context.Context, es ...events.Event) (projections.Seq, error) {
			close(arrived)
			<-(<-hungUp).Done()
			return log.Append(ctx, es...)
		}),
		Observe: func(r webhook.Result) { f.Observe(r); close(observed) },
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hungUp <- r.Context()
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(leave)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/hooks?"+s4, nil)
		if assert.NoError(t, err) {
			_, err = http.DefaultClient.Do(r)
			assert.ErrorIs(t, err, context.Canceled)
		}
	}()
	<-arrived
	cancel()
	<-leave
	<-observed
	assert.Len(t, log.all(), 1, "it is kept all the same")
	assert.Equal(t, webhook.FeedCounts{Failures: 1, Late: 1, Waiting: 1}, f.Counts())
}

func TestForgedEventTypesFillNoMemoryAndHideNoHook(t *testing.T) {
	t.Parallel()
	log := &flaky{before: errBroken}
	f := feed(t, webhook.FeedConfig{Log: log, MaxUnknown: 3})
	forge := func(round string) {
		for i := range 5 {
			f.Observe(result(webhook.Failed, events.Type(round+strings.Repeat("X", i)), i))
		}
	}
	forge("A")
	forge("A")
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 9))
	assert.Equal(t, webhook.FeedCounts{Failures: 7, Waiting: 7, Beyond: 4}, f.Counts())
	require.Error(t, f.Flush(t.Context()))
	forge("B")
	require.Error(t, f.Flush(t.Context()))
	forge("C")
	assert.Equal(t, uint64(4+2+5), f.Counts().Beyond, "what waits already leaves room once")
	log.fails(nil, nil)
	require.NoError(t, f.Flush(t.Context()))
	assert.Len(t, log.failures(), 3+1+3)
	f.Observe(result(webhook.Failed, "A", 1))
	f.Observe(result(webhook.Accepted, "A", 2))
	forge("D")
	assert.Equal(t, uint64(11+2), f.Counts().Beyond, "a run that ends makes room too")
}

func TestRunsThatSuccessesEndedDoNotFillMemoryEither(t *testing.T) {
	t.Parallel()
	log := &flaky{before: errBroken}
	f := feed(t, webhook.FeedConfig{Log: log})
	for i := range 1500 {
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 2*i))
		f.Observe(result(webhook.Accepted, "USER_KYC_LIGHT", 2*i+1))
	}
	assert.Equal(t, webhook.FeedCounts{Failures: 1500, Waiting: 1000, Dropped: 500}, f.Counts())
	log.fails(nil, nil)
	require.NoError(t, f.Flush(t.Context()))
	assert.Len(t, log.failures(), 1000)
}

func TestAggregatesAreNumberedOnwardAfterARestart(t *testing.T) {
	t.Parallel()
	log := &memory{}
	at := noon
	for range 2 {
		f, err := webhook.NewFeed(webhook.FeedConfig{Log: log, Replica: "a", Now: func() time.Time { return at }})
		require.NoError(t, err)
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
		require.NoError(t, f.Flush(t.Context()))
		at = at.Add(time.Millisecond)
	}
	told := log.all()
	assert.NotEqual(t, told[0].ID(), told[1].ID(), "two failures at one instant, of two lives of one replica")
	assert.Less(t, string(told[0].Data), string(told[1].Data))
}

func TestAPanicOfTheLogIsAnErrorAndNothingIsForgotten(t *testing.T) {
	t.Parallel()
	f := feed(t, webhook.FeedConfig{Log: appendFunc(func(context.Context, ...events.Event) (projections.Seq, error) { panic("on purpose") })})
	f.Observe(result(webhook.Panicked, "USER_KYC_LIGHT", 0))
	require.ErrorContains(t, f.Flush(t.Context()), "on purpose")
	require.ErrorContains(t, f.Flush(t.Context()), "on purpose", "and the next one does not wait for the first")
	assert.Equal(t, uint64(1), f.Counts().Waiting)
}

func TestAFeedIsRefusedWithEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := webhook.NewFeed(webhook.FeedConfig{Source: "\xff", Replica: strings.Repeat("x", 129), Every: -1})
	require.ErrorIs(t, err, webhook.ErrConfig)
	for _, part := range []string{"Log is missing", "Source and Replica must be", "Every, Timeout and MaxUnknown"} {
		assert.ErrorContains(t, err, part)
	}
}
