package events

import (
	"errors"
	"strings"
)

// ErrToken says that a text is not a token that [Token] writes.
var ErrToken = errors.New("events: not a token: make it with Token and keep it as it is")

const upperHex = "0123456789ABCDEF"

// Token writes an identifier so that it is legal as one token of a NATS subject and inside a JetStream KV key:
// [-_A-Za-z0-9] stay, every other byte becomes "=" and two upper-case hexadecimal digits, and the empty identifier is a
// lone "=". No two identifiers share a token, also where only their case differs.
func Token(id string) string {
	if id == "" {
		return "="
	}
	plain := 0
	for plain < len(id) && tokenByte(id[plain]) {
		plain++
	}
	if plain == len(id) {
		return id
	}
	b := make([]byte, plain, 3*len(id))
	copy(b, id)
	for i := plain; i < len(id); i++ {
		b = escape(b, id[i], '=', tokenByte)
	}
	return string(b)
}

// Untoken returns the identifier of a token. It refuses what Token cannot have written with [ErrToken], so that no two
// tokens stand for one identifier.
func Untoken(tok string) (string, error) {
	if tok == "=" {
		return "", nil
	}
	if tok == "" {
		return "", ErrToken
	}
	var b strings.Builder
	b.Grow(len(tok))
	for i := 0; i < len(tok); i++ {
		c, size := unescape(tok[i:])
		if size == 0 {
			return "", ErrToken
		}
		b.WriteByte(c)
		i += size - 1
	}
	return b.String(), nil
}

// unescape reads one byte of an identifier and tells how much of the token it took; 0 if that is not what Token writes.
func unescape(tok string) (c byte, size int) {
	if tokenByte(tok[0]) {
		return tok[0], 1
	}
	if tok[0] != '=' || len(tok) < 3 {
		return 0, 0
	}
	high, low := strings.IndexByte(upperHex, tok[1]), strings.IndexByte(upperHex, tok[2])
	if high < 0 || low < 0 {
		return 0, 0
	}
	c = byte(high<<4 | low)
	if tokenByte(c) {
		return 0, 0
	}
	return c, 3
}

// escape appends a byte as it is if keep says so, else as mark and two upper-case hexadecimal digits.
func escape(b []byte, c, mark byte, keep func(byte) bool) []byte {
	if keep(c) {
		return append(b, c)
	}
	return append(b, mark, upperHex[c>>4], upperHex[c&15])
}

// tokenByte tells whether a byte stands for itself in a token.
func tokenByte(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
