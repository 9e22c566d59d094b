package sender_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
	"github.com/hookfold/hookfold/events"
)

// counting is a receiver in memory that fails a share of the requests, and counts those of every EventType.
type counting struct {
	mu  sync.Mutex
	got map[string]int
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.got[r.URL.Query().Get("EventType")]++
	c.mu.Unlock()
	w := httptest.NewRecorder()
	if rand.Float64() < 0.9 {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	return w.Result(), nil
}

// Many hooks, events, changes and steps at once, while the time runs at eleven days a second: no race, nothing sent twice, and
// the books agree.
func TestARunAtHighSpeedKeepsItsBooks(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	receiver := &counting{got: map[string]int{}}
	s, err := sender.New(sender.Config{Timeline: line, Transport: receiver, Connections: 8})
	require.NoError(t, err)
	require.NoError(t, s.SetFaults(sender.Faults{Seed: 1, Delay: 0.2, Duplicate: 0.2, Reorder: 0.2}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- line.Run(ctx, timeline.MaxSpeed) }()

	var busy sync.WaitGroup
	for _, name := range []events.Type{"A", "B", "C", "D"} {
		h, err := s.Create(sender.NewHook{EventType: name, URL: "https://www.example.com"})
		require.NoError(t, err)
		busy.Go(func() {
			for i := range 50 {
				s.Emit(name, s4Resource)
				if i%10 == 0 {
					_, _ = s.Update(h.ID, sender.Change{Validity: new(sender.Valid)})
					_ = s.Test(h.ID)
					line.Advance(time.Minute)
				}
				_, _, _ = s.Hooks(), s.Mails(), s.FaultCounts()
			}
		})
	}
	busy.Wait()
	line.Advance(10 * day) // all that is left
	stop()
	require.NoError(t, <-ended)

	attempts := map[string]int{}
	for _, a := range s.Attempts() {
		attempts[string(a.EventType)]++
		assert.LessOrEqual(t, a.Number, 16)
	}
	assert.Equal(t, receiver.got, attempts)
	assert.Len(t, s.Events(), 200)
	for _, h := range s.Hooks() {
		assert.Equal(t, h.Failures == 100, h.Validity == sender.Invalid, "%+v", h)
	}
}

// gate is a receiver that answers when it is told what.
type gate chan int

func (g gate) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteHeader(<-g)
	return w.Result(), nil
}

func TestOurReading_WhatIsUnderWayWhenAHookBecomesInvalidCountsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		answer := make(gate)
		s, err := sender.New(sender.Config{Timeline: line, Transport: answer, Connections: 102})
		require.NoError(t, err)
		h, err := s.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- line.Run(ctx, 0) }()
		for range 101 {
			s.Emit(s4Type, s4Resource)
		}
		synctest.Wait()
		for range 100 {
			answer <- http.StatusServiceUnavailable
		}
		synctest.Wait()
		require.Equal(t, sender.Invalid, s.Hooks()[0].Validity)
		_, err = s.Update(h.ID, sender.Change{Validity: new(sender.Valid)})
		require.NoError(t, err)
		answer <- http.StatusServiceUnavailable // to the 101st, sent before the hook was INVALID
		stop()
		require.NoError(t, <-ended)
		assert.Zero(t, s.Hooks()[0].Failures)
		assert.Len(t, s.Attempts(), 101, "it was sent all the same")
		line.Advance(30 * day)
		assert.Len(t, s.Attempts(), 101, "and is not retried")
	})
}

func TestAClosedSenderKeepsNobodyWaitingAndCountsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		s, err := sender.New(sender.Config{Timeline: line, Transport: slow(time.Hour), Connections: 2})
		require.NoError(t, err)
		h, err := s.Create(sender.NewHook{EventType: s4Type, URL: "https://www.example.com"})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- line.Run(ctx, 1) }()
		for range 1000 {
			s.Emit(s4Type, s4Resource)
		}
		require.NoError(t, s.Test(h.ID))
		synctest.Wait()
		began := time.Now()
		stop()
		s.Close()
		require.NoError(t, <-ended)
		assert.Zero(t, time.Since(began), "instead of 1,000 seconds")
		s.Emit(s4Type, s4Resource)
		line.Advance(5 * day)
		assert.Empty(t, s.Attempts())
		assert.Zero(t, s.Hooks()[0].Failures)
	})
}
