package mangopay

import (
	"errors"

	"github.com/hookfold/hookfold/events/members"
)

// ParseJSON reads a notification from one JSON object, as a line of a file or a row of the provider's list of events:
//
//	{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}
//
// Date is a number or a string; ResourceId is read as well; unknown members are ignored; null reads as empty. The
// errors are those of [Parse] and [ErrJSON].
func ParseJSON(line []byte) (Notification, error) {
	fs, err := fieldsOf(line)
	if err != nil {
		return Notification{}, err
	}
	return fs.notification()
}

// fieldsOf finds our keys in one JSON object.
func fieldsOf(line []byte) (*fields, error) {
	fs := newFields(decodeJSON)
	err := members.Each(line, func(name string, raw []byte) error {
		if f := fs.named(name); f != nil {
			f.add(string(raw))
		}
		return nil
	})
	if errors.Is(err, members.ErrEncoding) {
		return nil, &ParseError{"", ErrEncoding}
	}
	if err != nil {
		return nil, &ParseError{"", ErrJSON}
	}
	return fs, nil
}

// decodeJSON decodes a raw JSON value: text, null, and for Date whatever stands there (parseDate refuses what is no
// date).
func decodeJSON(key, raw string) (string, error) {
	if raw == "null" {
		return "", nil
	}
	if key == keyDate && raw[0] != '"' {
		return raw, nil
	}
	s, err := members.Text([]byte(raw))
	switch {
	case errors.Is(err, members.ErrEncoding):
		return "", ErrEncoding
	case err != nil:
		return "", ErrJSON
	}
	return s, nil
}
