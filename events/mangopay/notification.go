package mangopay

import (
	"errors"

	"github.com/hookfold/hookfold/events"
)

// Limits of what is read. Identifiers are opaque text of at most 128 characters.
const (
	MaxLength = 128          // characters of an EventType or a RessourceId
	MaxDate   = 253402300799 // Unix seconds: 9999-12-31T23:59:59Z
)

// Notification is what one notification says. It is a claim: unsigned, so it may be stale, repeated or forged.
type Notification struct {
	Type       events.Type // EventType, verbatim
	ResourceID string      // RessourceId: the identifier of the resource that the event type speaks of
	Date       int64       // Unix seconds: when the event took place, not when it was sent (S4)
}

// Event returns the notification as a claim about the resource that it names. An empty source means [Source]; the kind
// of an event type that the catalogue does not know is [KindUnknown].
func (n Notification) Event(source string) events.Event {
	if source == "" {
		source = Source
	}
	ref := events.Ref{Source: source, Kind: Kind(n.Type), ID: n.ResourceID}
	return events.Event{Type: n.Type, Ref: ref, Date: n.Date}
}

// Why a notification cannot be read. A receiver answers 200 to all of them but ErrNoEventType, and keeps what it got.
var (
	// ErrNoEventType says that no EventType is there, or an empty one: whatever was sent is no notification.
	ErrNoEventType = errors.New("missing or empty, so this is no notification: check who sends it")
	// ErrPing says that RessourceId is there and empty: the test notification of the provider's dashboard.
	ErrPing = errors.New("empty, so this is a test of the provider's dashboard: answer 200 and do nothing")
	// ErrMissing says that RessourceId or Date is not there.
	ErrMissing = errors.New("missing: keep what was sent, and look for the event in the provider's list of events")
	// ErrRepeated says that a key is there twice, so that two readers could read two things.
	ErrRepeated = errors.New("given more than once: send it once")
	// ErrTooLong says that a value has more than MaxLength characters.
	ErrTooLong = errors.New("longer than 128 characters: no identifier of this provider is")
	// ErrDate says that Date is not a whole number of Unix seconds after 0 and up to MaxDate.
	ErrDate = errors.New("not a date: send Unix seconds as digits, later than 0 and before the year 10000")
	// ErrEncoding says that a value is not percent-encoded UTF-8.
	ErrEncoding = errors.New("not decodable: send percent-encoded UTF-8")
	// ErrReserved says that the EventType begins with "hookfold.". Those events are our own and never notifications:
	// taken as one, a stranger's request would pass for an answer of the provider's API.
	ErrReserved = errors.New(`one of ours ("hookfold."), which no provider sends: check who sends it`)
	// ErrJSON says that a line is not one JSON object, or that a member of it is not of the right JSON type.
	ErrJSON = errors.New("not JSON that can be read: send one object with EventType and RessourceId as strings")
)

// ParseError says which key could not be read and why. It never repeats a value: values could be personal data.
type ParseError struct {
	Key string // EventType, RessourceId, ResourceId or Date; "" for the whole
	Err error  // one of the sentinels above
}

// Error names the key, the reason and what to do.
func (e *ParseError) Error() string {
	if e.Key == "" {
		return "mangopay: " + e.Err.Error()
	}
	return "mangopay: " + e.Key + " is " + e.Err.Error()
}

// Unwrap returns the sentinel.
func (e *ParseError) Unwrap() error { return e.Err }
