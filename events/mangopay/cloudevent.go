package mangopay

import (
	"bytes"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/members"
)

// DecodeCloudEvent reads a message that is a CloudEvent 1.0: in structured mode (content-type application/cloudevents+json,
// or no ce-type header) one JSON object that holds everything, in binary mode the attributes in ce-… headers, percent-encoded,
// whatever their case, and the data by itself. It is otherwise like [DecodeJSON]. The first of these that holds is read:
//
//   - data with an EventType: data is the notification itself, as [ParseJSON] reads it
//   - data that events.Encode wrote: its type, id and date
//   - type is the EventType; data.RessourceId (or ResourceId), else subject, is the RessourceId; data.Date, else time
//     without its fraction of a second, is the Date
//
// The id and source of the CloudEvent are not looked at: a publisher may give each repetition of a notification an id of
// its own, and the repetition must be known for what it is. A type of ours ("hookfold.") is [ErrReserved].
func DecodeCloudEvent(_ string, header map[string][]string, data []byte) (events.Event, error) {
	read := structured
	if binary(header) {
		read = func(data []byte) (cloudEvent, error) { return fromHeader(header, data) }
	}
	ce, err := read(data)
	if err != nil {
		return events.Event{}, err
	}
	return claim(ce.notification())
}

// cloudEvent is what is looked at of a CloudEvent. Attributes keep how often they were there.
type cloudEvent struct {
	kind, subject, time field
	data                []byte
}

// Attributes that name what a notification names.
const (
	attributeType    = "type"
	attributeSubject = "subject"
	attributeTime    = "time"
)

// named returns the field of an attribute, or nil for one that is not looked at.
func (ce *cloudEvent) named(attribute string) *field {
	switch attribute {
	case attributeType:
		return &ce.kind
	case attributeSubject:
		return &ce.subject
	case attributeTime:
		return &ce.time
	}
	return nil
}

// binary tells whether the attributes stand in the header.
func binary(header map[string][]string) bool {
	typed := false
	for name, values := range header {
		switch {
		case strings.EqualFold(name, "content-type") && len(values) > 0:
			if media, _, err := mime.ParseMediaType(values[0]); err == nil && media == "application/cloudevents+json" {
				return false
			}
		case strings.EqualFold(name, "ce-type"):
			typed = true
		}
	}
	return typed
}

// fromHeader reads the attributes of binary mode.
func fromHeader(header map[string][]string, data []byte) (cloudEvent, error) {
	ce := cloudEvent{data: data}
	for name, values := range header {
		attribute, is := strings.CutPrefix(strings.ToLower(name), "ce-")
		f := ce.named(attribute)
		if !is || f == nil {
			continue
		}
		for _, value := range values {
			text, err := url.PathUnescape(value)
			if err != nil || !utf8.ValidString(text) {
				return ce, &ParseError{"", ErrEncoding}
			}
			f.add(text)
		}
	}
	return ce, nil
}

// structured reads the members of structured mode.
func structured(data []byte) (cloudEvent, error) {
	var ce cloudEvent
	err := members.Each(data, func(name string, raw []byte) error {
		if name == "data" {
			ce.data = raw
			return nil
		}
		f := ce.named(name)
		if f == nil || string(raw) == "null" {
			return nil
		}
		text, err := members.Text(raw)
		f.add(text)
		return err
	})
	if err != nil {
		return ce, &ParseError{"", ErrJSON}
	}
	return ce, nil
}

// notification reads the notification that a CloudEvent carries.
func (ce *cloudEvent) notification() (Notification, error) {
	found := newFields(func(_, text string) (string, error) { return text, nil })
	object := bytes.TrimSpace(ce.data)
	if len(object) == 0 || object[0] != '{' {
		return found.attributes(ce)
	}
	if e, err := events.Decode(nil, object); err == nil {
		return found.envelope(e)
	}
	carried, err := fieldsOf(object)
	switch {
	case err != nil:
		return Notification{}, err
	case carried.eventType.count > 0:
		return carried.notification()
	}
	if err := found.take(carried); err != nil {
		return Notification{}, err
	}
	return found.attributes(ce)
}

// envelope reads what another Hookfold stored, by the rules of a notification.
func (fs *fields) envelope(e events.Event) (Notification, error) {
	fs.eventType.add(string(e.Type))
	fs.ressource.add(e.Ref.ID)
	fs.date.add(strconv.FormatInt(e.Date, 10))
	return fs.notification()
}

// take reads the identifier and the date that data carries.
func (fs *fields) take(carried *fields) error {
	if carried.ressource.count+carried.resource.count > 0 {
		id, err := carried.readID()
		if err != nil {
			return err
		}
		fs.ressource.add(id)
	}
	if carried.date.count > 0 {
		date, err := carried.readDate()
		if err != nil {
			return err
		}
		fs.date.add(strconv.FormatInt(date, 10))
	}
	return nil
}

// attributes reads what data did not carry.
func (fs *fields) attributes(ce *cloudEvent) (Notification, error) {
	fs.eventType.raw, fs.eventType.count = ce.kind.raw, ce.kind.count
	if fs.ressource.count == 0 {
		fs.ressource.raw, fs.ressource.count = ce.subject.raw, ce.subject.count
	}
	if fs.date.count == 0 && ce.time.count > 0 {
		at, err := time.Parse(time.RFC3339, ce.time.raw)
		if err != nil {
			return Notification{}, &ParseError{keyDate, ErrDate}
		}
		fs.date.raw, fs.date.count = strconv.FormatInt(at.Unix(), 10), ce.time.count
	}
	return fs.notification()
}
