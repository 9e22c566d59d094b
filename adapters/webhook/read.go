package webhook

import (
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// maxKept bounds, in bytes, how much of an unreadable query is kept.
const maxKept = 2 << 10

// reading is what a raw query turned out to be.
type reading struct {
	outcome Outcome
	name    events.Type  // the EventType, bounded
	known   bool         // whether the catalogue has it
	event   events.Event // what to keep; the zero Event when nothing is
	reason  string       // why it is unreadable
}

// read tells what a raw query says. It never fails: whatever names an EventType is kept in one form or the other.
func read(source, raw string, at time.Time) (reading, error) {
	n, err := mangopay.Parse(raw)
	name := eventType(raw)
	switch {
	case name == "":
		return reading{outcome: NoEventType}, nil
	case errors.Is(err, mangopay.ErrPing):
		return reading{outcome: Ping, name: name}, nil
	case err != nil:
		return unreadable(source, raw, name, why(err), at)
	}
	_, known := mangopay.Lookup(n.Type)
	return reading{outcome: Accepted, name: n.Type, known: known, event: n.Event(source)}, nil
}

// unreadable keeps the query raw and bounded, as a fact about the EventType that it names.
func unreadable(source, raw string, name events.Type, reason string, at time.Time) (reading, error) {
	data, err := events.Canonical(map[string]string{"query": bounded(raw, maxKept), "reason": reason})
	return reading{outcome: Unreadable, name: name, reason: reason, event: events.Event{
		Type: events.Unreadable,
		Ref:  events.Ref{Source: source, Kind: "unreadable", ID: string(name)},
		Date: at.Unix(),
		Data: data,
	}}, err
}

// why names the parser's objection in a word that will not change.
func why(err error) string {
	for _, w := range []struct {
		is   error
		word string
	}{
		{mangopay.ErrReserved, "reserved"},
		{mangopay.ErrMissing, "missing"},
		{mangopay.ErrRepeated, "repeated"},
		{mangopay.ErrTooLong, "too_long"},
		{mangopay.ErrDate, "date"},
		{mangopay.ErrEncoding, "encoding"},
	} {
		if errors.Is(err, w.is) {
			return w.word
		}
	}
	return "other"
}

// eventType finds the first EventType that a query names, also in a query that is broken elsewhere, as valid UTF-8 of
// at most 128 bytes. "" means that it names none.
func eventType(raw string) events.Type {
	for pair := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if unescaped(key) != "EventType" {
			continue
		}
		if name := bounded(unescaped(value), maxName); name != "" {
			return events.Type(name)
		}
	}
	return ""
}

// refusedType finds the EventType of a notification that was refused because its query is too long; "" for all else that is
// refused. It stands near the end, where the provider adds its parameters to a query that the hook's Url has of its own.
func refusedType(no Outcome, raw string) events.Type {
	if no != TooLong {
		return ""
	}
	_, whole, _ := strings.Cut(raw[max(0, len(raw)-leastMaxQuery):], "&") // what comes before may be half a parameter
	return eventType(whole)
}

// unescaped decodes a part of a query, and leaves as it is what does not decode.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// bounded makes s valid UTF-8 and cuts it to at most n bytes, never inside a character.
func bounded(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
