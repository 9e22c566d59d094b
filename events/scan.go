package events

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// decodeFast reads the bytes that Encode writes when no text needs an escape. Its one allocation is a string that all
// text of the event shares. It returns false for everything else, which decodeAny then reads or refuses; where it
// returns true, decodeAny returns the same event.
func decodeFast(data []byte) (Event, bool) {
	f, ok := scan(data)
	if !ok {
		return Event{}, false
	}
	for _, s := range [...]span{f.source, f.typ, f.kind, f.id, f.origin, f.replica} {
		if !clean(s.in(data)) {
			return Event{}, false
		}
	}
	all := string(data[:max(f.id.to, f.origin.to, f.replica.to)])
	return Event{
		Type: Type(f.typ.of(all)), Ref: Ref{Source: f.source.of(all), Kind: f.kind.of(all), ID: f.id.of(all)},
		Date: f.date, Data: f.own,
		Delivery: Delivery{
			Origin: Origin(f.origin.of(all)), Received: f.received, Replica: f.replica.of(all), Attempt: uint64(f.attempt),
		},
	}, true
}

// fields is where the members of an envelope stand. The texts are not yet known to be clean.
type fields struct {
	source, typ, kind, id, origin, replica span

	date, received, attempt int64
	own                     []byte
}

// scan finds the members of an envelope in the order in which Encode writes them.
func scan(data []byte) (f fields, ok bool) {
	in := scanner{data: data, ok: true}
	f.source = in.text(`{"v":1,"source":"`)
	f.typ = in.text(`,"type":"`)
	f.kind = in.text(`,"kind":"`)
	f.id = in.text(`,"id":"`)
	f.date = in.number(`,"date":`)
	if in.ok && in.at < len(data) && data[in.at] == ',' {
		f.origin = in.optionalText(`,"origin":"`)
		f.received = in.optionalNumber(`,"received":`)
		f.replica = in.optionalText(`,"replica":"`)
		f.attempt = in.optionalNumber(`,"attempt":`)
	}
	f.own = in.rest()
	return f, in.ok && !f.source.empty() && !f.typ.empty() && !f.kind.empty() && f.attempt >= 0
}

// clean tells whether the bytes between two quotes stand for themselves in JSON, and are UTF-8.
func clean(b []byte) bool {
	beyond := false
	for _, c := range b {
		if c < ' ' || c == '\\' {
			return false
		}
		beyond = beyond || c >= utf8.RuneSelf
	}
	return !beyond || utf8.Valid(b)
}

// span is where a text stands, without its quotes.
type span struct{ from, to int }

func (s span) empty() bool           { return s.from == s.to }
func (s span) of(all string) string  { return all[s.from:s.to] }
func (s span) in(data []byte) []byte { return data[s.from:s.to] }

// scanner reads forward and stops being ok at the first byte that Encode would not have written there.
type scanner struct {
	data []byte
	at   int
	ok   bool
}

// has steps over a prefix if it is there.
func (in *scanner) has(prefix string) bool {
	if !in.ok || len(in.data)-in.at < len(prefix) || string(in.data[in.at:in.at+len(prefix)]) != prefix {
		return false
	}
	in.at += len(prefix)
	return true
}

// text reads a string member that must be there; its name ends with the opening quote. It ends at the next quote: a text
// with an escaped one has a backslash in it, and is not clean.
func (in *scanner) text(name string) span {
	if in.has(name) {
		if n := bytes.IndexByte(in.data[in.at:], '"'); n >= 0 {
			from := in.at
			in.at += n + 1
			return span{from, from + n}
		}
	}
	in.ok = false
	return span{}
}

// optionalText reads a string member if it is there.
func (in *scanner) optionalText(name string) span {
	if at := in.at; in.has(name) {
		in.at = at
		return in.text(name)
	}
	return span{}
}

// number reads an integer member of at most 18 digits that must be there.
func (in *scanner) number(name string) int64 {
	if !in.has(name) {
		in.ok = false
		return 0
	}
	negative := in.has("-")
	rest, n, digits := in.data[in.at:], int64(0), 0
	for digits < len(rest) && digits < 19 && '0' <= rest[digits] && rest[digits] <= '9' {
		n = 10*n + int64(rest[digits]-'0') // of 19 digits it may overflow; they are refused
		digits++
	}
	in.at += digits
	if digits == 0 || digits > 18 || digits > 1 && rest[0] == '0' {
		in.ok = false
	}
	if negative {
		return -n
	}
	return n
}

// optionalNumber reads an integer member if it is there.
func (in *scanner) optionalNumber(name string) int64 {
	if at := in.at; in.has(name) {
		in.at = at
		return in.number(name)
	}
	return 0
}

// rest reads the data if there is any, and the closing brace, after which nothing may follow.
func (in *scanner) rest() []byte {
	if !in.has(`,"data":`) {
		in.ok = in.has("}") && in.at == len(in.data)
		return nil
	}
	last := len(in.data) - 1
	if last <= in.at || in.data[last] != '}' {
		in.ok = false
		return nil
	}
	own := in.data[in.at:last:last]
	if own[0] != '{' || own[len(own)-1] != '}' || !json.Valid(own) || !utf8.Valid(own) {
		in.ok = false
	}
	return own
}
