package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// key is what names a resource in a table: source, kind and id. A name that would be too long for an index is a digest there;
// the names themselves then stand beside the secondary keys.
type key [3]string

// longestPart is how many bytes each part of a key has at most: three of them stay below the 2,704 that an entry of an
// index may have.
const longestPart = 512

func keyOf(ref events.Ref) key {
	return key{asPart(ref.Source), asPart(ref.Kind), asPart(ref.ID)}
}

func asPart(name string) string {
	text := asText(name)
	if len(text) <= longestPart {
		return text
	}
	sum := sha256.Sum256([]byte(name))
	return shortMark + hex.EncodeToString(sum[:])
}

// short tells whether names are missing in a key.
func (k key) short() bool {
	return strings.HasPrefix(k[0], shortMark) || strings.HasPrefix(k[1], shortMark) || strings.HasPrefix(k[2], shortMark)
}

// asIndex writes what a row is found by beside its key, as an object; nil where that is nothing.
func asIndex(ref events.Ref, keys map[string]string) (*string, error) {
	short := keyOf(ref).short()
	if len(keys) == 0 && !short {
		return nil, nil
	}
	texts := make(map[string]string, len(keys)+1)
	for name, value := range keys {
		texts[asText(name)] = asText(value)
	}
	if short {
		names, err := json.Marshal(key{asText(ref.Source), asText(ref.Kind), asText(ref.ID)})
		if err != nil {
			return nil, err
		}
		texts[shortMark] = string(names) // no text of a name begins so
	}
	b, err := json.Marshal(texts)
	text := string(b)
	return &text, err
}

// fromIndex reads what asIndex wrote: the secondary keys, and the names of a key that is short.
func fromIndex(index *string) (keys map[string]string, names string, err error) {
	if index == nil {
		return nil, "", nil
	}
	var texts map[string]string
	if err := json.Unmarshal([]byte(*index), &texts); err != nil {
		return nil, "", errRow
	}
	names = texts[shortMark]
	if delete(texts, shortMark); len(texts) == 0 {
		return nil, names, nil
	}
	keys = make(map[string]string, len(texts))
	for name, value := range texts {
		plain, first := fromText(name)
		is, second := fromText(value)
		if first != nil || second != nil {
			return nil, "", errRow
		}
		keys[plain] = is
	}
	return keys, names, nil
}

// ref is the resource that a key names; where names are missing in it, they are those that stand beside it.
func (k key) ref(names string) (ref events.Ref, err error) {
	whole := k
	if k.short() && json.Unmarshal([]byte(names), &whole) != nil {
		return ref, errRow
	}
	for i, to := range []*string{&ref.Source, &ref.Kind, &ref.ID} {
		if *to, err = fromText(whole[i]); err != nil {
			return ref, errRow
		}
	}
	if keyOf(ref) != k {
		return ref, errRow
	}
	return ref, nil
}

// errRow says that a row was written by somebody else.
var errRow = errors.New("postgres: the row has names or keys that we did not write: retry its resource")

// damaged is the state of such a row: it cannot be read, so that its resource stands still and no other (law 11).
type damaged struct{}

// MarshalBinary fails.
func (damaged) MarshalBinary() ([]byte, error) { return nil, errRow }

// readable tells whether a row is not such a one.
func readable(row projections.Row) bool {
	_, is := row.State.(damaged)
	return !is
}
