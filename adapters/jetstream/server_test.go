package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// patience bounds what a test waits for: it is only spent when something is broken.
const patience = 60 * time.Second

// site is a directory with a server that can stop and start again, seen by one connection.
type site struct {
	t      testing.TB
	config embedded.Config

	mu     sync.Mutex
	server *embedded.Server
	back   chan struct{} // the connection came back
	nc     *nats.Conn
}

// newSite starts a server in a fresh directory.
func newSite(t testing.TB, config embedded.Config) *site {
	t.Helper()
	if config.Dir == "" {
		config.Dir = t.TempDir()
	}
	s := &site{t: t, config: config, back: make(chan struct{}, 100)}
	s.start()
	t.Cleanup(s.stop)
	s.nc = s.connect(nats.ReconnectHandler(func(*nats.Conn) { s.back <- struct{}{} }))
	return s
}

// connect opens a connection that finds every later server of the site, and ends with the test.
func (s *site) connect(opts ...nats.Option) *nats.Conn {
	s.t.Helper()
	all := append([]nats.Option{
		nats.InProcessServer(s), nats.MaxReconnects(-1), nats.ReconnectWait(2 * time.Millisecond),
		nats.ReconnectJitter(0, 0), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}, opts...)
	nc, err := nats.Connect("", all...)
	require.NoError(s.t, err)
	s.t.Cleanup(nc.Close)
	return nc
}

// InProcessConn connects to the server that runs now.
func (s *site) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil, errors.New("no server")
	}
	return s.server.InProcessConn()
}

func (s *site) start() {
	s.t.Helper()
	server, err := embedded.Start(s.t.Context(), s.config)
	require.NoError(s.t, err)
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
}

func (s *site) stop() {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// restart stops the server, lets meanwhile do something with the directory, and waits until the connection is back.
func (s *site) restart(meanwhile func()) {
	s.t.Helper()
	s.stop()
	if meanwhile != nil {
		meanwhile()
	}
	s.start()
	select {
	case <-s.back:
	case <-time.After(patience):
		s.t.Fatal("the connection did not come back")
	}
}

// open opens the log on the site's connection.
func (s *site) open(config jetstream.LogConfig) *jetstream.Log {
	s.t.Helper()
	log, err := jetstream.OpenLog(s.t.Context(), s.nc, config)
	require.NoError(s.t, err)
	return log
}

// cursor opens a cursor that ends with the test.
func cursor(t testing.TB, log projections.Log, from projections.Position) projections.Cursor {
	t.Helper()
	c, err := log.Open(t.Context(), from)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// event is the n-th notification of a row.
func event(n int) events.Event {
	return events.Event{
		Type:     "USER_KYC_REGULAR",
		Ref:      events.Ref{Source: "mangopay", Kind: "user", ID: fmt.Sprintf("user_m_%d", n%7)},
		Date:     1_700_000_000 + int64(n),
		Delivery: events.Delivery{Origin: events.Webhook, Received: int64(n), Replica: "a", Attempt: uint64(n)},
	}
}

// row is the notifications from (inclusive) to (exclusive).
func row(from, to int) []events.Event {
	es := make([]events.Event, 0, to-from)
	for n := from; n < to; n++ {
		es = append(es, event(n))
	}
	return es
}

// fill appends events in one go and returns the last sequence.
func fill(t testing.TB, log projections.Log, es []events.Event) projections.Seq {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	seq, err := log.Append(ctx, es...)
	require.NoError(t, err)
	return seq
}

// read returns the next n records of a cursor, or the error that came first.
func read(t testing.TB, c projections.Cursor, n int) ([]projections.Record, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context()) // without a deadline, as Run has none
	defer cancel()
	defer time.AfterFunc(patience, cancel).Stop()
	var all []projections.Record
	for len(all) < n {
		records, err := c.Next(ctx)
		if err != nil {
			return all, err
		}
		require.NotEmpty(t, records, "Next returned neither a record nor an error")
		all = append(all, records...)
	}
	return all, nil
}

// requireRow checks that records are consecutive from a sequence on and hold exactly these events.
func requireRow(t testing.TB, records []projections.Record, first projections.Seq, es []events.Event) {
	t.Helper()
	require.Len(t, records, len(es))
	for i, r := range records {
		require.Equal(t, first+projections.Seq(i), r.Seq)
		require.Equal(t, es[i], r.Event, "record %d", r.Seq)
		require.False(t, r.Time.IsZero(), "record %d has no time", r.Seq)
	}
}
