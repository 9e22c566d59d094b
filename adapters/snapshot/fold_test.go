package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// patience bounds what a test waits for: it is only spent when something is broken.
const patience = 60 * time.Second

// filled is a log in memory.
func filled(t testing.TB, es []events.Event) *projections.MemoryLog {
	t.Helper()
	log := projections.NewMemoryLog("log", time.Now, 0)
	_, err := log.Append(t.Context(), es...)
	require.NoError(t, err)
	return log
}

// config is a usual configuration for a test that copies by itself.
func config(t testing.TB, log projections.Log) snapshot.Config {
	return snapshot.Config{Dir: t.TempDir(), Log: log, Models: views.All(), Every: -1}
}

// copyOf is the same with the file as it stands now in a folder of its own.
func copyOf(t testing.TB, c snapshot.Config) (snapshot.Config, error) {
	b, err := os.ReadFile(filepath.Join(c.Dir, snapshot.FileName))
	c.Dir, c.Every = t.TempDir(), -1
	return c, errors.Join(err, os.WriteFile(filepath.Join(c.Dir, snapshot.FileName), b, 0o600))
}

func open(t testing.TB, c snapshot.Config) *snapshot.Store {
	t.Helper()
	s, err := snapshot.Open(t.Context(), c)
	require.NoError(t, err)
	return s
}

// fold folds a log to its end.
func fold(t testing.TB, log projections.Log, store projections.Store) {
	t.Helper()
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, head.Seq))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// records are what a log holds up to a sequence.
func records(t testing.TB, log projections.Log, upTo projections.Seq) (out []projections.Record) {
	t.Helper()
	if upTo == 0 {
		return nil
	}
	cursor, err := log.Open(t.Context(), projections.Position{})
	require.NoError(t, err)
	defer func() { require.NoError(t, cursor.Close()) }()
	for len(out) < int(upTo) {
		some, err := cursor.Next(t.Context())
		require.NoError(t, err)
		out = append(out, some...)
	}
	return out[:upTo]
}

// documents are what a fold of records gives of a model.
func documents(t testing.TB, m projections.AnyModel, records []projections.Record) map[string]string {
	docs, err := projections.Documents([]projections.AnyModel{m}, records, projections.AsOf{})
	assert.NoError(t, err)
	out := map[string]string{}
	for _, d := range docs {
		out[d.Ref.ID] = string(d.JSON)
	}
	return out
}

// held are the documents that a store holds of a model.
func held(t testing.TB, s projections.Store, m projections.AnyModel) map[string]string {
	out := map[string]string{}
	for q := (projections.Query{Model: m.ID(), Limit: 1000}); ; {
		page, err := s.List(t.Context(), q)
		assert.NoError(t, err)
		for _, row := range page.Rows {
			doc, err := projections.ReadDocument(t.Context(), s, m, row.Ref.Source, row.Ref.ID, projections.AsOf{})
			if errors.Is(err, projections.ErrUnknown) {
				continue // a row that makes no document
			}
			assert.NoError(t, err)
			out[row.Ref.ID] = string(doc.JSON)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return out
		}
	}
}

// requireFresh checks that a store holds exactly what a fold of these records gives, of every model: nothing is lost, and
// nothing doubled.
func requireFresh(t testing.TB, store projections.Store, records []projections.Record) {
	t.Helper()
	for _, m := range views.All() {
		require.Equal(t, documents(t, m, records), held(t, store, m), m.ID())
	}
}

// reached is how far the slowest model is.
func reached(t testing.TB, store projections.Store) projections.Seq {
	t.Helper()
	low := ^projections.Seq(0)
	for _, m := range views.All() {
		c, err := store.Checkpoint(t.Context(), m.ID(), 0)
		require.NoError(t, err)
		low = min(low, c.Position.Seq)
	}
	return low
}

// journal is what a logger was told.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}
