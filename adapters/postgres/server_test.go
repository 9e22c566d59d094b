package postgres_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/internal/pgtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// strikesAtOnce is how many strikes a worker lives through before what it left is examined.
const strikesAtOnce = 10

// withstand folds a log while the database is struck so many times. Each time that a worker was stopped, rows and
// checkpoint are exactly those of one place in the log, and in the end everything is as a fresh fold has it.
func withstand(t *testing.T, x *trouble, w *wire, url, schema string, rounds int) {
	t.Helper()
	log := logOf(rounds * recordsPerKill)
	records := recordsOf(t, log)
	calmly := func() *postgres.Store { // on connections that no strike has met
		return open(t, postgres.Config{URL: url, Schema: schema, Models: views.All()})
	}
	calm := calmly() // what it makes is made without trouble
	pool, err := w.pool(t.Context(), url, x)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	store := open(t, postgres.Config{Pool: pool, Schema: schema, Models: views.All()})
	faults := 0
	for left := rounds; left > 0; left -= strikesAtOnce {
		faults += foldUntil(t, log, store, x.arm(min(left, strikesAtOnce)))
		x.late.Wait()
		calm.Close()
		calm = calmly()
		for _, m := range views.All() {
			takeOver(t, calm, m)
			examine(t, calm, m, records)
		}
	}
	where, within := x.struck()
	foldOn(t, pieces{log.Log, 5000}, calm, projections.Seq(len(records)))
	requireFresh(t, calm, connect(t, url), schema, records)
	t.Logf("struck %d times, %d of them inside a transaction (%s), %d errors: lost 0, doubled 0", rounds, within, where, faults)
	require.Greater(t, 3*within, rounds, "most strikes are to be in the middle of transactions: %s", where)
	require.Positive(t, faults)
}

// foldUntil folds with a worker that tries again and again, until somebody says that it is enough. It tells how often the
// worker began again.
func foldUntil(t *testing.T, log projections.Log, store projections.Store, enough <-chan struct{}) (faults int) {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(),
		Retry: func(ctx context.Context, err error, attempt int) bool {
			faults++
			if !errors.Is(err, postgres.ErrUnavailable) && !errors.Is(err, projections.ErrFenced) {
				t.Errorf("an error that is not one of a database that went away: %v", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond): // as long as nobody is there, the machine is for whoever comes back
			}
			return true
		}})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), 2*patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	select {
	case <-enough:
	case <-ctx.Done():
	}
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	return faults
}

// TestLaw6_ServerRestarted ends the server in good order and starts it again.
func TestLaw6_ServerRestarted(t *testing.T) {
	t.Parallel()
	server := private(t)
	x := newTrouble(t, func() error { return server.Restart(context.WithoutCancel(t.Context()), false) })
	withstand(t, x, x.wire(), server.URL(), postgres.DefaultSchema, kills(t, 4))
}

// TestLaw6_ServerKilled ends every process of the server without a word. What it acknowledged is synced.
func TestLaw6_ServerKilled(t *testing.T) {
	t.Parallel()
	server, err := pgtest.Start(t.Context(), "fsync=on")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	x := newTrouble(t, func() error { return server.Kill(context.WithoutCancel(t.Context())) })
	withstand(t, x, x.wire(), server.URL(), postgres.DefaultSchema, kills(t, 4))
}

// TestLaw6_TransactionsTerminated has an operator end the worker's connections.
func TestLaw6_TransactionsTerminated(t *testing.T) {
	t.Parallel()
	operator := connect(t, database(t))
	x := newTrouble(t, nil)
	x.strike = func() error {
		_, err := operator.Exec(context.WithoutCancel(t.Context()), "SELECT pg_terminate_backend($1)", int32(x.process()))
		return err
	}
	withstand(t, x, x.wire(), database(t), schema(t), kills(t, 12))
}

// TestLaw6_ConnectionsCut resets the worker's connections over TCP, so that often nobody knows whether a commit was taken.
func TestLaw6_ConnectionsCut(t *testing.T) {
	t.Parallel()
	x := newTrouble(t, nil)
	w := x.wire()
	w.dial = overTCP
	x.strike = func() error {
		conn, is := w.current().(*net.TCPConn)
		if !is {
			return errors.New("not over TCP")
		}
		if err := conn.SetLinger(0); err != nil && !errors.Is(err, net.ErrClosed) { // a reset, and nothing that still waits is sent
			return err
		}
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
	withstand(t, x, w, database(t), schema(t), kills(t, 12))
}

// overTCP leads to the database over TCP, however that is reached.
func overTCP(ctx context.Context, network, address string) (net.Conn, error) {
	far, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, far.Close())
	}
	defer func() { _ = door.Close() }() // one went through it
	conn, err := net.Dial("tcp", door.Addr().String())
	if err != nil {
		return nil, errors.Join(err, far.Close())
	}
	near, err := door.Accept()
	if err != nil {
		return nil, errors.Join(err, far.Close(), conn.Close())
	}
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(way[0], way[1]) // until one of them ends
			_, _ = near.Close(), far.Close()
		}()
	}
	return conn, nil
}

var (
	_ pgx.QueryTracer   = (*trouble)(nil)
	_ pgx.BatchTracer   = (*trouble)(nil)
	_ pgx.ConnectTracer = (*trouble)(nil)
)
