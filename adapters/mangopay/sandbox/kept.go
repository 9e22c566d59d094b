package sandbox

import (
	"encoding/json"
	"slices"
	"time"
)

// mostVersions bounds how far back an object's past goes.
const mostVersions = 64

// kept is an object together with its past, so that reads can be made stale. Values are never changed in place: whoever
// changes an object puts a new one.
type kept[T any] struct {
	versions []version[T] // oldest first, never empty
}

// version is an object as it was from an instant on.
type version[T any] struct {
	from  time.Time
	value T
}

// keep begins the life of an object.
func keep[T any](at time.Time, v T) *kept[T] {
	return &kept[T]{versions: []version[T]{{at, v}}}
}

// now is the object as it is.
func (k *kept[T]) now() T { return k.versions[len(k.versions)-1].value }

// put changes the object.
func (k *kept[T]) put(at time.Time, v T) {
	if len(k.versions) == mostVersions {
		k.versions = slices.Clone(k.versions[1:])
	}
	k.versions = append(k.versions, version[T]{at, v})
}

// at is the object as it was at an instant; before its creation it is as it was created.
func (k *kept[T]) at(t time.Time) T {
	for i := len(k.versions) - 1; i > 0; i-- {
		if !k.versions[i].from.After(t) {
			return k.versions[i].value
		}
	}
	return k.versions[0].value
}

// copied is a deep copy of plain data. Decoding a request over it leaves what it was copied from alone.
func copied[T any](v T) T {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // the types of this package can all be encoded
	}
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}
