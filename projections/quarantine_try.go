package projections

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hookfold/hookfold/events"
)

// Trial is what a decision would do. Nothing was changed.
type Trial struct {
	Held
	Record   *HeldRecord     `json:"record,omitempty"` // at which it stopped; nil: there is none, or the log no longer has it
	Waiting  int             `json:"waiting"`          // its later records in the log, as far as the read model has come
	Document json.RawMessage `json:"document"`         // as it stands; null: nothing can be told
	Would    json.RawMessage `json:"would"`            // as it would be
	// Again is where it would stand still again; nil: it would go on.
	Again       *Parked       `json:"again,omitempty"`
	Differences []FieldChange `json:"differences"` // between the two documents
}

// HeldRecord is a record at which a resource stopped.
type HeldRecord struct {
	Type   events.Type   `json:"type"`
	Date   int64         `json:"date"` // Unix seconds, by whoever said it
	Origin events.Origin `json:"origin,omitempty"`
}

// Shown is why a resource stands still.
type Shown struct {
	Held
	Record   *HeldRecord     `json:"record,omitempty"` // at which it stopped; nil: there is none, or the log no longer has it
	Document json.RawMessage `json:"document"`         // as it stands; null: nothing can be told
}

// Show tells why a resource stands still, and at which record. Errors: ErrNotHeld, the log's, the store's.
func (q Quarantine) Show(ctx context.Context, ref events.Ref) (Shown, error) {
	h, m, f, err := q.find(ctx, ref)
	if err != nil {
		return Shown{}, err
	}
	s := Shown{Held: h}
	if s.Document, err = documentIfAny(f, h.Unreadable); err != nil || h.Seq == 0 {
		return s, err
	}
	past, err := readBygone(ctx, q.Log, m, []events.Ref{ref}, h.Seq, h.Seq)
	if err != nil {
		return s, err
	}
	t := Trial{Held: h}
	t.look(past.of[ref])
	s.Record = t.Record
	return s, nil
}

// FieldChange is a field in which two documents differ.
type FieldChange struct {
	Field string          `json:"field"` // nested with dots, items of lists as history[2]
	Was   json.RawMessage `json:"was"`   // null: it was not there
	Would json.RawMessage `json:"would"` // null: it would not be there
}

// TryRetry tells what Retry would do with the models that are given, as of the record that the read model has applied: give
// those of a new program, and its operator knows before it runs. Errors: as Retry.
func (q Quarantine) TryRetry(ctx context.Context, ref events.Ref) (Trial, error) {
	return q.try(ctx, ref, func(h Held) (events.Event, error) { return retried(h, 0, 0), nil })
}

// TryDrop tells what Drop would do. Errors: as Drop.
func (q Quarantine) TryDrop(ctx context.Context, ref events.Ref) (Trial, error) {
	return q.try(ctx, ref, func(h Held) (events.Event, error) {
		if h.Unreadable {
			return events.Event{}, ErrNoRecord
		}
		return dropped(h, "", 0), nil
	})
}

func (q Quarantine) try(ctx context.Context, ref events.Ref, what func(Held) (events.Event, error)) (Trial, error) {
	h, m, f, err := q.find(ctx, ref)
	if err != nil {
		return Trial{}, err
	}
	e, err := what(h)
	if err != nil {
		return Trial{}, err
	}
	at, err := q.Store.Checkpoint(ctx, m.ID(), slotOf(ref, or(q.Slots, 1)))
	if err != nil {
		return Trial{}, fmt.Errorf("projections: checkpoint of %s: %w", m.ID(), err)
	}
	upTo := max(at.Position.Seq, h.Seq)
	t := Trial{Held: h}
	if t.Document, err = documentIfAny(f, h.Unreadable); err != nil {
		return t, err
	}
	decision := Record{Seq: upTo + 1, Event: e}
	past, err := readBygone(ctx, q.Log, m, []events.Ref{ref}, f.since(decision), upTo)
	if err != nil {
		return t, err
	}
	t.look(past.of[ref])
	f.decide(decision, past.of[ref], nil)
	t.Again = f.parked()
	row := f.row()
	if why := unfit(f, &row, mostState(q.Store)); why != "" {
		t.Again = &Parked{Seq: h.Seq, Why: why}
	}
	if t.Would, err = documentIfAny(f, false); err != nil {
		return t, err
	}
	t.Differences = differences("", t.Document, t.Would, []FieldChange{})
	return t, nil
}

// look finds the record at which the resource stopped, and counts what waits behind it.
func (t *Trial) look(past []Record) {
	for _, rec := range past {
		switch {
		case decision(rec.Event.Type):
		case rec.Seq == t.Seq:
			t.Record = &HeldRecord{Type: rec.Event.Type, Date: rec.Event.Date, Origin: rec.Event.Delivery.Origin}
			if t.Unreadable {
				t.Waiting++
			}
		case rec.Seq > t.Seq:
			t.Waiting++
		}
	}
}

// documentIfAny renders a resource of which something is known.
func documentIfAny(f folder, unreadable bool) (json.RawMessage, error) {
	null := json.RawMessage("null")
	if unreadable {
		return null, nil
	}
	doc, err := f.document(AsOf{})
	if errors.Is(err, ErrUnknown) || errors.Is(err, ErrUnreadable) {
		return null, nil
	}
	return doc.JSON, err
}

// differences compares two JSON values.
func differences(field string, was, would json.RawMessage, out []FieldChange) []FieldChange {
	if bytes.Equal(was, would) {
		return out
	}
	var a, b map[string]json.RawMessage
	if json.Unmarshal(was, &a) == nil && json.Unmarshal(would, &b) == nil && (a != nil && b != nil || field == "") {
		names := maps.Clone(a)
		if names == nil {
			names = map[string]json.RawMessage{}
		}
		maps.Copy(names, b)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			path := name
			if field != "" {
				path = field + "." + name
			}
			out = differences(path, orNull(a[name]), orNull(b[name]), out)
		}
		return out
	}
	var l, r []json.RawMessage
	if json.Unmarshal(was, &l) == nil && json.Unmarshal(would, &r) == nil && l != nil && r != nil {
		for i := range max(len(l), len(r)) {
			out = differences(fmt.Sprintf("%s[%d]", field, i), item(l, i), item(r, i), out)
		}
		return out
	}
	return append(out, FieldChange{Field: field, Was: orNull(was), Would: orNull(would)})
}

func item(list []json.RawMessage, i int) json.RawMessage {
	if i < len(list) {
		return list[i]
	}
	return orNull(nil)
}

// orNull is a value that renders.
func orNull(v json.RawMessage) json.RawMessage {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}
