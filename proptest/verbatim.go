package proptest

import (
	"cmp"
	"slices"

	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// Say makes the event by which the provider's API says a value of one machine at a date.
type Say func(ref events.Ref, date int64, machine, value string) events.Event

// SayObserved is the Say of models that follow machines: a hookfold.observed with this one value.
func SayObserved(ref events.Ref, date int64, machine, value string) events.Event {
	return observed(ref, date, events.Reading{Values: map[string]string{machine: value}})
}

// Verbatim is law 7: unknown is a value. To a resource with any history comes a claim of a type that nobody knows: it is
// noted under its own name, and neither moves a machine nor fails. Then the API says of each machine a value that nobody
// knows: it is published as it is. Then come fields that nobody knows, and data that cannot be read: they change nothing.
// say is nil for models that follow machines.
func Verbatim[V any](t TB, m projections.Model[V], histories *rapid.Generator[[]events.Event], say Say) {
	t.Helper()
	if say == nil {
		say = SayObserved
	}
	rapid.Check(t, func(t *rapid.T) {
		set := draw(t, histories)
		ref, ok := firstRef(m, set)
		if !ok {
			return
		}
		x := unknown[V]{model: m, ref: ref, set: set}
		x.claim(t, events.Type(rapid.StringMatching(`NEW_[A-Z_é]{1,20}`).Draw(t, "type")))
		x.value(t, say, rapid.StringMatching(`[A-Zé ]{1,8}\?`).Draw(t, "value"))
		x.fields(t)
	})
}

// unknown adds what nobody knows to a history.
type unknown[V any] struct {
	model projections.Model[V]
	ref   events.Ref
	set   []events.Event
}

// firstRef is the resource that a set speaks of first.
func firstRef[V any](m projections.Model[V], set []events.Event) (events.Ref, bool) {
	for _, e := range set {
		if ref, ok := m.Key(projections.Record{Event: e}); ok {
			return ref, true
		}
	}
	return events.Ref{}, false
}

// fold folds the history of the resource with more events.
func (x unknown[V]) fold(t TB, more ...events.Event) projections.View[V] {
	t.Helper()
	var recs []projections.Record
	for _, rec := range records(append(slices.Clone(x.set), more...)) {
		if ref, ok := x.model.Key(rec); ok && ref == x.ref {
			recs = append(recs, rec)
		}
	}
	if _, err := projections.Documents([]projections.AnyModel{x.model}, recs, projections.AsOf{}); err != nil {
		t.Fatalf("law 7, model %s: what nobody knows is an error: %v", x.model.Name, err)
	}
	return projections.Fold(x.model, x.ref, recs, projections.AsOf{})
}

// dates are those of the resource's latest claim (the earliest record where there is none) and of its latest record, in
// seconds.
func (x unknown[V]) dates() (claim, last int64) {
	p := promiseOf(x.model)
	var first, newest *int64
	for _, e := range x.set {
		if ref, ok := p.key(e); !ok || ref != x.ref {
			continue
		}
		at := p.when(e) / p.terms.PerSecond
		first, last = least(first, at), max(last, at)
		if p.advances(e) && (newest == nil || at > *newest) {
			newest = &at
		}
	}
	if newest == nil {
		newest = first
	}
	return *newest, last
}

func least(have *int64, at int64) *int64 {
	if have != nil && *have < at {
		return have
	}
	return &at
}

// claim adds a claim of an unknown type, dated so that it hides nothing behind the horizon.
func (x unknown[V]) claim(t TB, typ events.Type) {
	t.Helper()
	at, _ := x.dates()
	e := events.Event{Type: typ, Ref: x.ref, Date: at}
	if ref, ok := x.model.Key(projections.Record{Event: e}); !ok || ref != x.ref {
		return // the model counts on the provider's types alone; a projector reports the record as ignored
	}
	before, after := x.fold(t), x.fold(t, e)
	if was, is := x.values(before), x.values(after); !slices.Equal(was, is) {
		t.Fatalf("law 7, model %s: the unknown type %q moved %v to %v", x.model.Name, typ, was, is)
	}
	i := slices.IndexFunc(after.History, func(l projections.Line) bool { return l.Event == string(typ) })
	if i < 0 || after.History[i].Verdict != fsm.Noted || len(after.History) != len(before.History)+1 {
		t.Fatalf("law 7, model %s: the unknown type %q is not noted under its name: %+v", x.model.Name, typ, after.History)
	}
}

// value lets the API say an unknown value of every machine, later than everything else.
func (x unknown[V]) value(t TB, say Say, value string) {
	t.Helper()
	_, last := x.dates()
	at := last + max(cmp.Or(x.model.Terms.Window, projections.DefaultWindow), 0) + 1
	for _, machine := range x.values(x.fold(t)) {
		after := x.fold(t, say(x.ref, at, machine.Machine, value))
		if !slices.Contains(x.values(after), projections.Value{Machine: machine.Machine, Value: value}) {
			t.Fatalf("law 7, model %s: the unknown value %q of %s is published as %v", x.model.Name, value, machine.Machine, x.values(after))
		}
		if n := len(after.History); n == 0 || after.History[n-1].To != value {
			t.Fatalf("law 7, model %s: the unknown value %q of %s is not in the history", x.model.Name, value, machine.Machine)
		}
	}
}

// fields lets the API say what no machine of the model holds, and what cannot be read.
func (x unknown[V]) fields(t TB) {
	t.Helper()
	_, last := x.dates()
	was := x.values(x.fold(t))
	for _, data := range [][]byte{
		canonical(events.Reading{Values: map[string]string{"unheard of": "x"}, Attributes: map[string]string{"unheard of": "y"}}),
		[]byte(`{"future":{"deep":[1,2]}}`), []byte(`[]`), []byte(`not JSON`), nil,
	} {
		after := x.fold(t, events.Event{Type: events.Observed, Ref: x.ref, Date: last + 1, Data: data})
		if is := x.values(after); !slices.Equal(was, is) {
			t.Fatalf("law 7, model %s: data that nobody can read, %s, moved %v to %v", x.model.Name, data, was, is)
		}
	}
}

// values lists what a view publishes.
func (x unknown[V]) values(v projections.View[V]) []projections.Value {
	if x.model.Values == nil {
		return nil
	}
	return x.model.Values(&v.Value, nil)
}
