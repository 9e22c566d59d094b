package jetstream

import (
	"strings"
	"unicode/utf8"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

const (
	// longestRaw bounds, in bytes, how much is kept of a message that cannot be read.
	longestRaw = 2 << 10
	// longestName bounds, in bytes, each name in an event of somebody else's stream: it becomes a part of a subject.
	longestName = 512
	// longestData bounds, in bytes, the data of an event of somebody else's stream.
	longestData = 64 << 10
	// kindUndecodable is the kind of resource of messages that cannot be read; its id is the stream's name.
	kindUndecodable = "undecodable"
)

// event makes an event of any message. All of them can be stored.
func (f *foreign) event(subject string, header nats.Header, data []byte, r projections.Record) events.Event {
	e := events.Event{Type: events.Passed}
	if f.Subject == "" || covers(f.Subject, subject) {
		e = f.decode(subject, header, data, r)
	}
	e.Ref.Source = orDefault(f.Source, orDefault(e.Ref.Source, f.Stream))
	e.Delivery = events.Delivery{
		Origin: events.Import, Received: r.Time.UnixMilli(), Replica: f.Stream, Attempt: uint64(r.Seq),
	}
	return e
}

// decode reads a message that is ours.
func (f *foreign) decode(subject string, header nats.Header, data []byte, r projections.Record) events.Event {
	e, err := f.Decode(subject, header, data)
	switch {
	case err == nil && e.Type == "":
		return events.Event{Type: events.Passed}
	case err == nil && storable(e):
		return e
	}
	return f.undecodable(subject, data, r)
}

// undecodable keeps a message raw and bounded. Its sequence makes it an event of its own, however alike others are.
func (f *foreign) undecodable(subject string, data []byte, r projections.Record) events.Event {
	kept, err := events.Canonical(map[string]any{
		"stream": f.Stream, "seq": r.Seq, "subject": shortened(subject, longestName), "raw": shortened(string(data), longestRaw),
	})
	if err != nil {
		kept = nil // strings and a number always render
	}
	return events.Event{
		Type: events.Undecodable,
		Ref:  events.Ref{Kind: kindUndecodable, ID: f.Stream},
		Date: r.Time.Unix(),
		Data: kept,
	}
}

// storable tells whether a log can keep an event; its source is filled in later.
func storable(e events.Event) bool {
	for _, name := range [...]string{string(e.Type), e.Ref.Kind, e.Ref.ID} {
		if name == "" || len(name) > longestName || !utf8.ValidString(name) {
			return false
		}
	}
	if len(e.Ref.Source) > longestName || !utf8.ValidString(e.Ref.Source) || len(e.Data) > longestData {
		return false
	}
	if len(e.Data) == 0 {
		return true
	}
	e.Ref.Source = orDefault(e.Ref.Source, "-")
	_, _, err := events.Encode(e)
	return err == nil
}

// shortened makes s valid UTF-8 of at most n bytes, and never cuts inside a character.
func shortened(s string, n int) string {
	if len(s) > n+utf8.UTFMax {
		s = s[:n+utf8.UTFMax] // what replaces a byte that is no text takes more room, never less
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
