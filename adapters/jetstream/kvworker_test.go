package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// A child process that folds the log into KV is told by these variables where.
const (
	foldDirEnv   = "HOOKFOLD_TEST_FOLD_DIR"   // with a server of its own in this directory
	foldURLEnv   = "HOOKFOLD_TEST_FOLD_URL"   // or on this server
	foldFactsEnv = "HOOKFOLD_TEST_FOLD_FACTS" // it publishes facts as well, from so many on in batches
	foldStopEnv  = "HOOKFOLD_TEST_FOLD_STOP"  // it waits for a word before it sends the checkpoint of the users that has this number
)

// foldBatch makes for many commits.
const foldBatch = 100

// foldUntilKilled is the child. It tells of every write to its connection, before the write.
func foldUntilKilled() {
	ctx := context.Background()
	stop, _ := strconv.Atoi(os.Getenv(foldStopEnv)) // 0: never
	tell := &teller{stop: stop}
	var nc *nats.Conn
	var err error
	if dir := os.Getenv(foldDirEnv); dir != "" {
		server, failed := embedded.Start(ctx, embedded.Config{Dir: dir, Sync: embedded.Interval})
		exitOn(failed)
		tell.inner = server
		nc, err = server.Connect(nats.InProcessServer(tell))
	} else {
		nc, err = nats.Connect(os.Getenv(foldURLEnv), nats.SetCustomDialer(tell))
	}
	exitOn(err)
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{Batch: foldBatch})
	exitOn(err)
	store, err := jetstream.OpenStore(ctx, nc, jetstream.StoreConfig{})
	exitOn(err)
	var facts projections.Facts
	if batch, _ := strconv.Atoi(os.Getenv(foldFactsEnv)); batch != 0 {
		facts, err = jetstream.OpenFacts(ctx, nc, jetstream.FactsConfig{Log: log, Batch: batch})
		exitOn(err)
	}
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(), Facts: facts,
		Retry: func(_ context.Context, err error, attempt int) bool {
			fmt.Println("error:", err)
			return attempt < 3 && !errors.Is(err, projections.ErrFenced) || errors.Is(err, jetstream.ErrRowsLost)
		}})
	exitOn(err)
	exitOn(proj.Run(ctx))
}

// teller is a way to the server that tells of every write.
type teller struct {
	inner  nats.InProcessConnProvider
	writes int
	stop   int
}

func (d *teller) InProcessConn() (net.Conn, error) {
	c, err := d.inner.InProcessConn()
	return &told{c, d}, err
}

func (d *teller) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	return &told{c, d}, err
}

type told struct {
	net.Conn
	*teller
}

func (c *told) Write(b []byte) (int, error) {
	c.writes++
	fmt.Println("write", c.writes)
	if bytes.Contains(b, []byte("PUB $KV.hookfold_rm_users_v1.c.0 ")) {
		if c.stop--; c.stop == 0 {
			fmt.Println("stopping")
			_, _ = os.Stdin.Read(make([]byte, 1)) // until somebody says to go on
		}
	}
	return c.Conn.Write(b)
}

// fillWithLives makes a log, and gives back what stands in it.
func fillWithLives(t *testing.T, log *jetstream.Log, n, resources int) []projections.Record {
	t.Helper()
	for es := killtest.Lives(n, resources); len(es) > 0; es = es[min(len(es), 2000):] {
		fill(t, log, es[:min(len(es), 2000)])
	}
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	records, err := read(t, cursor(t, log, projections.Position{}), int(head.Seq))
	require.NoError(t, err)
	return records
}

// foldOn folds the rest of the log in this process.
func foldOn(t *testing.T, log projections.Log, store projections.Store, upTo projections.Seq) {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All(),
		Retry: func(ctx context.Context, err error, attempt int) bool { return ctx.Err() == nil && attempt < 5 }})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, upTo))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// requireFresh compares everything that is kept with a fold without any trouble.
func requireFresh(t *testing.T, store projections.Store, records []projections.Record) {
	t.Helper()
	want, err := projections.Documents(views.All(), records, projections.AsOf{})
	require.NoError(t, err)
	documents := map[events.Ref]string{}
	for _, doc := range want {
		documents[doc.Ref] = string(doc.JSON)
	}
	seen := 0
	for _, m := range views.All() {
		for _, row := range allRows(t, store, m) {
			doc := documentOf(t, m, row)
			require.Equal(t, documents[row.Ref], doc, "%v", row.Ref)
			if doc != "" {
				seen++
			}
		}
	}
	require.Equal(t, len(want), seen, "nothing lost, nothing doubled")
}

// allRows lists a read model.
func allRows(t *testing.T, store projections.Store, m projections.AnyModel) (rows []projections.Row) {
	t.Helper()
	for q := (projections.Query{Model: m.ID(), Limit: 1000}); ; {
		page, err := store.List(t.Context(), q)
		require.NoError(t, err)
		rows = append(rows, page.Rows...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return rows
		}
	}
}

// oneRow is a store that holds one row, to see its document.
type oneRow struct {
	projections.Store
	row projections.Row
}

func (s oneRow) Load(context.Context, string, []events.Ref) ([]projections.Row, error) {
	return []projections.Row{s.row}, nil
}

// documentOf is the document of a row; "" where it has none.
func documentOf(t *testing.T, m projections.AnyModel, row projections.Row) string {
	t.Helper()
	doc, err := projections.ReadDocument(t.Context(), oneRow{row: row}, m, row.Ref.Source, row.Ref.ID, projections.AsOf{})
	if errors.Is(err, projections.ErrUnknown) {
		return ""
	}
	require.NoError(t, err)
	return string(doc.JSON)
}
