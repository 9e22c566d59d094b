// Package members reads the members of one JSON object by their exact names. encoding/json matches the names of a
// struct's fields whatever their case and replaces text that is not Unicode; where identities are read from text, both
// would make one of two different things.
package members

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

var (
	// ErrObject says that the data is not one JSON object.
	ErrObject = errors.New("not one JSON object: send an object and nothing after it")
	// ErrText says that a member is not a JSON string.
	ErrText = errors.New("not a JSON string: put it in quotes")
	// ErrEncoding says that text is not valid Unicode.
	ErrEncoding = errors.New("not valid UTF-8: encode it as UTF-8")
)

// Each calls f with name and raw value of every member of the object that data is, in their order, repeated ones too.
// It stops at the first error of f.
func Each(data []byte, f func(name string, raw []byte) error) error {
	if !utf8.Valid(data) {
		return ErrEncoding
	}
	in := json.NewDecoder(bytes.NewReader(data))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return ErrObject
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return ErrObject
		}
		var raw json.RawMessage
		if in.Decode(&raw) != nil {
			return ErrObject
		}
		if err := f(name.(string), raw); err != nil {
			return err
		}
	}
	return end(in)
}

// end reads the closing brace and makes sure that nothing follows.
func end(in *json.Decoder) error {
	if _, err := in.Token(); err != nil {
		return ErrObject
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return ErrObject
	}
	return nil
}

// Text returns the text of a raw JSON string. Half a surrogate pair is refused and not replaced.
func Text(raw []byte) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", ErrText
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", ErrText
	}
	if halved(raw) {
		return "", ErrEncoding
	}
	return s, nil
}

// halved tells whether a valid JSON string escapes half a surrogate pair.
func halved(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++ // now at the escaped byte
		if raw[i] != 'u' {
			continue
		}
		first := unit(raw[i+1:])
		i += 4
		if first < 0xD800 || first > 0xDFFF {
			continue
		}
		if first > 0xDBFF || len(raw) < i+7 || raw[i+1] != '\\' || raw[i+2] != 'u' {
			return true
		}
		if second := unit(raw[i+3:]); second < 0xDC00 || second > 0xDFFF {
			return true
		}
		i += 6
	}
	return false
}

// unit reads the four hexadecimal digits of an escape.
func unit(digits []byte) uint64 {
	n, _ := strconv.ParseUint(string(digits[:4]), 16, 16) // the string is valid JSON, so these are digits
	return n
}
