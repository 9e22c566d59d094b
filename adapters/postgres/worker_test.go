package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// A child process that folds into PostgreSQL is told by these variables where and what.
const (
	childURLEnv     = "HOOKFOLD_TEST_PG_URL"
	childSchemaEnv  = "HOOKFOLD_TEST_PG_SCHEMA"
	childRecordsEnv = "HOOKFOLD_TEST_PG_RECORDS"
	childStopEnv    = "HOOKFOLD_TEST_PG_STOP" // it waits for a word before it sends the rows of the commit that has this number
)

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// resources is how many of each kind share the records.
const resources = 120

// foldUntilKilled is the child. It tells of every write to its connections, before the write.
func foldUntilKilled(url string) {
	ctx := context.Background()
	n, err := strconv.Atoi(os.Getenv(childRecordsEnv))
	exitOn(err)
	stop, _ := strconv.Atoi(os.Getenv(childStopEnv)) // 0: never
	w := &wire{stop: stop, before: func(n int) { fmt.Println("write", n) }}
	pool, err := w.pool(ctx, url, nil)
	exitOn(err)
	c := postgres.Config{Pool: pool, Schema: os.Getenv(childSchemaEnv), Models: views.All()}
	if stop > 0 {
		c.Timeout = time.Second
	}
	store, err := postgres.Open(ctx, c)
	exitOn(err)
	proj, err := projections.New(projections.Config{Log: logOf(n), Store: store, Models: views.All(),
		Retry: func(_ context.Context, err error, attempt int) bool {
			fmt.Println("error:", err)
			return false
		}})
	exitOn(err)
	exitOn(proj.Run(ctx))
}

func exitOn(err error) {
	if err != nil {
		fmt.Println("exit:", err)
		os.Exit(1)
	}
}

// wire is a way to the server of which every write is counted.
type wire struct {
	before, after func(n int) // are told of every write
	dial          func(ctx context.Context, network, address string) (net.Conn, error)
	stop          int

	mu     sync.Mutex
	writes int
	newest net.Conn // that something was written to
}

// pool connects on the wire. The tracer may be nil.
func (w *wire) pool(ctx context.Context, url string, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if w.dial == nil {
		w.dial = (&net.Dialer{}).DialContext
	}
	c.ConnConfig.Tracer = tracer
	c.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := w.dial(ctx, network, address)
		return &counted{conn, w}, err
	}
	return pgxpool.NewWithConfig(ctx, c)
}

// counted is one connection of it.
type counted struct {
	net.Conn
	wire *wire
}

func (c *counted) Write(b []byte) (int, error) {
	w := c.wire
	w.mu.Lock()
	w.writes++
	n := w.writes
	w.newest = c.Conn
	w.mu.Unlock()
	if w.before != nil {
		w.before(n)
	}
	if w.stop > 0 && bytes.Contains(b, []byte("mangopay")) && !bytes.Contains(b, []byte("SELECT")) {
		if w.stop--; w.stop == 0 {
			fmt.Println("stopping")
			_, _ = os.Stdin.Read(make([]byte, 1)) // until somebody says to go on
		}
	}
	sent, err := c.Conn.Write(b)
	if w.after != nil {
		w.after(n)
	}
	return sent, err
}

// current is the connection that was written to last.
func (w *wire) current() net.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.newest
}

// logOf is a log of so many notifications about users and sessions: the same one in every process. It is read a hundred
// records at a time, which makes for many commits.
func logOf(n int) pieces {
	at := time.Unix(1_800_000_000, 0).UTC()
	log := projections.NewMemoryLog("LIVES", func() time.Time { at = at.Add(time.Millisecond); return at }, 0)
	_, err := log.Append(context.Background(), killtest.Lives(n, resources)...)
	exitOn(err)
	return pieces{log, 100}
}

// pieces is a log whose records come a few at a time.
type pieces struct {
	projections.Log
	size int
}

func (p pieces) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	c, err := p.Log.Open(ctx, from)
	return &piece{log: p, from: from, Cursor: c}, err
}

// piece reads it. The position of a piece is the one at which a log that ends there stands.
type piece struct {
	projections.Cursor
	log  pieces
	from projections.Position
	rest []projections.Record
}

func (p *piece) Next(ctx context.Context) (recs []projections.Record, err error) {
	if len(p.rest) == 0 {
		if p.rest, err = p.Cursor.Next(ctx); err != nil {
			return nil, err
		}
	}
	n := min(p.log.size, len(p.rest))
	recs, p.rest = p.rest[:n], p.rest[n:]
	last := p.Cursor.Position()
	last.Seq, last.Time = recs[n-1].Seq, recs[n-1].Time
	p.from = last
	return recs, nil
}

func (p *piece) Position() projections.Position { return p.from }

// recordsOf reads a whole log.
func recordsOf(t testing.TB, log pieces) []projections.Record {
	t.Helper()
	c, err := log.Log.Open(t.Context(), projections.Position{})
	require.NoError(t, err)
	records, err := c.Next(t.Context())
	require.NoError(t, err)
	return records
}

// head is the sequence of a log's newest record.
func head(t testing.TB, log projections.Log) projections.Seq {
	t.Helper()
	at, err := log.Head(t.Context())
	require.NoError(t, err)
	return at.Seq
}

// foldOn folds the rest of the log in this process, whatever happens meanwhile, and tells how often it began again.
func foldOn(t testing.TB, log projections.Log, store projections.Store, upTo projections.Seq) (faults int) {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(),
		Retry: func(ctx context.Context, err error, attempt int) bool {
			faults++
			if !errors.Is(err, postgres.ErrUnavailable) {
				t.Errorf("an error that is not one of a database that went away: %v", err)
			}
			return ctx.Err() == nil
		}})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, upTo))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	return faults
}
