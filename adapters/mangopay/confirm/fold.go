package confirm

import (
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// window is how long after a claim an answer that contradicts it may be stale (fold rule 14), in seconds. The models
// judge by it, so it is theirs.
const window = projections.DefaultWindow

// standing is what a read model says of one machine.
type standing struct {
	value  string // as published; "" unknown
	backed bool   // an observation backs it
}

// standings holds one for each machine.
type standings [machines]standing

// fold asks the real models how a resource stands after some records. A document has no model, and stands nowhere.
func fold(ref events.Ref, records []projections.Record) (all standings) {
	switch ref.Kind {
	case mangopay.KindUser:
		v := projections.Fold(views.Users, ref, records, projections.AsOf{}).Value
		for m, region := range regions {
			all[m].backed = region(&v).Backed
		}
		all.publish(ref.Kind, views.Users.Values(&v, nil))
	case mangopay.KindSession:
		v := projections.Fold(views.Sessions, ref, records, projections.AsOf{}).Value
		all[session].backed = v.Status.Backed
		all.publish(ref.Kind, views.Sessions.Values(&v, nil))
	}
	return all
}

// publish notes the values that a model publishes.
func (all *standings) publish(kind string, values []projections.Value) {
	for _, v := range values {
		if m, ok := machineOf(kind, v.Machine); ok {
			all[m].value = v.Value
		}
	}
}

// backed is the set of the machines that an observation backs.
func (all *standings) backed() (s set) {
	for m := range all {
		if all[m].backed {
			s |= 1 << m
		}
	}
	return s
}

// recordOf is an event as the fold wants it.
func recordOf(e events.Event) projections.Record { return projections.Record{Event: e} }
