package jetstream_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/projections"
)

func TestRestartInTheMiddleOfACursorLeavesNoGapAndNoDouble(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{Batch: 50})
	const n = 1500
	fill(t, log, row(0, n))
	c := cursor(t, log, projections.Position{})
	var records []projections.Record
	for i := range 3 {
		some, err := read(t, c, 100)
		require.NoError(t, err)
		records = append(records, some...)
		s.restart(nil)
		fill(t, log, row(n+i, n+i+1))
	}
	rest, err := read(t, c, n+3-len(records))
	require.NoError(t, err)
	requireRow(t, append(records, rest...), 1, row(0, n+3))
}

func TestRestartWhileNextWaitsIsNotNoticed(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 3))
	c := cursor(t, log, projections.Position{})
	_, err := read(t, c, 3)
	require.NoError(t, err)
	got := make(chan []projections.Record, 1)
	go func() {
		records, err := c.Next(t.Context())
		assert.NoError(t, err)
		got <- records
	}()
	s.restart(nil)
	fill(t, log, row(3, 4))
	requireRow(t, <-got, 4, row(3, 4))
}

func TestAppendAndReadThroughRestartsLoseNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	const n = 1000
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for i := 0; i < n && t.Context().Err() == nil; {
			if _, err := log.Append(t.Context(), event(i)); err == nil {
				i++
			} else if !assert.ErrorIs(t, err, projections.ErrAway) {
				return
			}
		}
	})
	c := cursor(t, log, projections.Position{})
	var records []projections.Record
	for _, until := range []int{n / 4, n / 2, 3 * n / 4, n} {
		some, err := read(t, c, until-len(records))
		require.NoError(t, err)
		records = append(records, some...)
		s.restart(nil)
	}
	requireRow(t, records, 1, row(0, n))
}

func TestConsumerThatIsDeletedIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 10))
	c := cursor(t, log, projections.Position{})
	_, err := read(t, c, 10)
	require.NoError(t, err)
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "HOOKFOLD")
	require.NoError(t, err)
	deleted := 0
	for name := range stream.ConsumerNames(t.Context()).Name() {
		require.NoError(t, stream.DeleteConsumer(t.Context(), name))
		deleted++
	}
	require.Equal(t, 1, deleted)
	fill(t, log, row(10, 20))
	records, err := read(t, c, 10)
	require.NoError(t, err)
	requireRow(t, records, 11, row(10, 20))
}

func TestLostConnectionMakesANewConsumer(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 10))
	c := cursor(t, log, projections.Position{})
	_, err := read(t, c, 10)
	require.NoError(t, err)
	before := s.consumers()
	got := make(chan []projections.Record, 1)
	go func() {
		records, err := c.Next(t.Context())
		assert.NoError(t, err)
		got <- records
	}()
	require.NoError(t, s.nc.ForceReconnect()) // what the old consumer had sent may be lost without a trace
	<-s.back
	require.Eventually(t, func() bool {
		now := s.consumers()
		return len(now) == 1 && now[0] != before[0]
	}, patience, time.Millisecond)
	fill(t, log, row(10, 11))
	requireRow(t, <-got, 11, row(10, 11))
}

func TestAppendsRightAfterAReconnectSucceed(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	for n := range 100 {
		require.NoError(t, s.nc.ForceReconnect())
		<-s.back
		fill(t, log, row(n, n+1))
	}
}

// consumers names the consumers of the stream.
func (s *site) consumers() []string {
	s.t.Helper()
	js, err := natsjs.New(s.nc)
	require.NoError(s.t, err)
	stream, err := js.Stream(s.t.Context(), "HOOKFOLD")
	require.NoError(s.t, err)
	var names []string
	for name := range stream.ConsumerNames(s.t.Context()).Name() {
		names = append(names, name)
	}
	return names
}

func TestReaderThatDoesNotReadHoldsTheServerBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{Batch: 10})
	const n = 500
	fill(t, log, row(0, n))
	c := cursor(t, log, projections.Position{})
	var records []projections.Record
	for len(records) < n {
		some, err := read(t, c, 1)
		require.NoError(t, err)
		require.LessOrEqual(t, len(some), 10)
		records = append(records, some...)
		fill(t, log, row(n, n+1)) // a round trip on the same connection, so that everything sent has arrived
	}
	requireRow(t, records[:n], 1, row(0, n))
}

func TestNextHearsItsContextAndGoesOnAfterwards(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	c := cursor(t, log, projections.Position{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := c.Next(ctx)
		done <- err
	}()
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	fill(t, log, row(0, 1))
	records, err := read(t, c, 1)
	require.NoError(t, err)
	requireRow(t, records, 1, row(0, 1))
}

func TestCloseEndsANextThatWaits(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	c := cursor(t, log, projections.Position{})
	done := make(chan error, 1)
	go func() {
		_, err := c.Next(t.Context())
		done <- err
	}()
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-done, jetstream.ErrClosed)
	require.NoError(t, c.Close(), "closing twice is no error")
	_, err := c.Next(t.Context())
	require.ErrorIs(t, err, jetstream.ErrClosed)
}

func TestCloseWhileTheServerIsAwayDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 1))
	c := cursor(t, log, projections.Position{})
	done := make(chan error, 1)
	s.stop()
	go func() {
		for {
			if _, err := c.Next(t.Context()); err != nil {
				done <- err
				return
			}
		}
	}()
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-done, jetstream.ErrClosed)
}

func TestClosedCursorLeavesNoConsumer(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 100))
	c := cursor(t, log, projections.Position{})
	_, err := read(t, c, 1)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	js, err := natsjs.New(s.nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "HOOKFOLD")
	require.NoError(t, err)
	require.Zero(t, stream.CachedInfo().State.Consumers)
}

func TestClosedConnectionIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	nc := s.connect()
	log, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
	require.NoError(t, err)
	c := cursor(t, log, projections.Position{})
	done := make(chan error, 1)
	go func() {
		_, err := c.Next(t.Context())
		done <- err
	}()
	nc.Close()
	require.ErrorIs(t, <-done, projections.ErrAway)
	_, err = c.Next(t.Context())
	require.ErrorIs(t, err, projections.ErrAway)
	_, err = log.Append(t.Context(), event(0))
	require.ErrorIs(t, err, projections.ErrAway)
	require.Equal(t, nats.CLOSED, nc.Status())
}
