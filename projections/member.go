package projections

import "bytes"

// member is the raw value of a member of a JSON object, by its name as JSON writes it; nil where the object has none or
// the data is no object. The data is as encoding/json renders it: valid, and without blanks. A list looks at thousands of
// documents to show a few, and most fields stand before the history, which is the longest.
func member(object []byte, name []byte) []byte {
	if len(object) == 0 || object[0] != '{' {
		return nil
	}
	for rest := object[1:]; len(rest) > 0 && rest[0] == '"'; {
		n := valueEnd(rest)
		has := bytes.Equal(rest[:n], name)
		rest = rest[n+1:] // behind the colon
		n = valueEnd(rest)
		if has {
			return rest[:n]
		}
		rest = rest[n+1:] // behind the comma or the brace
	}
	return nil
}

// valueEnd is the length of the value with which the data begins.
func valueEnd(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i += textEnd(data[i:])
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return len(data)
}

// textEnd is the place of the closing quote of a string.
func textEnd(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(data) - 1
}
