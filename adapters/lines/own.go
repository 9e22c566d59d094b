package lines

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections/views"
)

// ErrLocal says that the type of a local event is not one that a line can hold.
var ErrLocal = errors.New("not a local event: its type is one of hookfold.observed, hookfold.hook.delivery.succeeded, hookfold.hook.delivery.failed, hookfold.hook.updated")

// own reads a local event; false where the line is not one: it has no member "type", or it has an EventType, which
// makes it a notification whatever else it holds.
func (r *Reader) own(line []byte) (bool, error) {
	if !bytes.Contains(line, []byte(`"type"`)) && !bytes.Contains(line, []byte(`\u`)) {
		return false, nil // spares most lines a second reading
	}
	ms, err := membersOf(line)
	if err != nil {
		return false, nil //nolint:nilerr // the notification parser says what is wrong
	}
	if _, claim := ms["EventType"]; claim || ms["type"] == nil {
		return false, nil
	}
	l := &local{members: ms}
	var e events.Event
	switch t := events.Type(l.text("type")); t {
	case events.Observed:
		e, err = l.observation(r.source)
	case events.DeliverySucceeded, events.DeliveryFailed, events.HookUpdated:
		e, err = r.fact(l, t)
	default:
		err = ErrLocal
	}
	if err != nil {
		return true, err
	}
	r.take(e)
	return true, nil
}

// observation reads what the API said. Values keep the machine's names; attributes are what else was read.
func (l *local) observation(source string) (events.Event, error) {
	said := events.Reading{Missing: !l.found(), Values: l.values(), Attributes: map[string]string{}}
	for member, attribute := range map[string]string{
		"person_type": views.PersonType, "legal_person_type": views.LegalPersonType, "user_id": views.UserID,
	} {
		if v := l.text(member); v != "" {
			said.Attributes[attribute] = v
		}
	}
	if _, there := l.get("created"); there {
		said.Attributes[views.Created] = strconv.FormatInt(l.date("created"), 10)
	}
	e := events.Event{
		Type: events.Observed, Date: l.date("date"),
		Ref: events.Ref{Source: source, Kind: l.name("kind"), ID: l.name("id")},
	}
	if l.err != nil {
		return events.Event{}, l.err
	}
	var err error
	e.Data, err = events.Canonical(said)
	return e, err
}

// fact reads a fact about a hook. Equal lines are different facts: they are numbered (fold rule 1).
func (r *Reader) fact(l *local, t events.Type) (events.Event, error) {
	e := events.Event{
		Type: t, Date: l.date("date"), Ref: events.Ref{Source: r.source, Kind: views.KindHook, ID: l.name("hook")},
	}
	numbered := l.attempt(e.Date)
	if t == events.HookUpdated {
		numbered = l.reading(e.Date)
	}
	if l.err != nil {
		return events.Event{}, l.err
	}
	first, err := numbered(0)
	if err != nil {
		return events.Event{}, err
	}
	e.Data = first
	id := e.ID()
	n := r.equal[id]
	r.equal[id]++
	e.Data, err = numbered(n)
	return e, err
}

// attempt reads a delivery; the result renders the n-th of equal ones.
func (l *local) attempt(date int64) func(n uint64) ([]byte, error) {
	a := events.Attempt{At: date * 1000, Replica: l.text("replica"), Count: l.count()}
	return func(n uint64) ([]byte, error) {
		a.N = n
		return events.Canonical(a)
	}
}

// reading reads what the API said of a hook; the result renders the n-th of equal ones.
func (l *local) reading(date int64) func(n uint64) ([]byte, error) {
	h := events.HookReading{
		At: date * 1000, Replica: l.text("replica"), HookID: l.text("hook_id"), URL: l.text("url"),
		Status: l.text("status"), Validity: l.text("validity"),
	}
	return func(n uint64) ([]byte, error) {
		h.N = n
		return events.Canonical(h)
	}
}
