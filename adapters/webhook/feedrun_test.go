package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// running starts a Feed in a bubble of time and returns it with what stops it and waits for its end.
func running(t *testing.T, c webhook.FeedConfig) (*webhook.Feed, func()) {
	t.Helper()
	f, err := webhook.NewFeed(c)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); f.Run(ctx) }()
	return f, func() { cancel(); <-ended }
}

// later lets time pass in a bubble.
func later(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestRunTellsAtOnceWhenTheLogHasTakenSomethingAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		f, stop := running(t, webhook.FeedConfig{Log: log, Every: time.Hour})
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
		synctest.Wait()
		assert.Empty(t, log.all(), "an outage is not asked after with every failure")
		f.Observe(result(webhook.Accepted, "USER_ACCOUNT_CLOSED", 1))
		synctest.Wait()
		assert.Len(t, log.failures(), 1)
		f.Observe(result(webhook.Accepted, "USER_KYC_LIGHT", 2))
		stop()
		assert.Len(t, log.failures(), 1)
	})
}

func TestRunTellsWhereNothingArrivesAnyMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, said := &flaky{before: errBroken}, &bytes.Buffer{}
		f, stop := running(t, webhook.FeedConfig{Log: log, Logger: slog.New(slog.NewTextHandler(said, nil))})
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 1))
		later(7 * time.Second)
		assert.Equal(t, 1, bytes.Count(said.Bytes(), []byte("\n")), "three attempts, one line: %s", said)
		assert.Contains(t, said.String(), "failures=2")
		assert.NotContains(t, said.String(), "USER_KYC_LIGHT")
		log.fails(nil, nil)
		later(2 * time.Second)
		assert.Len(t, log.failures(), 1)
		stop()
	})
}

func TestAStopTellsWhatIsLeftAndDoesNotWaitForALogForever(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := &memory{}
		f, stop := running(t, webhook.FeedConfig{Log: log})
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
		stop()
		assert.Len(t, log.failures(), 1)

		said := &bytes.Buffer{}
		f, stop = running(t, webhook.FeedConfig{
			Logger: slog.New(slog.NewTextHandler(said, nil)),
			Log: appendFunc(func(ctx context.Context, _ ...events.Event) (projections.Seq, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			}),
		})
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
		before := time.Now()
		stop()
		assert.Equal(t, 5*time.Second, time.Since(before))
		assert.Contains(t, said.String(), "forgotten")
		assert.Contains(t, said.String(), "failures=1")
	})
}

func TestWhatEndsWhileTheLogIsToldWaitsItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log, appends, durable := &memory{}, 0, make(chan struct{})
		f := feed(t, webhook.FeedConfig{Log: appendFunc(func(ctx context.Context, es ...events.Event) (projections.Seq, error) {
			appends++ // one at a time: the race detector would see two
			<-durable
			return log.Append(ctx, es...)
		})})
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
		var flushes sync.WaitGroup
		for range 2 {
			flushes.Go(func() { assert.NoError(t, f.Flush(t.Context())) })
		}
		synctest.Wait()
		assert.Equal(t, 1, appends, "one flush at a time")
		f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 1))
		f.Observe(result(webhook.Accepted, "USER_KYC_LIGHT", 2))
		close(durable)
		flushes.Wait()
		assert.Len(t, log.failures(), 2)
		assert.Equal(t, 2, appends)
		assert.Equal(t, webhook.FeedCounts{Failures: 2, Told: 2}, f.Counts())
	})
}

