package jetstream_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestAppendedEventsAreReadBackInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	es := row(0, 1200)
	require.EqualValues(t, 1, fill(t, log, es[:1]))
	require.EqualValues(t, 2, fill(t, log, es[1:2]))
	require.EqualValues(t, 1200, fill(t, log, es[2:]), "a pipeline returns the sequence of the last event")

	c := cursor(t, log, projections.Position{})
	records, err := read(t, c, len(es))
	require.NoError(t, err)
	requireRow(t, records, 1, es)

	head, err := log.Head(t.Context())
	require.NoError(t, err)
	assert.Equal(t, head, c.Position())
	assert.Equal(t, "HOOKFOLD", head.Stream)
	assert.EqualValues(t, 1200, head.Seq)
	assert.Equal(t, records[1199].Time, head.Time)

	more := row(1200, 1300)
	fill(t, log, more)
	records, err = read(t, c, len(more))
	require.NoError(t, err, "a cursor that is up to date goes on")
	requireRow(t, records, 1201, more)
}

func TestAppendOfNothingIsNothing(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	seq, err := log.Append(t.Context())
	require.NoError(t, err)
	require.Zero(t, seq)
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	require.Zero(t, head.Seq)
	require.True(t, head.Time.IsZero())
	require.False(t, head.Created.IsZero())
}

func TestEventThatIsKnownKeepsItsOldSequence(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	es := row(0, 5)
	fill(t, log, es)
	require.EqualValues(t, 2, fill(t, log, es[1:2]))
	copied := es[3]
	copied.Delivery.Attempt = 99 // metadata is no part of an identity
	require.EqualValues(t, 4, fill(t, log, []events.Event{es[0], copied}))
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 5, head.Seq)
}

func TestOddIdsKeepTheirBytes(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{Stream: "ODD", Prefix: "shop.eu-1"})
	ids := []string{"", "a.b", "*", ">", "=", "=41", "A", "a", "with space", "tab\t", "new\nline", "Zürich", "日本", "\x00", "a.>.*", "$JS.API"}
	es := make([]events.Event, len(ids))
	for i, id := range ids {
		es[i] = events.Event{Type: "X", Ref: events.Ref{Source: "m p.*", Kind: "k>", ID: id}, Date: int64(i)}
	}
	for _, e := range es[:4] {
		fill(t, log, []events.Event{e})
	}
	fill(t, log, es[4:])
	records, err := read(t, cursor(t, log, projections.Position{}), len(es))
	require.NoError(t, err)
	requireRow(t, records, 1, es)
}

func TestMessageThatIsNoEnvelopeIsAnUndecodableRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	raw := func(subject, data string, header nats.Header) {
		t.Helper()
		_, err := s.nc.RequestMsgWithContext(t.Context(), &nats.Msg{Subject: subject, Data: []byte(data), Header: header})
		require.NoError(t, err)
	}
	raw("hookfold.log.mangopay.user.a=2Eb", "not an envelope", nil)
	raw("hookfold.log.too.many.tokens.here", "{}", nil)
	raw("hookfold.log.mangopay.user.=zz", "", nil)
	// The client library takes a message with such a header for the server's own and drops it.
	raw("hookfold.log.mangopay.user.control", "", nats.Header{"Status": {"409"}})
	raw("hookfold.log.mangopay.user.last", "", nats.Header{"Status": {"100"}})
	fill(t, log, row(0, 1))

	records, err := read(t, cursor(t, log, projections.Position{}), 6)
	require.NoError(t, err)
	undecodable := func(id string) events.Event {
		return events.Event{Type: events.Undecodable, Ref: events.Ref{Source: "mangopay", Kind: "user", ID: id}}
	}
	none := events.Event{Type: events.Undecodable}
	requireRow(t, records, 1, []events.Event{
		undecodable("a.b"), none, none, undecodable("control"), undecodable("last"), event(0),
	})
}

func TestANewerVersionsRecordStopsTheCursorBecauseSkippingItWouldFoldWrongly(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 1))
	newer := &nats.Msg{Subject: "hookfold.log.mangopay.user.u", Data: []byte(`{"v":999,"source":"mangopay"}`)}
	_, err := s.nc.RequestMsgWithContext(t.Context(), newer)
	require.NoError(t, err)
	fill(t, log, row(1, 2))

	c := cursor(t, log, projections.Position{})
	records, err := c.Next(t.Context())
	require.NoError(t, err)
	requireRow(t, records, 1, []events.Event{event(0)})
	for range 2 {
		_, err = c.Next(t.Context())
		require.ErrorIs(t, err, events.ErrNewer)
	}
	require.Equal(t, projections.Seq(1), c.Position().Seq)
}

