package bench

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// plainly has pgx write the rows that come of the fold, in as many transactions as the fold has batches, and nothing else:
// no checkpoint, no lock, no fence. Each transaction's rows are folded and rendered before it, outside of the time, so that
// they are those of the store to the last byte and need not be kept.
type plainly struct {
	*projections.MemoryStore // what is folded so far
	on                       *database
	render                   *projections.Renderer
	watch                    watch
	rows                     int
}

// plain measures it.
func (s *stored) plain(ctx context.Context) (lap, error) {
	if err := s.rest(ctx); err != nil {
		return lap{}, err
	}
	w := &plainly{MemoryStore: projections.NewMemoryStore(), on: s.database, render: projections.NewRenderer(views.Users)}
	log := &replay{workload: s.workload, n: s.events, batch: s.batch}
	if _, err := s.projectTo(ctx, log, w, s.events, s.want); err != nil {
		return lap{}, err
	}
	l := w.watch.lap(s.events)
	l.rows = w.rows
	if err := s.shows(ctx, s.table, s.want); err != nil {
		return lap{}, err
	}
	_, err := s.pool.Exec(ctx, "TRUNCATE "+w.on.table)
	return l, err
}

// arrays are rows as PostgreSQL takes them.
type arrays struct {
	sources, kinds, ids []string
	seqs                []int64
	states              [][]byte
	indexes, documents  []*string
}

// Commit writes rows by pgx, and keeps them for the fold.
func (w *plainly) Commit(ctx context.Context, c projections.Commit) error {
	if len(c.Rows) > 0 {
		if c.Model != views.Users.ID() {
			return fmt.Errorf("rows of %s have no table here", c.Model)
		}
		rows, err := w.rendered(c.Rows)
		if err != nil {
			return err
		}
		w.watch.start()
		err = w.write(ctx, rows)
		w.watch.stop()
		if err != nil {
			return err
		}
		w.rows += len(c.Rows)
	}
	return w.MemoryStore.Commit(ctx, c)
}

func (w *plainly) rendered(rows []projections.Row) (c arrays, _ error) {
	for _, row := range rows {
		state, err := row.State.MarshalBinary()
		if err != nil {
			return arrays{}, err
		}
		doc, err := w.render.Document(row)
		if err != nil {
			return arrays{}, err
		}
		text := string(doc.JSON)
		var index *string
		if len(row.Index) > 0 {
			keys, err := json.Marshal(row.Index)
			if err != nil {
				return arrays{}, err
			}
			index = new(string(keys))
		}
		c.sources, c.kinds, c.ids = append(c.sources, row.Ref.Source), append(c.kinds, row.Ref.Kind), append(c.ids, row.Ref.ID)
		c.seqs, c.states = append(c.seqs, int64(row.Seq)), append(c.states, state)
		c.indexes, c.documents = append(c.indexes, index), append(c.documents, &text)
	}
	return c, nil
}

// write is one transaction with one statement over arrays; of the ways that there are only COPY is about as fast.
func (w *plainly) write(ctx context.Context, c arrays) error {
	sql := "INSERT INTO " + w.on.table + ` (source, kind, id, seq, fold_state, fold_index, document)
		SELECT source, kind, id, seq, state, index::jsonb, document::jsonb
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[], $7::text[])
			AS v (source, kind, id, seq, state, index, document)
		ON CONFLICT (source, kind, id) DO UPDATE SET seq = excluded.seq, fold_state = excluded.fold_state,
			fold_index = excluded.fold_index, document = excluded.document`
	return pgx.BeginFunc(ctx, w.on.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql, c.sources, c.kinds, c.ids, c.seqs, c.states, c.indexes, c.documents)
		return err
	})
}
