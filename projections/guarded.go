package projections

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// What a model's Index, Backed and Document make of a value, though they may panic on it: that stops one resource, or one
// reader of it, and no process (law 11).

// indexed gives the secondary keys of a value. why tells that Index failed on it; the keys are none then.
func indexed[V any](index func(V) map[string]string, v V) (keys map[string]string, why string) {
	if index == nil {
		return nil, ""
	}
	defer func() {
		if failed := recover(); failed != nil {
			keys, why = nil, fmt.Sprintf("the model failed on its secondary keys: %v", failed)
		}
	}()
	return index(v), ""
}

// backs tells whether an observation backs what a machine publishes. It is asked while a record is folded, where a panic
// parks the resource, and again for the fact.
func backs[V any](backed func(*V, string) bool, v *V, machine string) bool {
	return backed != nil && backed(v, machine)
}

// jsonOf is what Document makes of a view: fixed key order, no HTML escapes, no trailing blanks (fold rule 2).
func jsonOf[V any](document func(View[V]) any, v View[V]) (b []byte, err error) {
	defer func() {
		if failed := recover(); failed != nil {
			b, err = nil, fmt.Errorf("the model failed on it: %v", failed)
		}
	}()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(document(v))
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}
