package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Canonical renders data as JSON with sorted keys and without blanks or HTML escapes, so that equal data has equal
// bytes whatever wrote it.
func Canonical(data any) ([]byte, error) {
	first, err := plain(data)
	if err != nil {
		return nil, fmt.Errorf("events: data does not render as JSON: %w", err)
	}
	var tree any
	in := json.NewDecoder(bytes.NewReader(first))
	in.UseNumber()
	if err := in.Decode(&tree); err != nil {
		return nil, fmt.Errorf("events: data does not read back as JSON: %w", err)
	}
	return plain(tree)
}

// plain renders JSON without HTML escapes and without the encoder's trailing newline. Maps come out sorted.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// canonical tells by one look whether data is as [Canonical] writes it: JSON without blanks, the keys of every object in
// rising order, and nothing escaped that need not be. Numbers stand as they are.
func canonical(data []byte) bool {
	if !json.Valid(data) || !utf8.Valid(data) {
		return false
	}
	var room [8][]byte
	newest := room[:0] // the newest key of everything that is open
	for at := 0; at < len(data); at++ {
		switch data[at] {
		case '{', '[':
			newest = append(newest, nil)
		case '}', ']':
			newest = newest[:len(newest)-1]
		case ' ', '\t', '\n', '\r':
			return false
		case '"':
			n := quoted(data[at:])
			if n == 0 {
				return false
			}
			said := data[at : at+n]
			at += n - 1
			if at+1 == len(data) || data[at+1] != ':' {
				continue
			}
			key := &newest[len(newest)-1]
			if *key != nil && !rises(*key, said) {
				return false
			}
			*key = said
		}
	}
	return true
}

// quoted is how long the string is with which valid JSON begins, with its quotes; 0: Canonical writes it otherwise.
func quoted(b []byte) int {
	for i := 1; ; i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			n := escaped(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case c == 0xE2 && b[i+1] == 0x80 && b[i+2]|1 == 0xA9: // U+2028 and U+2029 are escaped
			return 0
		}
	}
}

// escaped is how long the escape is with which b begins; 0: Canonical writes the character otherwise.
func escaped(b []byte) int {
	if strings.IndexByte(`"\bfnrt`, b[1]) >= 0 {
		return 2
	}
	if b[1] != 'u' {
		return 0
	}
	char, _ := strconv.ParseUint(string(b[2:6]), 16, 16) // valid JSON has four digits here
	if want := text(string(rune(char))); string(want[1:len(want)-1]) == string(b[:6]) {
		return 6
	}
	return 0
}

// rises tells whether a key comes after another. Both are quoted.
func rises(a, b []byte) bool {
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return bytes.Compare(a[1:len(a)-1], b[1:len(b)-1]) < 0
	}
	return unquoted(a) < unquoted(b)
}

// unquoted is what a string of valid JSON says.
func unquoted(b []byte) (s string) {
	_ = json.Unmarshal(b, &s)
	return s
}
