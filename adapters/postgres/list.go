package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// pageOfChoice is how many rows a page has when the query leaves it to the store.
const pageOfChoice = 100

// List returns a page of rows, sorted by source, kind and id. A page costs what it holds; one by a secondary key costs what
// rows have that key. Names that PostgreSQL's text cannot hold sort as their hexadecimal form, those of more than 512 bytes by
// a digest. A row that cannot be read is listed like one that Load gives, by the names that stand in its table. Errors:
// projections.ErrCursor, ErrUnavailable, ErrRefused.
func (s *Store) List(ctx context.Context, q projections.Query) (projections.Page, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	after, err := readCursor(q)
	if err != nil || q.Index != "" && q.Value == "" {
		return projections.Page{}, err
	}
	doing := "listing " + q.Model
	t, stands, err := s.table(ctx, q.Model)
	if err != nil || !stands {
		return projections.Page{}, explain(doing, err)
	}
	if q.Limit <= 0 {
		q.Limit = pageOfChoice
	}
	ask, args, err := s.asking(t, q, after)
	if err != nil {
		return projections.Page{}, err
	}
	rows, keys, err := s.listed(ctx, ask, args...)
	if err != nil {
		s.doubt(t, err)
		return projections.Page{}, explain(doing, err)
	}
	page := projections.Page{Rows: rows}
	if len(rows) > q.Limit {
		page.Rows = rows[:q.Limit]
		page.Next = writeCursor(q, keys[q.Limit-1])
	}
	return page, nil
}

// listed asks for rows and their keys.
func (s *Store) listed(ctx context.Context, ask string, args ...any) (rows []projections.Row, keys []key, err error) {
	found, err := s.pool.Query(ctx, ask, args...)
	if err != nil {
		return nil, nil, err
	}
	rows, err = pgx.CollectRows(found, func(r pgx.CollectableRow) (projections.Row, error) {
		var k key
		var seq int64
		var state []byte
		var index *string
		if err := r.Scan(&k[0], &k[1], &k[2], &seq, &state, &index); err != nil {
			return projections.Row{}, err
		}
		keys = append(keys, k)
		return listedAs(k, rowOf(seq, state), index), nil
	})
	return rows, keys, err
}

// listedAs gives a row its names and keys. One that has not those that we gave it is damaged.
func listedAs(k key, row projections.Row, index *string) projections.Row {
	keys, names, err := fromIndex(index)
	row.Index = keys
	ref, unnamed := k.ref(names)
	if row.Ref = ref; unnamed != nil {
		row.Ref = events.Ref{Source: k[0], Kind: k[1], ID: k[2]}
	}
	if err != nil || unnamed != nil {
		row.State = damaged{}
	}
	return row
}

// asking is the question for one row more than the page holds.
func (s *Store) asking(t table, q projections.Query, after *key) (string, []any, error) {
	where, args := "true", []any{int64(q.Limit) + 1}
	if after != nil {
		where = "(source, kind, id) > ($2, $3, $4)"
		args = append(args, after[0], after[1], after[2])
	}
	if q.Index != "" {
		key, err := asIndex(events.Ref{}, map[string]string{q.Index: q.Value})
		if err != nil {
			return "", nil, err
		}
		args = append(args, *key)
		where += fmt.Sprintf(" AND fold_index @> $%d::jsonb", len(args))
	}
	return fmt.Sprintf("SELECT source, kind, id, seq, fold_state, fold_index FROM %s WHERE %s ORDER BY source, kind, id LIMIT $1", s.relation(t.name), where), args, nil
}

// sealed is how many bytes tie a cursor to its list. It keeps out what is no cursor of it; it is no secret, and guards
// nothing.
const sealed = 8

func seal(q projections.Query, place []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", q.Model, q.Index, q.Value, place))
	return sum[:sealed]
}

// writeCursor names the last row of a page.
func writeCursor(q projections.Query, last key) string {
	place, _ := json.Marshal(last) // strings always render
	return base64.RawURLEncoding.EncodeToString(append(seal(q, place), place...))
}

// readCursor returns the row behind which a page begins; nil for the first page.
func readCursor(q projections.Query) (*key, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(b) < sealed || !bytes.Equal(seal(q, b[sealed:]), b[:sealed]) {
		return nil, projections.ErrCursor
	}
	var last key
	if json.Unmarshal(b[sealed:], &last) != nil {
		return nil, projections.ErrCursor
	}
	return &last, nil
}
