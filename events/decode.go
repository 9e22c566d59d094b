package events

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events/members"
)

// Decode reads an event back from what [Encode] wrote, in any released version. It trusts the data alone: the header
// is for others, and what stands there is not looked at. Members that it does not know are ignored. Data of the result
// shares its memory with data. Errors wrap [ErrNewer] or [ErrEnvelope].
func Decode(_ map[string][]string, data []byte) (Event, error) {
	if e, ok := decodeFast(data); ok {
		return e, nil
	}
	return decodeAny(data)
}

// decodeAny reads an envelope whatever the order and spelling of its JSON.
func decodeAny(data []byte) (Event, error) {
	raw := map[string][]byte{}
	err := members.Each(data, func(name string, value []byte) error {
		if _, twice := raw[name]; twice {
			return errors.New("a member is there twice")
		}
		raw[name] = value
		return nil
	})
	if err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if err := checkVersion(raw["v"]); err != nil {
		return Event{}, err
	}
	r := reader{raw: raw}
	e := r.event()
	if r.err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrEnvelope, r.err)
	}
	return e, nil
}

// checkVersion refuses what is not a version and versions to come.
func checkVersion(raw []byte) error {
	var v int64
	if err := json.Unmarshal(raw, &v); err != nil || v < 1 {
		return fmt.Errorf("%w: it has no version", ErrEnvelope)
	}
	if v > Version {
		return fmt.Errorf("%w (version %d, this one reads up to %d)", ErrNewer, v, Version)
	}
	return nil
}

// reader reads members and keeps the first error.
type reader struct {
	raw map[string][]byte
	err error
}

// event reads all members. Those that every envelope has must be there.
func (r *reader) event() Event {
	var e Event
	e.Ref.Source = r.text("source", true)
	e.Type = Type(r.text("type", true))
	e.Ref.Kind = r.text("kind", true)
	e.Ref.ID = r.text("id", true)
	r.number("date", true, &e.Date)
	e.Delivery.Origin = Origin(r.text("origin", false))
	r.number("received", false, &e.Delivery.Received)
	e.Delivery.Replica = r.text("replica", false)
	r.number("attempt", false, &e.Delivery.Attempt)
	e.Data = r.raw["data"]
	if r.err == nil && (e.Ref.Source == "" || e.Type == "" || e.Ref.Kind == "") {
		r.err = errors.New("source, type or kind is empty")
	}
	return e
}

// text reads a string.
func (r *reader) text(name string, needed bool) string {
	raw, there := r.raw[name]
	if !there {
		r.lacks(name, needed)
		return ""
	}
	s, err := members.Text(raw)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	return s
}

// number reads an integer into an *int64 or *uint64.
func (r *reader) number(name string, needed bool, into any) {
	raw, there := r.raw[name]
	if !there {
		r.lacks(name, needed)
		return
	}
	if err := json.Unmarshal(raw, into); (err != nil || string(raw) == "null") && r.err == nil {
		r.err = fmt.Errorf("%s is not a whole number", name)
	}
}

// lacks notes that a member is not there.
func (r *reader) lacks(name string, needed bool) {
	if needed && r.err == nil {
		r.err = fmt.Errorf("%s is missing", name)
	}
}
