package mangopay

import (
	"errors"
	"strings"

	"github.com/hookfold/hookfold/events"
)

// DecodeJSON reads a message whose data is a notification as [ParseJSON] reads it. It has the shape of the decoder of a
// stream that somebody else fills: the zero Event without an error is a message that names no resource ([ErrPing]), and
// an error is a message that cannot be read. Subject and header are not looked at. The event's source is [Source].
func DecodeJSON(_ string, _ map[string][]string, data []byte) (events.Event, error) {
	return claim(ParseJSON(data))
}

// DecodeQuery reads a message whose data is the query string of a notification, or the whole URL of its request, as
// [Parse] reads it. It is otherwise like [DecodeJSON].
func DecodeQuery(_ string, _ map[string][]string, data []byte) (events.Event, error) {
	query, found := QueryOf(strings.TrimSpace(string(data)))
	if !found {
		return events.Event{}, &ParseError{keyEventType, ErrNoEventType}
	}
	return claim(Parse(query))
}

// claim is what a decoder makes of a notification.
func claim(n Notification, err error) (events.Event, error) {
	switch {
	case errors.Is(err, ErrPing):
		return events.Event{}, nil
	case err != nil:
		return events.Event{}, err
	}
	return n.Event(Source), nil
}
