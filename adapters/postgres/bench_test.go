package postgres

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/internal/pgtest"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// rounds is how often each way is measured, in turns with the others.
const rounds = 5

// benchStore is a store on a server that syncs, as servers do.
func benchStore(b *testing.B) *Store {
	b.Helper()
	server, err := pgtest.Start(b.Context(), "fsync=on")
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, server.Stop()) })
	s, err := Open(b.Context(), Config{URL: server.URL(), Models: []projections.AnyModel{views.Users}})
	require.NoError(b, err)
	b.Cleanup(s.Close)
	return s
}

// benchLog is a log of claims about so many users.
func benchLog(b *testing.B, n, users int) *projections.MemoryLog {
	b.Helper()
	log := projections.NewMemoryLog("BENCH", func() time.Time { return time.Unix(1_800_000_000, 0) }, 0)
	types := []events.Type{"USER_KYC_LIGHT", "USER_KYC_REGULAR", "USER_ACCOUNT_ACTIVATED", "USER_CATEGORY_UPDATED_TO_OWNER"}
	for i := range n {
		_, err := log.Append(b.Context(), events.Event{
			Type: types[i/users%len(types)], Date: 1_700_000_000 + int64(i),
			Ref: events.Ref{Source: "mangopay", Kind: "user", ID: fmt.Sprint("user_m_", i*7919%users)},
		})
		require.NoError(b, err)
	}
	return log
}

// sized is a log that is read so many records at a time.
type sized struct {
	projections.Log
	size int
}

func (l sized) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	c, err := l.Log.Open(ctx, from)
	return &some{Cursor: c, size: l.size}, err
}

type some struct {
	projections.Cursor
	size int
	rest []projections.Record
	at   projections.Position
}

func (s *some) Next(ctx context.Context) (recs []projections.Record, err error) {
	if len(s.rest) == 0 {
		if s.rest, err = s.Cursor.Next(ctx); err != nil {
			return nil, err
		}
	}
	n := min(s.size, len(s.rest))
	recs, s.rest = s.rest[:n], s.rest[n:]
	s.at = s.Cursor.Position()
	s.at.Seq, s.at.Time = recs[n-1].Seq, recs[n-1].Time
	return recs, nil
}

func (s *some) Position() projections.Position { return s.at }

// keeper keeps what is committed, rendered.
type keeper struct {
	*Store
	kept []*writing
}

func (k *keeper) Commit(ctx context.Context, c projections.Commit) error {
	t, err := k.writable(ctx, c.Model, len(c.Rows))
	if err != nil {
		return err
	}
	w, err := k.render(t, c.Rows)
	if err != nil {
		return err
	}
	if len(w.ids) > 0 {
		k.kept = append(k.kept, w)
	}
	return k.Store.Commit(ctx, c)
}

// fold folds a log into an empty store.
func fold(b *testing.B, s *Store, into projections.Store, log projections.Log, n int) {
	b.Helper()
	require.NoError(b, s.Forget(b.Context(), views.Users.ID()))
	proj, err := projections.New(projections.Config{Log: log, Store: into, Models: []projections.AnyModel{views.Users}})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(b, proj.Wait(ctx, projections.Seq(n)))
	stop()
	require.ErrorIs(b, <-ended, context.Canceled)
}

// BenchmarkWays writes the same rows in the three ways that there are, in turns: arrays that are unnested, which the store
// does; COPY into a temporary table; and a pipeline of single statements. It tells how long the others take beside ours.
func BenchmarkWays(b *testing.B) {
	for _, size := range []int{100, 1000, 5000} {
		b.Run(fmt.Sprintf("rows=%d", size), func(b *testing.B) { benchmarkWays(b, size) })
	}
}

func benchmarkWays(b *testing.B, size int) {
	s := benchStore(b)
	k := &keeper{Store: s}
	fold(b, s, k, sized{benchLog(b, 10_000, 5000), size}, 10_000)
	t, _, err := s.table(b.Context(), views.Users.ID())
	require.NoError(b, err)
	ways := []func(context.Context, *Store, txn, table, *writing) error{
		func(ctx context.Context, s *Store, tx txn, t table, w *writing) error { return s.write(ctx, tx, t, w) },
		copied, pipelined,
	}
	var took [3][]float64
	for range rounds * b.N {
		for way, write := range ways {
			require.NoError(b, s.Forget(b.Context(), views.Users.ID()))
			began := time.Now()
			for _, w := range k.kept {
				require.NoError(b, pgx.BeginFunc(b.Context(), s.pool, func(tx txn) error { return write(b.Context(), s, tx, t, w) }))
			}
			took[way] = append(took[way], time.Since(began).Seconds()/10_000)
		}
	}
	b.ReportMetric(median(took[1])/median(took[0]), "×copy")
	b.ReportMetric(median(took[2])/median(took[0]), "×pipeline")
	b.Logf("µs for each row: unnest %s, copy %s, pipeline %s", spread(took[0]), spread(took[1]), spread(took[2]))
}

// onConflict is the end of upsert.
const onConflict = ` ON CONFLICT (source, kind, id) DO UPDATE SET seq = excluded.seq, parked = excluded.parked,
	fold_state = excluded.fold_state, fold_index = excluded.fold_index, document = excluded.document WHERE t.seq <= excluded.seq`

var written = []string{"source", "kind", "id", "seq", "parked", "fold_state", "fold_index", "document"}

func (w *writing) row(i int) []any {
	return []any{w.sources[i], w.kinds[i], w.ids[i], w.seqs[i], w.parked[i], w.states[i], w.indexes[i], w.documents[i]}
}

// copied writes by COPY into a temporary table of the connection.
func copied(ctx context.Context, s *Store, tx txn, t table, w *writing) error {
	if _, err := tx.Exec(ctx, "CREATE TEMP TABLE IF NOT EXISTS incoming ("+base+") ON COMMIT DELETE ROWS"); err != nil {
		return err
	}
	rows := pgx.CopyFromSlice(len(w.ids), func(i int) ([]any, error) { return w.row(i), nil })
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, written, rows); err != nil {
		return err
	}
	const columns = "source, kind, id, seq, parked, fold_state, fold_index, document"
	_, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s AS t (%s) SELECT %s FROM incoming", s.relation(t.name), columns, columns)+onConflict)
	return err
}

// pipelined writes by a statement for each row, all sent at once.
func pipelined(ctx context.Context, s *Store, tx txn, t table, w *writing) error {
	var batch pgx.Batch
	sql := fmt.Sprintf("INSERT INTO %s AS t (source, kind, id, seq, parked, fold_state, fold_index, document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", s.relation(t.name))
	for i := range w.ids {
		batch.Queue(sql+onConflict, w.row(i)...)
	}
	return tx.SendBatch(ctx, &batch).Close()
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// spread tells median and range in microseconds.
func spread(all []float64) string {
	return fmt.Sprintf("%.0f (%.0f–%.0f)", median(all)*1e6, slices.Min(all)*1e6, slices.Max(all)*1e6)
}
