package jetstream

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hookfold/hookfold/events"
)

// keys makes and reads the subjects of one bucket:
//
//	r.<source>.<kind>.<id>                   a row
//	i.<index>.<value>.<source>.<kind>.<id>   a secondary key of a row; it has no value
//	c.<slot>                                 a checkpoint
type keys struct{ prefix string }

func keysOf(bucket string) keys { return keys{"$KV." + bucket + "."} }

// longestKey keeps a subject below what a server takes in one line of its protocol, with the reply subject beside it.
const longestKey = 3500

// longestValue is how long a value may be in a subject before its digest stands for it. Whatever is found by it holds the
// value itself, so that two values with one digest would do no harm.
const longestValue = 256

// refTokens is the end of every key that names a resource.
func refTokens(ref events.Ref) string {
	return events.Token(ref.Source) + "." + events.Token(ref.Kind) + "." + events.Token(ref.ID)
}

// row is the subject of a row.
func (k keys) row(ref events.Ref) string { return k.prefix + "r." + refTokens(ref) }

// rows matches all rows.
func (k keys) rows() string { return k.prefix + "r.>" }

// checkpoint is the subject of a slot's checkpoint.
func (k keys) checkpoint(slot int) string { return k.prefix + "c." + strconv.Itoa(slot) }

// entry is the subject of a secondary key.
func (k keys) entry(index, value string, ref events.Ref) string {
	return k.prefix + "i." + events.Token(index) + "." + valueToken(value) + "." + refTokens(ref)
}

// entries matches the rows that have a secondary key.
func (k keys) entries(index, value string) string {
	return k.prefix + "i." + events.Token(index) + "." + valueToken(value) + ".>"
}

// valueToken is the token of the value of a secondary key or of a fact. No token holds a slash, so that none is taken for a digest.
func valueToken(value string) string {
	token := events.Token(value)
	if len(token) <= longestValue {
		return token
	}
	sum := sha256.Sum256([]byte(value))
	return "/" + hex.EncodeToString(sum[:])
}

// all returns the subjects of a row's secondary keys, in order.
func (k keys) all(index map[string]string, ref events.Ref) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(index)) {
		if value := index[name]; value != "" {
			out = append(out, k.entry(name, value, ref))
		}
	}
	return out
}

var errKey = errors.New("it is no key of ours")

// ref reads the resource out of the subject of a row or of a secondary key.
func (k keys) ref(subject string) (events.Ref, error) {
	rest, ours := strings.CutPrefix(subject, k.prefix)
	tokens := strings.Split(rest, ".")
	if n := len(tokens); !ours || tokens[0] == "r" && n != 4 || tokens[0] == "i" && n != 6 || n < 4 {
		return events.Ref{}, errKey
	}
	var parts [3]string
	for i, token := range tokens[len(tokens)-3:] {
		part, err := events.Untoken(token)
		if err != nil {
			return events.Ref{}, errKey
		}
		parts[i] = part
	}
	return events.Ref{Source: parts[0], Kind: parts[1], ID: parts[2]}, nil
}

// short refuses a subject that would break the connection.
func short(subject string, ref events.Ref) error {
	if len(subject) > longestKey {
		return fmt.Errorf("jetstream: the row of %s %q cannot be stored: its key has %d bytes, the server takes %d: shorten the id or its secondary key",
			ref.Kind, ref.ID, len(subject), longestKey)
	}
	return nil
}
