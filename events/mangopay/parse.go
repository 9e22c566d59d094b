package mangopay

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Parse reads a notification from the raw query string of its request (without "?").
//
// RessourceId and ResourceId are both read, in any order and among any other keys: a hook's own Url may have a query
// string. Keys are case-sensitive and "+" is a space. Date is Unix seconds in digits, with or without a zero fraction.
// Every error is a [*ParseError] and wraps [ErrNoEventType], [ErrReserved], [ErrPing], [ErrMissing], [ErrRepeated],
// [ErrTooLong], [ErrDate] or [ErrEncoding]. With an error the Notification holds what could be read before it: always
// the (first) Type, unless the EventType itself is missing, reserved, over-long or not decodable.
//
// The work is one pass over the query, whatever it holds.
func Parse(rawQuery string) (Notification, error) {
	fs := newFields(decodeQuery)
	for rawQuery != "" {
		var pair string
		pair, rawQuery, _ = strings.Cut(rawQuery, "&")
		key, value, _ := strings.Cut(pair, "=")
		if f := fs.named(plainKey(key)); f != nil {
			f.add(value)
		}
	}
	return fs.notification()
}

// plainKey decodes a key that could be one of ours; others are left as they are.
func plainKey(key string) string {
	if len(key) > 3*len(keyRessource) || !strings.Contains(key, "%") {
		return key
	}
	if plain, err := url.QueryUnescape(key); err == nil {
		return plain
	}
	return key
}

// decodeQuery decodes a value of a query string.
func decodeQuery(_, raw string) (string, error) {
	s, err := url.QueryUnescape(raw)
	if err != nil || !utf8.ValidString(s) {
		return "", ErrEncoding
	}
	return s, nil
}
