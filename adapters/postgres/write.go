package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hookfold/hookfold/projections"
)

// writing is rows as columns, rendered.
type writing struct {
	sources, kinds, ids []string
	seqs                []int64
	parked              []*string
	states              [][]byte
	indexes, documents  []*string
}

// mostRows and mostBytes bound one statement.
const (
	mostRows  = 5000
	mostBytes = 16 << 20
)

// notRendered stands in a row whose document fails; its resource is the only one that suffers.
const notRendered = "the model's document does not render"

// render renders rows for a table. The rows are not changed.
func (s *Store) render(t table, rows []projections.Row) (*writing, error) {
	w := &writing{}
	var of *projections.Renderer
	if m := s.shown(t.model); m != nil {
		of = projections.NewRenderer(m)
	}
	for _, row := range rows {
		state, err := row.State.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("postgres: a row of %s does not render: %w", t.model, err)
		}
		index, err := asIndex(row.Ref, row.Index)
		if err != nil {
			return nil, fmt.Errorf("postgres: secondary keys of %s: %w", t.model, err)
		}
		k := keyOf(row.Ref)
		w.sources, w.kinds, w.ids = append(w.sources, k[0]), append(w.kinds, k[1]), append(w.ids, k[2])
		w.seqs, w.states, w.indexes = append(w.seqs, int64(row.Seq)), append(w.states, state), append(w.indexes, index)
		document, parked := documentOf(of, row)
		w.documents, w.parked = append(w.documents, document), append(w.parked, parked)
	}
	return w, nil
}

// documentOf is a row's document, and why its resource stands still.
func documentOf(of *projections.Renderer, row projections.Row) (document, parked *string) {
	if of == nil {
		return nil, nil
	}
	doc, err := of.Document(row)
	if err != nil {
		if !errors.Is(err, projections.ErrUnknown) {
			why := notRendered
			parked = &why
		}
		return nil, parked
	}
	if doc.Parked != nil {
		why := strings.ToValidUTF8(withoutZero(doc.Parked.Why), "\ufffd")
		parked = &why
	}
	text := storable(doc.JSON)
	return &text, parked
}

// storable is a document as jsonb takes it: zero characters, which PostgreSQL has not, become U+FFFD.
func storable(doc []byte) string {
	if !bytes.Contains(doc, []byte(`\u`)) {
		return string(doc)
	}
	var value any
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.UseNumber()
	if dec.Decode(&value) != nil {
		return string(doc)
	}
	out, err := json.Marshal(withoutZeros(value))
	if err != nil {
		return string(doc)
	}
	return string(out)
}

// withoutZero replaces the one character that PostgreSQL has not.
func withoutZero(s string) string { return strings.ReplaceAll(s, "\x00", "\ufffd") }

func withoutZeros(value any) any {
	switch v := value.(type) {
	case string:
		return withoutZero(v)
	case []any:
		for i := range v {
			v[i] = withoutZeros(v[i])
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[withoutZero(name)] = withoutZeros(x)
		}
		return out
	}
	return value
}

// upsert writes rows from arrays. One that is stored with a greater sequence holds more, and stays.
const upsert = `INSERT INTO %s AS t (source, kind, id, seq, parked, fold_state, fold_index, document)
	SELECT source, kind, id, seq, parked, state, index::jsonb, document::jsonb
	FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[])
		AS v (source, kind, id, seq, parked, state, index, document)
	ON CONFLICT (source, kind, id) DO UPDATE SET seq = excluded.seq, parked = excluded.parked,
		fold_state = excluded.fold_state, fold_index = excluded.fold_index, document = excluded.document
	WHERE t.seq <= excluded.seq`

// write writes rows in as few statements as their size allows.
func (s *Store) write(ctx context.Context, tx txn, t table, w *writing) error {
	sql := fmt.Sprintf(upsert, s.relation(t.name))
	for from := 0; from < len(w.ids); {
		to := w.chunk(from)
		_, err := tx.Exec(ctx, sql, w.sources[from:to], w.kinds[from:to], w.ids[from:to], w.seqs[from:to],
			w.parked[from:to], w.states[from:to], w.indexes[from:to], w.documents[from:to])
		if err != nil {
			return err
		}
		from = to
	}
	return nil
}

// chunk is where a statement that begins at a row ends.
func (w *writing) chunk(from int) int {
	size := 0
	for i := from; i < len(w.ids); i++ {
		size += len(w.states[i])
		if w.documents[i] != nil {
			size += len(*w.documents[i])
		}
		if i-from == mostRows || i > from && size > mostBytes {
			return i
		}
	}
	return len(w.ids)
}
