package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// Load returns the rows that exist. Errors: ErrUnavailable, ErrRefused.
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
		sources[i], kinds[i], ids[i] = asText(ref.Source), asText(ref.Kind), asText(ref.ID)
	}
	ask := fmt.Sprintf(`SELECT source, kind, id, seq, fold_state, fold_index
		FROM unnest($1::text[], $2::text[], $3::text[]) AS v (source, kind, id) JOIN %s USING (source, kind, id)`, s.relation(t.name))
	rows, err := s.rows(ctx, ask, sources, kinds, ids)
	s.doubt(t, err)
	return rows, explain(doing, err)
}

// rows asks for rows.
func (s *Store) rows(ctx context.Context, ask string, args ...any) ([]projections.Row, error) {
	rows, err := s.pool.Query(ctx, ask, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, rowOf)
}

// rowOf reads one row.
func rowOf(r pgx.CollectableRow) (projections.Row, error) {
	var source, kind, id string
	var seq int64
	var state []byte
	var index *string
	if err := r.Scan(&source, &kind, &id, &seq, &state, &index); err != nil {
		return projections.Row{}, err
	}
	row := projections.Row{Seq: projections.Seq(seq), State: projections.Bytes(state), Revision: revisionOf(projections.Seq(seq))}
	for _, name := range []struct {
		to   *string
		text string
	}{{&row.Ref.Source, source}, {&row.Ref.Kind, kind}, {&row.Ref.ID, id}} {
		s, err := fromText(name.text)
		if err != nil {
			return projections.Row{}, errRow
		}
		*name.to = s
	}
	if index == nil {
		return row, nil
	}
	keys, err := fromIndex(*index)
	row.Index = keys
	return row, err
}

// errRow says that a row was written by somebody else.
var errRow = fmt.Errorf("postgres: a row has names that we did not write: forget the model and fold it anew: %w", ErrRefused)

// fromIndex reads what asIndex wrote.
func fromIndex(text string) (map[string]string, error) {
	var texts map[string]string
	if err := json.Unmarshal([]byte(text), &texts); err != nil {
		return nil, errRow
	}
	keys := make(map[string]string, len(texts))
	for name, value := range texts {
		plain, first := fromText(name)
		is, second := fromText(value)
		if first != nil || second != nil {
			return nil, errRow
		}
		keys[plain] = is
	}
	return keys, nil
}