func TestOneFlushAtATimeAndEveryFailureOnce(t *testing.T) {
	t.Parallel()
	const senders, each = 8, 500
	log := &memory{}
	f := feed(t, webhook.FeedConfig{Log: log})
	var all sync.WaitGroup
	for s := range senders {
		all.Go(func() {
			for i := range each {
				f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", i))
				if i%7 == s%7 {
					assert.NoError(t, f.Flush(t.Context()))
				}
				if i%11 == s%11 {
					f.Observe(result(webhook.Accepted, "USER_KYC_LIGHT", i))
				}
			}
		})
	}
	all.Wait()
	require.NoError(t, f.Flush(t.Context()))
	total, seen := 0, map[events.ID]bool{}
	for _, e := range log.all() {
		var a events.Attempt
		require.NoError(t, json.Unmarshal(e.Data, &a))
		require.False(t, seen[e.ID()])
		seen[e.ID()] = true
		total += a.Count
	}
	assert.Equal(t, senders*each, total)
	assert.Equal(t, webhook.FeedCounts{Failures: senders * each, Told: senders * each}, f.Counts())
}

// TestS4_TheFoldCountsAsTheProviderDoes plays outages on a log that refuses, loses its acknowledgements or works, flushed
// at any moment, and compares the hook's document with a counter that saw every delivery.
func TestS4_TheFoldCountsAsTheProviderDoes(t *testing.T) {
	t.Parallel()
	name := events.Type("USER_KYC_LIGHT")
	rapid.Check(t, func(t *rapid.T) {
		log := &flaky{}
		f, err := webhook.NewFeed(webhook.FeedConfig{Log: log, Replica: "a", Now: func() time.Time { return noon }})
		require.NoError(t, err)
		var provider hook.Counter
		for at, step := range rapid.SliceOfN(rapid.IntRange(0, 9), 1, 200).Draw(t, "steps") {
			switch {
			case step < 6:
				f.Observe(result(webhook.Failed, name, at))
				provider, _ = provider.Failed(1)
			case step == 6:
				_, err := log.memory.Append(t.Context(), events.Event{
					Type: name, Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "u"}, Date: noon.Unix(),
					Delivery: events.Delivery{
						Origin: events.Webhook, Received: noon.UnixMilli() + int64(at), Replica: "a", Attempt: uint64(at),
					},
				})
				require.NoError(t, err)
				f.Observe(result(webhook.Accepted, name, at))
				provider, _ = provider.Succeeded()
			default:
				log.fails([]error{errBroken, nil, nil}[step-7], []error{nil, errBroken, nil}[step-7])
				if err := f.Flush(t.Context()); err != nil {
					require.ErrorIs(t, err, errBroken)
				}
			}
		}
		log.fails(nil, nil)
		require.NoError(t, f.Flush(t.Context()))
		var recs []projections.Record
		for _, e := range log.all() {
			recs = append(recs, projections.Record{Event: e})
		}
		ref := events.Ref{Source: "mangopay", Kind: views.KindHook, ID: string(name)}
		got := projections.Fold(views.Hooks, ref, recs, projections.AsOf{}).Value.Counter
		if got != provider {
			t.Fatalf("the fold counts %+v, the provider %+v: %s", got, provider, fmt.Sprint(log.failures()))
		}
	})
}

func TestWhatTheLogWasNotToldIsKnownUntilItIs(t *testing.T) {
	t.Parallel()
	log := &flaky{before: errBroken}
	f := feed(t, webhook.FeedConfig{Log: log})
	assert.Empty(t, f.Untold())
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 0))
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 1))
	first := f.Untold()["USER_KYC_LIGHT"]
	require.Error(t, f.Flush(t.Context())) // what waits from now on is one aggregate
	f.Observe(result(webhook.Failed, "USER_KYC_LIGHT", 5))
	f.Observe(result(webhook.Failed, "USER_ACCOUNT_CLOSED", 5))
	all := f.Untold()
	assert.Len(t, all, 2)
	assert.Equal(t, 1, all["USER_ACCOUNT_CLOSED"].Count)
	assert.Equal(t, webhook.Untold{Count: 3, First: first.First, Last: all["USER_ACCOUNT_CLOSED"].Last}, all["USER_KYC_LIGHT"])
	log.fails(nil, nil)
	require.NoError(t, f.Flush(t.Context()))
	assert.Empty(t, f.Untold())
}
