package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// pageOfChoice is how many rows a page has when the query leaves it to the store.
const pageOfChoice = 100

// List returns a page of rows, sorted by source, kind and id. A page costs what it holds; one by a secondary key costs what
// rows have that key. Names that PostgreSQL's text cannot hold sort as their hexadecimal form. Errors:
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
	rows, err := s.rows(ctx, ask, args...)
	if err != nil {
		s.doubt(t, err)
		return projections.Page{}, explain(doing, err)
	}
	page := projections.Page{Rows: rows}
	if len(rows) > q.Limit {
		page.Rows = rows[:q.Limit]
		page.Next = writeCursor(q, page.Rows[q.Limit-1].Ref)
	}
	return page, nil
}

// asking is the question for one row more than the page holds.
func (s *Store) asking(t table, q projections.Query, after *events.Ref) (string, []any, error) {
	where, args := "true", []any{int64(q.Limit) + 1}
	if after != nil {
		where = "(source, kind, id) > ($2, $3, $4)"
		args = append(args, asText(after.Source), asText(after.Kind), asText(after.ID))
	}
	if q.Index != "" {
		key, err := asIndex(map[string]string{q.Index: q.Value})
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
func writeCursor(q projections.Query, ref events.Ref) string {
	place, _ := json.Marshal([]string{asText(ref.Source), asText(ref.Kind), asText(ref.ID)}) // strings always render
	return base64.RawURLEncoding.EncodeToString(append(seal(q, place), place...))
}

// readCursor returns the row behind which a page begins; nil for the first page.
func readCursor(q projections.Query) (*events.Ref, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(b) < sealed || !bytes.Equal(seal(q, b[sealed:]), b[:sealed]) {
		return nil, projections.ErrCursor
	}
	var texts []string
	if json.Unmarshal(b[sealed:], &texts) != nil || len(texts) != 3 {
		return nil, projections.ErrCursor
	}
	var ref events.Ref
	for i, to := range []*string{&ref.Source, &ref.Kind, &ref.ID} {
		if *to, err = fromText(texts[i]); err != nil {
			return nil, projections.ErrCursor
		}
	}
	return &ref, nil
}