func TestLaw5_ManyCallersAtOnceAreAllStoredOnce(t *testing.T) {
	t.Parallel()
	const callers, each = 64, 20
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	var mu sync.Mutex
	acked := map[projections.Seq]events.Event{}
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for n := range each {
				batch := row(1000*caller+2*n, 1000*caller+2*n+1+n%2) // one or two at once
				seq, err := log.Append(t.Context(), batch...)
				if !assert.NoError(t, err) {
					return
				}
				mu.Lock()
				acked[seq] = batch[len(batch)-1]
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Len(t, acked, callers*each, "two appends were given one sequence")
	const stored = callers * each * 3 / 2
	records, err := read(t, cursor(t, log, projections.Position{}), stored)
	require.NoError(t, err)
	require.Len(t, records, stored)
	for _, r := range records {
		if e, ok := acked[r.Seq]; ok {
			require.Equal(t, e, r.Event)
		}
	}
}

func TestFullLogRefusesAndLosesNothing(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{MaxBytes: 64 << 10})
	n := 0
	var err error
	for ; err == nil; n++ {
		_, err = log.Append(t.Context(), event(n))
	}
	stored := n - 1
	require.ErrorIs(t, err, projections.ErrFull)
	require.NotErrorIs(t, err, projections.ErrAway)
	_, err = log.Append(t.Context(), row(n, n+50)...)
	require.ErrorIs(t, err, projections.ErrFull)

	records, err := read(t, cursor(t, log, projections.Position{}), stored)
	require.NoError(t, err)
	requireRow(t, records, 1, row(0, stored))
}

func TestFullLogTakesEventsAgainWhenItsLimitIsRaised(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{MaxBytes: 2 << 10})
	_, err := log.Append(t.Context(), row(0, 50)...)
	require.ErrorIs(t, err, projections.ErrFull)
	log = s.open(jetstream.LogConfig{MaxBytes: 1 << 20})
	require.EqualValues(t, 50, fill(t, log, row(0, 50)), "what is there already is recognised")
}

func TestServerThatIsFullIsAFullLog(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{MaxBytes: 32 << 10}).open(jetstream.LogConfig{})
	_, err := log.Append(t.Context(), row(0, 500)...)
	require.ErrorIs(t, err, projections.ErrFull)
}

func TestStoppedServerIsAwayAndKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{})
	log := s.open(jetstream.LogConfig{})
	fill(t, log, row(0, 100))
	s.restart(func() {
		for _, es := range [][]events.Event{row(100, 101), row(100, 110)} {
			_, err := log.Append(t.Context(), es...)
			require.ErrorIs(t, err, projections.ErrAway)
		}
		_, err := log.Head(t.Context())
		require.ErrorIs(t, err, projections.ErrAway)
		_, err = log.Open(t.Context(), projections.Position{})
		require.ErrorIs(t, err, projections.ErrAway)
	})
	require.EqualValues(t, 110, fill(t, log, row(100, 110)))
	records, err := read(t, cursor(t, log, projections.Position{}), 110)
	require.NoError(t, err)
	requireRow(t, records, 1, row(0, 110))
}

func TestAppendHearsItsContext(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, es := range [][]events.Event{row(0, 1), row(0, 10)} {
		_, err := log.Append(ctx, es...)
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, projections.ErrAway, "nothing is wrong with the log")
	}
}

func TestEventThatCanNeverBeStoredSaysSo(t *testing.T) {
	t.Parallel()
	log := newSite(t, embedded.Config{}).open(jetstream.LogConfig{})
	big := event(0)
	big.Type = events.Unreadable
	data, err := events.Canonical(map[string]string{"raw": strings.Repeat("x", 1<<20)})
	require.NoError(t, err)
	big.Data = data
	for _, es := range [][]events.Event{{big}, {event(1), big}, {{Type: "X"}}} {
		_, err := log.Append(t.Context(), es...)
		require.Error(t, err)
		require.NotErrorIs(t, err, projections.ErrAway)
		require.NotErrorIs(t, err, projections.ErrFull)
	}
	_, err = log.Append(t.Context(), big)
	require.ErrorContains(t, err, "max_payload")
}

func TestExternalServerIsUsedAsAnyOther(t *testing.T) {
	t.Parallel()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	nc, err := nats.Connect(server.URL())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	log, err := jetstream.OpenLog(t.Context(), nc, jetstream.LogConfig{})
	require.NoError(t, err)
	fill(t, log, row(0, 2000))
	records, err := read(t, cursor(t, log, projections.Position{}), 2000)
	require.NoError(t, err)
	requireRow(t, records, 1, row(0, 2000))
}
