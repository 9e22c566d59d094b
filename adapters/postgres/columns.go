package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// column is a field of a model's documents as a column of its table. The database itself takes its value out of the
// document, so that the two never differ.
type column struct {
	path []string // of the field in the document
	name string
	kind string // text, boolean or numeric
}

// taken are the columns that every table has. source, kind and id show a document's fields of that name.
var taken = []string{"source", "kind", "id", "seq", "parked", "document", "fold_state", "fold_index"}

// columnsOf are the scalar fields of a document, those of nested objects with their names joined: confirmed_status. A field
// whose name is taken gets an underscore behind it. A field that is left out or null in the blank document, and a list,
// gives none: they are found in the document itself.
func columnsOf(blank []byte) ([]column, error) {
	b := columnBuilder{used: map[string]bool{}}
	for _, name := range taken {
		b.used[name] = true
	}
	if err := b.object(nil, blank); err != nil {
		return nil, fmt.Errorf("postgres: columns of a document: %w", err)
	}
	return b.columns, nil
}

type columnBuilder struct {
	columns []column
	used    map[string]bool
}

// object takes the fields of an object, in its order.
func (b *columnBuilder) object(path []string, object []byte) error {
	dec := json.NewDecoder(bytes.NewReader(object))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return fmt.Errorf("it is no JSON object (%w)", err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := b.field(append(path[:len(path):len(path)], name.(string)), value); err != nil {
			return err
		}
	}
	return nil
}

// field takes one field.
func (b *columnBuilder) field(path []string, value json.RawMessage) error {
	if len(path) == 1 && (path[0] == "source" || path[0] == "kind" || path[0] == "id") {
		return nil
	}
	kind := "numeric"
	switch value[0] {
	case '{':
		return b.object(path, value)
	case '[', 'n':
		return nil
	case '"':
		kind = "text"
	case 't', 'f':
		kind = "boolean"
	}
	name := plainName(strings.Join(path, "_"))
	for b.used[name] {
		name += "_"
	}
	b.used[name] = true
	b.columns = append(b.columns, column{path: path, name: name, kind: kind})
	return nil
}

// field is the column's field as projections name it.
func (c column) field() string { return strings.Join(c.path, ".") }

// definition is the column in CREATE TABLE and ALTER TABLE. A value of another type than the blank document's is left out;
// so is the empty text, by which documents say that something is not known.
func (c column) definition() string {
	value := "document"
	for _, step := range c.path[:len(c.path)-1] {
		value += "->" + literal(withoutZero(step))
	}
	last := literal(withoutZero(c.path[len(c.path)-1]))
	from := fmt.Sprintf("NULLIF(%s->>%s, '')", value, last)
	if c.kind != "text" {
		kind := map[string]string{"boolean": "boolean", "numeric": "number"}[c.kind]
		from = fmt.Sprintf("CASE WHEN jsonb_typeof(%s->%s) = '%s' THEN (%s->%s)::%s END", value, last, kind, value, last, c.kind)
	}
	return fmt.Sprintf("%s %s GENERATED ALWAYS AS (%s) STORED", quoted(c.name), c.kind, from)
}
