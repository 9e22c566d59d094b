package webhook_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestLaw5_TheAnswerWaitsForTheLog(t *testing.T) {
	t.Parallel()
	durable, asked := make(chan struct{}), make(chan struct{})
	h := handler(t, webhook.Config{Log: appendFunc(func(context.Context, ...events.Event) (projections.Seq, error) {
		close(asked)
		<-durable
		return 7, nil
	})})
	w := httptest.NewRecorder()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/hooks?"+s4, nil))
	}()
	<-asked
	select {
	case <-answered:
		t.Fatal("answered before the log had acknowledged")
	default:
	}
	assert.Zero(t, h.Counts().Accepted)
	close(durable)
	<-answered
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "7", w.Header().Get("Hookfold-Seq"))
}

func TestS4_ASlowLogIsAnswered503WithinTheTwoSeconds(t *testing.T) {
	t.Parallel()
	var budget time.Duration
	slow := appendFunc(func(ctx context.Context, _ ...events.Event) (projections.Seq, error) {
		deadline, _ := ctx.Deadline()
		budget = time.Until(deadline)
		<-ctx.Done()
		return 0, ctx.Err()
	})
	h := handler(t, webhook.Config{Log: slow, Timeout: 10 * time.Millisecond})
	w := send(h, http.MethodGet, "/hooks", s4)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Empty(t, w.Header().Get("Hookfold-Seq"))
	assert.LessOrEqual(t, budget, 10*time.Millisecond)
	assert.Equal(t, webhook.Counts{Failed: 1}, h.Counts())
}

func TestS4_TheDefaultTimeoutLeavesHalfASecond(t *testing.T) {
	t.Parallel()
	var budget time.Duration
	h := handler(t, webhook.Config{Log: appendFunc(func(ctx context.Context, _ ...events.Event) (projections.Seq, error) {
		deadline, limited := ctx.Deadline()
		require.True(t, limited)
		budget = time.Until(deadline)
		return 1, nil
	})})
	send(h, http.MethodGet, "/hooks", s4)
	assert.Greater(t, budget, time.Duration(0))
	assert.LessOrEqual(t, budget, 1500*time.Millisecond)
}

func TestASenderThatGoesAwayDoesNotStopTheAppend(t *testing.T) {
	t.Parallel()
	log := &memory{}
	h := handler(t, webhook.Config{Log: log})
	gone, leave := context.WithCancel(t.Context())
	leave()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/hooks?"+s4, nil).WithContext(gone))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Len(t, log.all(), 1)
}

func TestAPanicIsAnswered503AndCounted(t *testing.T) {
	t.Parallel()
	h := handler(t, webhook.Config{Log: appendFunc(func(context.Context, ...events.Event) (projections.Seq, error) {
		panic("on purpose")
	})})
	w := send(h, http.MethodGet, "/hooks", s4)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	assert.Equal(t, webhook.Counts{Panicked: 1}, h.Counts())
}

func TestAPanicOfTheObserverDoesNotCostTheAnswer(t *testing.T) {
	t.Parallel()
	h := handler(t, webhook.Config{Log: &memory{}, Observe: func(webhook.Result) { panic("on purpose") }})
	assert.Equal(t, http.StatusOK, send(h, http.MethodGet, "/hooks", s4).Code)
	assert.Equal(t, webhook.Counts{Accepted: 1}, h.Counts())
}

func TestTheObserverHearsWhatBecameOfEveryRequest(t *testing.T) {
	t.Parallel()
	var heard []webhook.Result
	tell := func(r webhook.Result) { heard = append(heard, r) }
	good := handler(t, webhook.Config{Log: &memory{}, Observe: tell})
	send(good, http.MethodGet, "/hooks", s4)
	send(good, http.MethodGet, "/", s4)
	send(handler(t, webhook.Config{Log: appendFunc(broken), Observe: tell}), http.MethodGet, "/hooks", s4)
	require.Len(t, heard, 3)
	assert.Equal(t, webhook.Result{Outcome: webhook.Accepted, Type: "USER_ACCOUNT_ACTIVATED", Known: true, Seq: 1, Received: noon}, heard[0])
	assert.Equal(t, webhook.Result{Outcome: webhook.Stranger, Received: noon}, heard[1])
	assert.Equal(t, webhook.Failed, heard[2].Outcome)
	assert.Equal(t, events.Type("USER_ACCOUNT_ACTIVATED"), heard[2].Type, "so that failures can be counted for their hook")
	assert.ErrorIs(t, heard[2].Err, errBroken)
}

func TestSixtyFourSendersAtOnce(t *testing.T) {
	t.Parallel()
	log := &memory{}
	h := handler(t, webhook.Config{Log: log})
	const senders, each = 64, 20
	seqs := make(chan string, senders*each)
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for range each {
				seqs <- send(h, http.MethodGet, "/hooks", s4).Header().Get("Hookfold-Seq")
			}
		})
	}
	all.Wait()
	close(seqs)
	distinct, attempts := map[string]bool{}, map[uint64]bool{}
	for s := range seqs {
		distinct[s] = true
	}
	for _, e := range log.all() {
		attempts[e.Delivery.Attempt] = true
	}
	assert.Len(t, distinct, senders*each)
	assert.Len(t, attempts, senders*each, "no two deliveries share an attempt")
	assert.Equal(t, webhook.Counts{Accepted: senders * each}, h.Counts())
}
