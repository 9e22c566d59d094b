package projections

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Fact is a transition as others learn of it. It is a function of the log alone, so whoever folds the log again makes the
// same facts, with the same ids.
type Fact struct {
	Transition // Transition.Seq is the log record that made it

	Model string      // name of the read model, without its version
	Event events.Type // of that log record
	Date  int64       // Unix seconds: the time of that event, by the clock of whoever said it
	Time  time.Time   // when the log stored the record

	// Confirmed tells whether an observation backs the new value (law 8).
	Confirmed bool
	// Correction tells that something newer was known of the resource when the record came: it was late, and changed what
	// had been read from the past.
	Correction bool
}

// Facts takes what transitions there were. A projector publishes the facts of a batch before it commits the batch, so
// none is ever missing; after a crash between the two it publishes the same facts again. Publish returns nil when all of
// them are kept, once each however often they come, and in their order for each resource. It must refuse nothing else
// than what it cannot keep: the projector goes on only when it returned nil.
type Facts interface {
	Publish(ctx context.Context, facts []Fact) error
}

// Change is a fact with the place where a reader of facts goes on after it.
type Change struct {
	Fact
	Place string // opaque; give it back to be told what comes after
}

// What can be wrong with the place from which facts are asked for.
var (
	// ErrPlace says that a text is not a place that was given out with a Change.
	ErrPlace = errors.New("projections: not a place in the facts: give one back as it came, or begin without one")
	// ErrForgotten says that facts after a place have left, by age or for want of room.
	ErrForgotten = errors.New("projections: facts after this place are no longer kept: read the documents, then begin without a place")
)

// Identity is a text that no other transition has: kind/id/machine/sequence, with the id as events.Token writes it. It is
// unique within the source and the log.
func (t Transition) Identity() string {
	return fmt.Sprintf("%s/%s/%s/%d", t.Ref.Kind, events.Token(t.Ref.ID), t.Machine, t.Seq)
}

// factData is the data of a fact in the common envelope. Its fields stand as events.Canonical sorts them.
type factData struct {
	Confirmed  bool        `json:"confirmed"`
	Correction bool        `json:"correction"`
	Event      events.Type `json:"event"`
	Fact       string      `json:"fact"` // Identity
	From       string      `json:"from"`
	Machine    string      `json:"machine"`
	Model      string      `json:"model"`
	Seq        Seq         `json:"seq"`
	Stored     int64       `json:"stored"` // Unix nanoseconds
	To         string      `json:"to"`
}

// canonical renders the data as events.Canonical would, which sorts what is sorted here already.
func (d factData) canonical() ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(d); err != nil || bytes.Contains(b.Bytes(), []byte(`\ufffd`)) { // not UTF-8
		return events.Canonical(d)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Encode writes a fact as an event of type events.Transition, in the envelope of the log. Errors: text that is not UTF-8.
func (f Fact) Encode() (events.Event, error) {
	data, err := factData{
		Fact: f.Identity(), Model: f.Model, Machine: f.Machine, From: f.From, To: f.To, Seq: f.Seq, Stored: f.Time.UnixNano(),
		Event: f.Event, Confirmed: f.Confirmed, Correction: f.Correction,
	}.canonical()
	if err != nil {
		return events.Event{}, fmt.Errorf("projections: a fact of %s does not render: %w", f.Ref.Kind, err)
	}
	return events.Event{Type: events.Transition, Ref: f.Ref, Date: f.Date, Data: data}, nil
}

// ErrFact says that an event is not a fact.
var ErrFact = errors.New("projections: not a fact: read only what Fact.Encode wrote")

// DecodeFact reads a fact back. Errors: ErrFact.
func DecodeFact(e events.Event) (Fact, error) {
	var d factData
	if e.Type != events.Transition || json.Unmarshal(e.Data, &d) != nil || d.Machine == "" || d.Seq == 0 {
		return Fact{}, ErrFact
	}
	return Fact{
		Transition: Transition{Ref: e.Ref, Machine: d.Machine, Seq: d.Seq, From: d.From, To: d.To},
		Model:      d.Model, Event: d.Event, Date: e.Date, Time: time.Unix(0, d.Stored).UTC(),
		Confirmed: d.Confirmed, Correction: d.Correction,
	}, nil
}

// fact completes a transition that the record made that was folded last.
func (o *owned[V]) fact(rec Record, t Transition) Fact {
	r, m := o.resource, o.resource.of.model
	kept := rec
	m.strip(&kept)
	return Fact{
		Transition: t, Model: m.Name, Event: rec.Event.Type, Date: rec.Event.Date, Time: rec.Time,
		Confirmed:  backs(m.Backed, &r.value, t.Machine),
		Correction: r.len() > 0 && r.held[r.len()-1].when > m.when(&kept),
	}
}

// versioned is a store that keeps versions of a model beside each other, as Generations do.
type versioned interface {
	Live(ctx context.Context, model string) (bool, error)
}

// tell publishes the facts of a lane's share of a batch, unless another version of the model is live: that one tells them.
func (p *Projector) tell(ctx context.Context, w *workshop, at Position) error {
	if p.cfg.Facts == nil || len(w.facts) == 0 {
		return nil
	}
	if s, beside := p.cfg.Store.(versioned); beside {
		if live, err := s.Live(ctx, w.id); err != nil || !live {
			return err
		}
	}
	if err := p.cfg.Facts.Publish(ctx, w.facts); err != nil {
		return fmt.Errorf("projections: publishing facts of %s up to %d: %w", w.id, at.Seq, err)
	}
	return nil
}

// factProblems are those of a configuration that publishes facts.
func (c Config) factProblems() []string {
	if c.Facts == nil {
		return nil
	}
	var out []string
	kinds := map[string]string{}
	for _, m := range c.Models {
		if m == nil || !m.tells() {
			continue
		}
		if other, taken := kinds[m.Singular()]; taken {
			out = append(out, fmt.Sprintf("models %q and %q are of one kind, so their facts could not be told in one order: "+
				"publish the facts of one of them", other, m.ID()))
		}
		kinds[m.Singular()] = m.ID()
	}
	return out
}
