package projections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/hookfold/hookfold/events"
)

// QuarantineKey is the secondary key that stores keep of every resource that stands still, so that they are found without a
// look at all the others.
const (
	QuarantineKey   = "hookfold.parked"
	quarantineValue = "yes"
)

// quarantined adds the key to those of a row.
func quarantined(keys map[string]string) map[string]string {
	keys = maps.Clone(keys)
	if keys == nil {
		keys = map[string]string{}
	}
	keys[QuarantineKey] = quarantineValue
	return keys
}

// Quarantine is where an operator meets the resources that stand still (law 11). A record on which a model fails, one too
// many inside the horizon, or a stored row that cannot be read, stops its resource and no other; its later records wait in
// the log.
//
// What the operator decides is an event in the log (fold rule 26): events.Retried lets a resource go on at the record at
// which it stopped, events.Skipped without it. The projector follows when it comes to the event, in the resource's order,
// and so does every rebuild. A log that somebody else fills takes no decisions.
type Quarantine struct {
	Log    Log
	Store  Store
	Models []AnyModel
	Slots  int // as in Config
}

// Held is a resource that stands still.
type Held struct {
	Model  string `json:"model"` // its plural name
	Source string `json:"source"`
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Parked        // seq 0: its row cannot be read, and no record came for it since
}

// Ref names the resource.
func (h Held) Ref() events.Ref { return events.Ref{Source: h.Source, Kind: h.Kind, ID: h.ID} }

// ErrNotHeld says that a resource does not stand still.
var ErrNotHeld = errors.New("projections: this resource does not stand still")

// Find tells why a resource stands still: at the first of the models that it stands still at. Errors: ErrNotHeld, and the
// store's.
func (q Quarantine) Find(ctx context.Context, ref events.Ref) (Held, error) {
	h, _, _, err := q.find(ctx, ref)
	return h, err
}

// find gives what is held, its model and its folder.
func (q Quarantine) find(ctx context.Context, ref events.Ref) (Held, runner, folder, error) {
	for _, m := range q.Models {
		if m.Singular() != ref.Kind {
			continue
		}
		row, err := one(ctx, q.Store, m.ID(), ref)
		if errors.Is(err, ErrUnknown) {
			continue
		}
		if err != nil {
			return Held{}, nil, nil, err
		}
		r := m.ready()
		f := r.fresh(ref)
		if h, is := heldBy(m, f, row); is {
			return h, r, f, nil
		}
	}
	return Held{}, nil, nil, fmt.Errorf("%w: %s %q", ErrNotHeld, ref.Kind, ref.ID)
}

// heldBy reads a row and tells whether its resource stands still.
func heldBy(m AnyModel, f folder, row Row) (Held, bool) {
	h := Held{Model: m.Plural(), Source: row.Ref.Source, Kind: row.Ref.Kind, ID: row.Ref.ID}
	if err := f.load(row); err != nil {
		f.spoil(row)
		h.Parked = Parked{Why: whyUnreadable, Unreadable: true}
		return h, true
	}
	p := f.parked()
	if p == nil {
		return h, false
	}
	h.Parked = *p
	return h, true
}

// Retry lets a resource go on at the record at which it stopped; one that cannot be read is folded anew from the log's
// beginning. It returns the sequence of the decision: when that is applied (Projector.Wait), the resource goes on, or
// stands still again. now is the time of the decision in Unix seconds. Errors: ErrNotHeld, the log's, the store's.
func (q Quarantine) Retry(ctx context.Context, ref events.Ref, now int64) (Seq, error) {
	h, err := q.Find(ctx, ref)
	if err != nil {
		return 0, err
	}
	return q.retry(ctx, []Held{h}, now)
}

// Drop lets a resource go on without the record at which it stopped, for good and wherever it is folded. reason stays in
// the log: no personal data. Errors: as Retry; a row that cannot be read stops at no record, so it is retried instead.
func (q Quarantine) Drop(ctx context.Context, ref events.Ref, reason string, now int64) (Seq, error) {
	h, err := q.Find(ctx, ref)
	if err != nil {
		return 0, err
	}
	if h.Unreadable {
		return 0, ErrNoRecord
	}
	return q.append(ctx, dropped(h, reason, now))
}

// ErrNoRecord says that no record can be dropped.
var ErrNoRecord = errors.New("projections: it does not stand still for a record, but because its stored row cannot be read: retry it")

// RetryAll retries everything that List finds with this scan, and returns how many that were and the newest decision.
func (q Quarantine) RetryAll(ctx context.Context, scan bool, now int64) (n int, last Seq, err error) {
	for query := (HeldQuery{Scan: scan}); ; {
		page, err := q.List(ctx, query)
		if err != nil {
			return n, last, err
		}
		if len(page.Items) > 0 {
			if last, err = q.retry(ctx, page.Items, now); err != nil {
				return n, last, err
			}
			n += len(page.Items)
		}
		if query.Cursor = page.Next; query.Cursor == "" {
			return n, last, nil
		}
	}
}

// retry decides about resources.
func (q Quarantine) retry(ctx context.Context, all []Held, now int64) (Seq, error) {
	head, err := q.Log.Head(ctx)
	if err != nil {
		return 0, undecided(err)
	}
	var es []events.Event
	for _, h := range all {
		es = append(es, retried(h, head.Seq, now))
	}
	return q.append(ctx, es...)
}

func (q Quarantine) append(ctx context.Context, es ...events.Event) (Seq, error) {
	seq, err := q.Log.Append(ctx, es...)
	if err != nil {
		return 0, undecided(err)
	}
	return seq, nil
}

func undecided(err error) error {
	return fmt.Errorf("projections: the decision is not logged: %w", err)
}

// retried is the decision. Its identity is its own, although it be about the same record in the same second, because the
// log has grown by the decision before.
func retried(h Held, head Seq, now int64) events.Event {
	return events.Event{Type: events.Retried, Ref: h.Ref(), Date: now, Data: canonical(events.Retry{Seq: uint64(h.Seq), Head: uint64(head)})}
}

func dropped(h Held, reason string, now int64) events.Event {
	return events.Event{Type: events.Skipped, Ref: h.Ref(), Date: now, Data: canonical(events.Skip{Seq: uint64(h.Seq), Reason: reason})}
}

// canonical renders data that always renders.
func canonical(data any) json.RawMessage {
	b, _ := events.Canonical(data) // numbers and text
	return b
}
