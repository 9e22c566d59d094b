package mangopay

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
)

// The keys of a notification. Notifications spell RessourceId, the provider's list of events ResourceId.
const (
	keyEventType = "EventType"
	keyRessource = "RessourceId"
	keyResource  = "ResourceId"
	keyDate      = "Date"
)

// maxRaw bounds what is decoded at all. A character takes at most 12 bytes, whether percent-encoded (four times %XX)
// or escaped in JSON (a pair of \uXXXX), and a JSON string two quotes.
const maxRaw = 12*MaxLength + 2

// field is one of our keys as it was found: its first raw value and how often it was there.
type field struct {
	key   string
	raw   string
	count int
}

// add notes one occurrence.
func (f *field) add(raw string) {
	if f.count == 0 {
		f.raw = raw
	}
	f.count++
}

// fields are our four keys, wherever they stood, and how to decode a raw value.
type fields struct {
	eventType, ressource, resource, date field

	decode func(key, raw string) (string, error)
}

func newFields(decode func(key, raw string) (string, error)) *fields {
	return &fields{
		eventType: field{key: keyEventType}, ressource: field{key: keyRessource},
		resource: field{key: keyResource}, date: field{key: keyDate}, decode: decode,
	}
}

// named returns the field of a key, or nil for a key that is not ours.
func (fs *fields) named(key string) *field {
	switch key {
	case keyEventType:
		return &fs.eventType
	case keyRessource:
		return &fs.ressource
	case keyResource:
		return &fs.resource
	case keyDate:
		return &fs.date
	}
	return nil
}

// notification reads the fields. With an error it returns what was read before it.
func (fs *fields) notification() (Notification, error) {
	var n Notification
	var err error
	if n.Type, err = fs.readType(); err != nil {
		return n, err
	}
	if n.ResourceID, err = fs.readID(); err != nil {
		return n, err
	}
	n.Date, err = fs.readDate()
	return n, err
}

// readType returns the EventType. With ErrRepeated it returns the first one.
func (fs *fields) readType() (events.Type, error) {
	text, err := fs.text(&fs.eventType)
	t := events.Type(text)
	switch {
	case err != nil:
		return "", err
	case t.Own():
		return "", &ParseError{keyEventType, ErrReserved}
	case fs.eventType.count > 1:
		return t, &ParseError{keyEventType, ErrRepeated}
	case t == "":
		return "", &ParseError{keyEventType, ErrNoEventType}
	}
	return t, nil
}

// readID returns the identifier, from either spelling of its key. Both spellings may stand there if they agree.
func (fs *fields) readID() (string, error) {
	found := &fs.ressource
	if found.count == 0 {
		found = &fs.resource
	}
	if found.count == 0 {
		return "", &ParseError{keyRessource, ErrMissing}
	}
	id, err := fs.single(found)
	if err != nil {
		return "", err
	}
	if found == &fs.ressource && fs.resource.count > 0 {
		other, err := fs.single(&fs.resource)
		if err != nil {
			return "", err
		}
		if other != id {
			return "", &ParseError{keyResource, ErrRepeated}
		}
	}
	if id == "" {
		return "", &ParseError{found.key, ErrPing}
	}
	return id, nil
}

// readDate returns the date in Unix seconds.
func (fs *fields) readDate() (int64, error) {
	if fs.date.count == 0 {
		return 0, &ParseError{keyDate, ErrMissing}
	}
	text, err := fs.single(&fs.date)
	if err != nil {
		return 0, err
	}
	date, ok := parseDate(text)
	if !ok {
		return 0, &ParseError{keyDate, ErrDate}
	}
	return date, nil
}

// single decodes a field that may stand there only once.
func (fs *fields) single(f *field) (string, error) {
	if f.count > 1 {
		return "", &ParseError{f.key, ErrRepeated}
	}
	return fs.text(f)
}

// text decodes the first value of a field and holds it to the limit.
func (fs *fields) text(f *field) (string, error) {
	if f.count == 0 {
		return "", nil
	}
	tooLong := &ParseError{f.key, ErrTooLong}
	if f.key == keyDate {
		tooLong.Err = ErrDate
	}
	if len(f.raw) > maxRaw {
		return "", tooLong
	}
	s, err := fs.decode(f.key, f.raw)
	if err != nil {
		return "", &ParseError{f.key, err}
	}
	if utf8.RuneCountInString(s) > MaxLength {
		return "", tooLong
	}
	return s, nil
}

// parseDate reads Unix seconds: decimal digits, with or without a fraction of zeros, as some of the provider's own
// answers have ("1746458497.0").
func parseDate(s string) (int64, bool) {
	whole, fraction, dotted := strings.Cut(s, ".")
	if dotted && (fraction == "" || strings.Trim(fraction, "0") != "") {
		return 0, false
	}
	date, err := strconv.ParseUint(whole, 10, 63) // refuses signs, blanks and underscores
	if err != nil || date == 0 || date > MaxDate {
		return 0, false
	}
	return int64(date), true
}
