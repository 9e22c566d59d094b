package lines

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections/views"
)

// What is wrong with a local event.
var (
	// ErrLocal says that the type of a local event is not one that a line can hold.
	ErrLocal = errors.New("not a local event: its type is one of hookfold.observed, hookfold.hook.delivery.succeeded, hookfold.hook.delivery.failed, hookfold.hook.updated")
	// ErrMember says that a local event lacks a member or holds one of the wrong kind.
	ErrMember = errors.New("incomplete or of the wrong kind")
)

// local is a local event as a line holds it.
type local struct {
	Type    string          `json:"type"`
	Date    json.Number     `json:"date"`
	Hook    string          `json:"hook"`
	Replica string          `json:"replica"`
	Count   int             `json:"count"`
	HookID  string          `json:"hook_id"`
	URL     string          `json:"url"`
	Status  string          `json:"status"`
	Valid   string          `json:"validity"`
	Kind    string          `json:"kind"`
	ID      string          `json:"id"`
	Found   *bool           `json:"found"`
	Values  map[string]any  `json:"values"`
	Person  string          `json:"person_type"`
	Legal   string          `json:"legal_person_type"`
	UserID  string          `json:"user_id"`
	Created json.Number     `json:"created"`
	Claim   json.RawMessage `json:"EventType"`
}

// own reads a local event; false where the line is not one.
func (r *Reader) own(line []byte) (bool, error) {
	var l local
	in := json.NewDecoder(bytes.NewReader(line))
	in.UseNumber()
	if err := in.Decode(&l); err != nil || l.Type == "" || l.Claim != nil {
		return false, nil // the notification parser says what is wrong
	}
	date, err := seconds("date", l.Date)
	if err != nil {
		return true, err
	}
	var e events.Event
	switch t := events.Type(l.Type); t {
	case events.Observed:
		e, err = l.observation(r.source, date)
	case events.DeliverySucceeded, events.DeliveryFailed, events.HookUpdated:
		e, err = l.hook(r, t, date)
	default:
		err = ErrLocal
	}
	if err != nil {
		return true, err
	}
	r.take(e)
	return true, nil
}

// seconds reads Unix seconds: whole, and within what a date can be.
func seconds(name string, n json.Number) (int64, error) {
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || f != math.Trunc(f) || f <= 0 || f > mangopay.MaxDate {
		return 0, fmt.Errorf("%q: %w: give whole Unix seconds", name, ErrMember)
	}
	return int64(f), nil
}

// text checks a name that must be there and be text.
func text(name, s string) error {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > mangopay.MaxLength {
		return fmt.Errorf("%q: %w: give 1 to %d characters of UTF-8", name, ErrMember, mangopay.MaxLength)
	}
	return nil
}

// observation reads what the API said. Values keep the machine's names; attributes are what else was read.
func (l local) observation(source string, date int64) (events.Event, error) {
	if err := errors.Join(text("kind", l.Kind), text("id", l.ID)); err != nil {
		return events.Event{}, err
	}
	said := events.Reading{Missing: l.Found != nil && !*l.Found}
	for machine, v := range l.Values {
		value, err := valueOf(v)
		if err != nil {
			return events.Event{}, err
		}
		if said.Values == nil {
			said.Values = map[string]string{}
		}
		said.Values[machine] = value
	}
	said.Attributes = map[string]string{}
	for name, v := range map[string]string{views.PersonType: l.Person, views.LegalPersonType: l.Legal, views.UserID: l.UserID} {
		if v != "" {
			said.Attributes[name] = v
		}
	}
	if l.Created != "" {
		created, err := seconds("created", l.Created)
		if err != nil {
			return events.Event{}, err
		}
		said.Attributes[views.Created] = strconv.FormatInt(created, 10)
	}
	data, err := events.Canonical(said)
	ref := events.Ref{Source: source, Kind: l.Kind, ID: l.ID}
	return events.Event{Type: events.Observed, Ref: ref, Date: date, Data: data}, err
}

// valueOf is an observed value as text: a string verbatim, a truth value as true or false.
func valueOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	default:
		return "", fmt.Errorf("%q: %w: give strings, or true or false", "values", ErrMember)
	}
}

// hook reads a fact about a hook. Equal lines are different facts: they are numbered.
func (l local) hook(r *Reader, t events.Type, date int64) (events.Event, error) {
	if err := text("hook", l.Hook); err != nil {
		return events.Event{}, err
	}
	if l.Count < 0 {
		return events.Event{}, fmt.Errorf("%q: %w: give a number from 1", "count", ErrMember)
	}
	data, err := l.fact(t, date, 0)
	if err != nil {
		return events.Event{}, err
	}
	key := string(t) + " " + l.Hook + " " + string(data)
	n := r.equal[key]
	r.equal[key]++
	data, err = l.fact(t, date, n)
	ref := events.Ref{Source: r.source, Kind: views.KindHook, ID: l.Hook}
	return events.Event{Type: t, Ref: ref, Date: date, Data: data}, err
}

// fact is the data of the n-th of equal lines.
func (l local) fact(t events.Type, date int64, n uint64) ([]byte, error) {
	if t == events.HookUpdated {
		return events.Canonical(events.HookReading{
			At: date * 1000, N: n, Replica: l.Replica, HookID: l.HookID, URL: l.URL, Status: l.Status, Validity: l.Valid,
		})
	}
	return events.Canonical(events.Attempt{At: date * 1000, N: n, Replica: l.Replica, Count: l.Count})
}
