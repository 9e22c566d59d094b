package events

import (
	"encoding/json"
	"unicode/utf8"
)

// decodeFast reads the bytes that Encode writes when no text needs an escape. Its one allocation is a string that all
// text of the event shares. It returns false for everything else, which decodeAny then reads or refuses; where it
// returns true, decodeAny returns the same event.
func decodeFast(data []byte) (Event, bool) {
	if !utf8.Valid(data) {
		return Event{}, false
	}
	in := scanner{data: data, ok: true}
	source := in.text(`{"v":1,"source":`)
	typ := in.text(`,"type":`)
	kind := in.text(`,"kind":`)
	id := in.text(`,"id":`)
	date := in.number(`,"date":`)
	origin := in.optionalText(`,"origin":`)
	received := in.optionalNumber(`,"received":`)
	replica := in.optionalText(`,"replica":`)
	attempt := in.optionalNumber(`,"attempt":`)
	own := in.rest()
	if !in.ok || source.empty() || typ.empty() || kind.empty() || attempt < 0 {
		return Event{}, false
	}
	all := string(data[:max(id.to, origin.to, replica.to)])
	return Event{
		Type: Type(typ.of(all)), Ref: Ref{Source: source.of(all), Kind: kind.of(all), ID: id.of(all)},
		Date: date, Data: own,
		Delivery: Delivery{
			Origin: Origin(origin.of(all)), Received: received, Replica: replica.of(all), Attempt: uint64(attempt),
		},
	}, true
}

// span is where a text stands, without its quotes.
type span struct{ from, to int }

func (s span) empty() bool          { return s.from == s.to }
func (s span) of(all string) string { return all[s.from:s.to] }

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

// text reads a string member that must be there.
func (in *scanner) text(name string) span {
	if !in.has(name) || !in.has(`"`) {
		in.ok = false
		return span{}
	}
	from := in.at
	for i, c := range in.data[from:] {
		if c == '"' {
			in.at = from + i + 1
			return span{from, from + i}
		}
		if c == '\\' || c < ' ' {
			break
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
	if own[0] != '{' || own[len(own)-1] != '}' || !json.Valid(own) {
		in.ok = false
	}
	return own
}
