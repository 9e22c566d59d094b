package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Load returns the rows that exist. One that somebody else changed, so that it cannot be read, has a State that says so when
// it is asked for its bytes. Errors: ErrUnavailable, ErrRefused.
func (s *Store) Load(ctx context.Context, model string, refs []events.Ref) ([]projections.Row, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	doing := "loading rows of " + model
	t, stands, err := s.table(ctx, model)
	if err != nil || !stands {
		return nil, explain(doing, err)
	}
	sources, kinds, ids := make([]string, len(refs)), make([]string, len(refs)), make([]string, len(refs))
	for i, ref := range refs {
		k := keyOf(ref)
		sources[i], kinds[i], ids[i] = k[0], k[1], k[2]
	}
	ask := fmt.Sprintf(`SELECT n, seq, fold_state, fold_index FROM unnest($1::text[], $2::text[], $3::text[])
		WITH ORDINALITY AS v (source, kind, id, n) JOIN %s USING (source, kind, id)`, s.relation(t.name))
	rows, err := s.loaded(ctx, ask, refs, sources, kinds, ids)
	s.doubt(t, err)
	return rows, explain(doing, err)
}

// loaded asks for rows of resources.
func (s *Store) loaded(ctx context.Context, ask string, refs []events.Ref, args ...any) ([]projections.Row, error) {
	found, err := s.pool.Query(ctx, ask, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(found, func(r pgx.CollectableRow) (projections.Row, error) {
		var n, seq int64
		var state []byte
		var index *string
		if err := r.Scan(&n, &seq, &state, &index); err != nil {
			return projections.Row{}, err
		}
		row := rowOf(seq, state)
		row.Ref = refs[n-1]
		if row.Index, _, err = fromIndex(index); err != nil {
			row.State = damaged{}
		}
		return row, nil
	})
}

// rowOf is a row without its names and keys.
func rowOf(seq int64, state []byte) projections.Row {
	return projections.Row{Seq: projections.Seq(seq), State: projections.Bytes(state), Revision: revisionOf(projections.Seq(seq))}
}
