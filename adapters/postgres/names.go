package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// relation is the quoted name of something in the schema.
func (s *Store) relation(name string) string {
	return pgx.Identifier{s.config.Schema, name}.Sanitize()
}

// quoted is a quoted name.
func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal is a quoted text.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// plainName makes a name that needs no quotes in SQL out of any: idv-sessions_v1 becomes idv_sessions_v1. A name from which
// something is lost gets a digest, so that two do not become one.
func plainName(name string) string {
	plain := []byte(strings.ReplaceAll(name, "-", "_"))
	lost := len(plain) > longestName || len(plain) == 0
	for i, c := range plain {
		letter := 'a' <= c && c <= 'z'
		if letter || i > 0 && ('0' <= c && c <= '9' || c == '_') {
			continue
		}
		plain[i], lost = '_', true
	}
	if !lost {
		return string(plain)
	}
	sum := sha256.Sum256([]byte(name))
	return "x_" + string(plain[:min(len(plain), 40)]) + "_" + hex.EncodeToString(sum[:6])
}

// hexMark begins a text that stands for bytes that PostgreSQL's text cannot hold, shortMark one that stands for a name that
// is too long for a key.
const (
	hexMark   = `\x`
	shortMark = `\#`
)

// asText writes any bytes as a text of PostgreSQL: almost always as they are, else in hexadecimal, as PostgreSQL itself
// writes bytes. Different bytes give different texts.
func asText(s string) string {
	if utf8.ValidString(s) && !strings.ContainsRune(s, 0) && !strings.HasPrefix(s, hexMark) && !strings.HasPrefix(s, shortMark) {
		return s
	}
	return hexMark + hex.EncodeToString([]byte(s))
}

// fromText reads what asText wrote.
func fromText(s string) (string, error) {
	digits, is := strings.CutPrefix(s, hexMark)
	switch {
	case is:
		b, err := hex.DecodeString(digits)
		return string(b), err
	case strings.HasPrefix(s, shortMark):
		return "", errRow
	}
	return s, nil
}
