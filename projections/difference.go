package projections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// Difference is a resource whose rows on two sides are not the same.
type Difference struct {
	Ref events.Ref `json:"ref"`
	// What differs first: "missing" on the rebuilt side, "extra" there, "unreadable" on one of them, "document", "seq" (the
	// newest log record), "keys" (secondary keys), or "state" (the stored bytes, though documents are the same).
	What  string `json:"what"`
	Field string `json:"field,omitempty"` // first field of the document that differs, those of nested objects with dots
	// Live and Rebuilt are what the field holds, as JSON and at most 200 bytes of it; documents hold no personal data.
	Live    string `json:"live,omitempty"`
	Rebuilt string `json:"rebuilt,omitempty"`
}

// differ tells in what the rows of a resource differ first, as an operator would look at them; nil where there is none.
func differ(ref events.Ref, live, rebuilt *looks) (Difference, bool) {
	d := Difference{Ref: ref}
	switch {
	case live == nil && rebuilt == nil:
		return d, false
	case rebuilt == nil:
		d.What = "missing"
	case live == nil:
		d.What = "extra"
	case live.broken || rebuilt.broken:
		d.What = "unreadable"
	case !bytes.Equal(live.document, rebuilt.document):
		d.What = "document"
		d.Field, d.Live, d.Rebuilt = firstField(live.document, rebuilt.document)
	case live.row.Seq != rebuilt.row.Seq:
		d.What = "seq"
	case !maps.Equal(live.row.Index, rebuilt.row.Index):
		d.What = "keys"
	case !bytes.Equal(live.state, rebuilt.state):
		d.What = "state"
	default:
		return d, false
	}
	return d, true
}

// longestShown bounds what is shown of a field.
const longestShown = 200

// firstField finds the first field, by name or place, in which two documents differ. "" is the document as a whole.
func firstField(a, b []byte) (field, inA, inB string) {
	x, y := parts(a), parts(b)
	if x == nil || y == nil {
		return "", shown(a), shown(b)
	}
	names := maps.Clone(x)
	maps.Copy(names, y)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if bytes.Equal(x[name], y[name]) {
			continue
		}
		if more, inA, inB := firstField(x[name], y[name]); more != "" {
			return name + "." + more, inA, inB
		}
		return name, shown(x[name]), shown(y[name])
	}
	return "", shown(a), shown(b)
}

// parts are the fields of an object, or the elements of a list by their place; nil where it is neither.
func parts(b []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(b, &fields) == nil {
		return fields
	}
	var list []json.RawMessage
	if json.Unmarshal(b, &list) != nil {
		return nil
	}
	fields = make(map[string]json.RawMessage, len(list))
	for i, element := range list {
		fields[fmt.Sprintf("%03d", i)] = element
	}
	return fields
}

// shown is the beginning of a value.
func shown(b []byte) string { return string(b[:min(len(b), longestShown)]) }
