package mangopay

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// decode reads a JSON object or array, whichever open says, into a type that names only what may be known. Members of
// another shape than expected stay zero: the provider's objects differ between its generations.
func decode(body []byte, open byte, into any) bool {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 || body[0] != open {
		return false
	}
	err := json.Unmarshal(body, into)
	var shape *json.UnmarshalTypeError // the rest has been read
	return err == nil || errors.As(err, &shape)
}

// text is a string, whatever it is written as: ids of old objects may be numbers, strings may end in blanks, and what is
// null or an object is "".
type text string

// UnmarshalJSON never fails.
func (t *text) UnmarshalJSON(b []byte) error {
	*t = text(literal(b))
	return nil
}

// number is a whole number, whatever it is written as: 1746458497, 1746458497.0, "1746458497" or, for a time, RFC 3339.
// What is none is 0.
type number int64

// UnmarshalJSON never fails.
func (n *number) UnmarshalJSON(b []byte) error {
	*n = number(whole(literal(b)))
	return nil
}

// flag is a boolean, and whether there was one.
type flag struct{ value, known bool }

// UnmarshalJSON never fails.
func (f *flag) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseBool(strings.ToLower(literal(b)))
	*f = flag{v, err == nil}
	return nil
}

// array is a JSON array, without the elements that are of another shape than expected. What is none is empty.
type array[T any] []T

// UnmarshalJSON never fails.
func (l *array[T]) UnmarshalJSON(b []byte) error {
	*l = nil
	var raw []json.RawMessage
	if json.Unmarshal(b, &raw) != nil {
		return nil //nolint:nilerr // what is no array is an empty one
	}
	for _, r := range raw {
		var v T
		if decode(r, '{', &v) {
			*l = append(*l, v)
		}
	}
	return nil
}

// literal is a scalar as text without blanks around it, and "" for all else.
func literal(b []byte) string {
	if len(b) == 0 || b[0] == '{' || b[0] == '[' || string(b) == "null" {
		return ""
	}
	if b[0] != '"' {
		return string(b)
	}
	var s string
	_ = json.Unmarshal(b, &s) // the decoder has checked it
	return strings.TrimSpace(s)
}

// whole reads a number, rounding down.
func whole(s string) int64 {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < 1<<53 {
		return int64(math.Floor(f))
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Unix()
	}
	return 0
}
