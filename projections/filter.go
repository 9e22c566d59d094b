package projections

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrFilter is wrapped by every error of a filter that a list cannot follow. The message tells what it could.
var ErrFilter = errors.New("projections: not a filter of this list")

// fields are the scalar fields of a document by name, those of nested objects with dots, with a value of each.
type fields map[string]json.RawMessage

// fields tells which fields the model's documents have, by those of a resource of which nothing is known.
func (m Model[V]) fields() (fields, error) {
	blank, err := m.blank()
	if err != nil {
		return nil, err
	}
	f := fields{}
	return f, f.add("", blank)
}

// add takes in what an object holds.
func (f fields) add(prefix string, object []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(object, &members); err != nil {
		return fmt.Errorf("projections: a document is no JSON object: %w", err)
	}
	for name, value := range members {
		switch value[0] {
		case '{':
			if err := f.add(prefix+name+".", value); err != nil {
				return err
			}
		case '[', 'n': // a list, or null, which does not tell what will be there
		default:
			f[prefix+name] = value
		}
	}
	return nil
}

// filter is what must hold of the documents of a list: fields, as their path, and the values that they must have.
type filter []condition

type condition struct {
	path  []json.RawMessage // names as the document writes them
	value json.RawMessage   // as the document writes it
}

// filter reads what is asked of fields. `""` is the empty string, which says that nothing is known.
func (f fields) filter(where map[string]string) (filter, error) {
	var out filter
	for _, name := range slices.Sorted(maps.Keys(where)) {
		has, known := f[name]
		if !known {
			return nil, fmt.Errorf("%w: its fields are %s", ErrFilter, strings.Join(slices.Sorted(maps.Keys(f)), ", "))
		}
		value, err := written(has, where[name])
		if err != nil {
			return nil, fmt.Errorf("%w: %s takes %w", ErrFilter, name, err)
		}
		c := condition{value: value}
		for step := range strings.SplitSeq(name, ".") {
			c.path = append(c.path, text(step))
		}
		out = append(out, c)
	}
	return out, nil
}

// written is a value as a document writes it in a field that holds such as has.
func written(has json.RawMessage, value string) (json.RawMessage, error) {
	raw := json.RawMessage(value)
	switch {
	case has[0] == 't' || has[0] == 'f':
		if value != "true" && value != "false" {
			return nil, errors.New("true or false")
		}
		return raw, nil
	case has[0] == '-' || '0' <= has[0] && has[0] <= '9':
		if n := json.Number(""); json.Unmarshal(raw, &n) != nil || string(n) != value {
			return nil, errors.New("a number")
		}
		return raw, nil
	case value == "":
		return nil, errors.New(`a value, or "" with its quotes for what is not known`)
	case value == `""`:
		return raw, nil
	}
	return text(value), nil
}

// text writes a string without HTML escapes, as documents do.
func text(s string) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // strings always render
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// holds tells whether a document has all the values.
func (f filter) holds(doc []byte) bool {
	return !slices.ContainsFunc(f, func(c condition) bool { return !c.holds(doc) })
}

// holds tells whether a document has the value.
func (c condition) holds(value []byte) bool {
	for _, name := range c.path {
		value = member(value, name)
	}
	return bytes.Equal(value, c.value)
}
