package views

import (
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// byKind keys a model by the resource that an event names.
func byKind(kind string) func(projections.Record) (events.Ref, bool) {
	return func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == kind }
}

// meaning says why an event without a machine stands in a history.
func meaning(t events.Type) string {
	if info, ok := mangopay.Lookup(t); ok {
		return info.Meaning
	}
	return "It belongs to the resource and moves none of its machines."
}

// confirmed tells whether an observation backs a known value (fold rule 18).
func confirmed(r projections.Region, published string) bool { return r.Backed && published != "" }

// keys is an index of one key, or none where it is unknown.
func keys(name, value string) map[string]string {
	if value == "" {
		return nil
	}
	return map[string]string{name: value}
}

// lines is a history as documents carry it: a list, also when it is empty.
func lines(h []projections.Line) []projections.Line {
	if h == nil {
		return []projections.Line{}
	}
	return h
}
