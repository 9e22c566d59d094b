package events

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Version is the version of the envelope that [Encode] writes. A later version may change what members mean; members
// that are merely added do not raise it.
const Version = 1

// What can be wrong with an envelope.
var (
	// ErrEvent says that an event cannot be stored as it is.
	ErrEvent = errors.New("events: an event needs a type, a source and a kind, text in UTF-8, and Canonical data or none")
	// ErrEnvelope says that data is not an envelope.
	ErrEnvelope = errors.New("events: not an envelope: read only what Encode wrote")
	// ErrNewer says that an envelope was written by a later version of this package.
	ErrNewer = errors.New("events: the envelope was written by a newer version: upgrade to read it")
)

// Encode writes an event as a CloudEvents 1.0 message in binary mode: header holds the attributes (ce-id, ce-source,
// ce-type, ce-subject as kind/token, ce-time where the date has one), Nats-Msg-Id with the identity, and content-type;
// data is one JSON object that alone is enough to read the event back:
//
//	{"v":1,"source":…,"type":…,"kind":…,"id":…,"date":…,"origin":…,"received":…,"replica":…,"attempt":…,"data":{…}}
//
// Its members stand in this order; those after date are left out when empty. Header values are ASCII: as CloudEvents
// asks, blanks, quotes, "%" and everything beyond ASCII are percent-encoded. The keys are spelled as NATS keeps them,
// case and all. The error wraps [ErrEvent].
func Encode(e Event) (header map[string][]string, data []byte, err error) {
	if err := e.check(); err != nil {
		return nil, nil, err
	}
	return attributes(e), appendEnvelope(make([]byte, 0, 256+len(e.Data)), e), nil
}

// check refuses what would not read back as it is.
func (e Event) check() error {
	if e.Type == "" || e.Ref.Source == "" || e.Ref.Kind == "" {
		return ErrEvent
	}
	for _, s := range [...]string{
		string(e.Type), e.Ref.Source, e.Ref.Kind, e.Ref.ID, string(e.Delivery.Origin), e.Delivery.Replica,
	} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%w: some text is not valid UTF-8", ErrEvent)
		}
	}
	if len(e.Data) > 0 && !canonical(e.Data) {
		return fmt.Errorf("%w: the data is not as Canonical writes it", ErrEvent)
	}
	return nil
}

// attributes are the header of an event.
func attributes(e Event) map[string][]string {
	id := e.ID().String()
	h := map[string][]string{
		"ce-specversion": {"1.0"},
		"ce-id":          {id},
		"ce-source":      {headerText(e.Ref.Source)},
		"ce-type":        {headerText(string(e.Type))},
		"ce-subject":     {headerText(e.Ref.Kind) + "/" + Token(e.Ref.ID)},
		"content-type":   {"application/json"},
		"Nats-Msg-Id":    {id},
	}
	if t := time.Unix(e.Date, 0).UTC(); 0 <= t.Year() && t.Year() <= 9999 {
		h["ce-time"] = []string{t.Format(time.RFC3339)}
	}
	return h
}

// headerText percent-encodes what CloudEvents does not allow in a header value.
func headerText(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		b = escape(b, s[i], '%', headerByte)
	}
	return string(b)
}

// headerByte tells whether a byte stands for itself in a header value.
func headerByte(c byte) bool { return '!' <= c && c <= '~' && c != '"' && c != '%' }
