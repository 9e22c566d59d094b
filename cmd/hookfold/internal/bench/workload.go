package bench

import (
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// workload makes the events of so many users in turns: event i is about user i mod users. Every event is legal after the
// one before, so that the baseline, which knows legal events only, ends where we end.
type workload struct {
	users  int
	origin events.Origin // Webhook: as the ingress writes them; Import: bare claims
}

// The life of a user: how it begins, and what goes round after that.
var (
	beginning = []events.Type{
		mangopay.UserCategoryUpdatedToPayer, mangopay.UserKYCLight, mangopay.UserAccountValidationAsked,
		mangopay.UserAccountActivated, mangopay.SCAEnrollmentSucceeded, mangopay.UserCategoryUpdatedToOwner,
		mangopay.UserKYCRegular,
	}
	always = []events.Type{
		mangopay.UserOutflowsBlocked, mangopay.UserOutflowsUnblocked, mangopay.UserKYCRenewalRequired,
		mangopay.UserKYCRenewed, mangopay.UserAccountValidationAsked, mangopay.UserAccountActivated,
	}
)

// firstEvent is when the first event took place, in Unix milliseconds; the others follow every 50 milliseconds.
const (
	firstEvent = 1_743_627_006_000
	spacing    = 50
)

// event makes event i.
func (w workload) event(i int) events.Event {
	step := i / w.users
	var typ events.Type
	if step < len(beginning) {
		typ = beginning[step]
	} else {
		typ = always[(step-len(beginning))%len(always)]
	}
	at := int64(firstEvent + i*spacing)
	e := events.Event{Type: typ, Ref: w.user(i), Date: at / 1000}
	if w.origin == events.Webhook {
		e.Delivery = events.Delivery{Origin: events.Webhook, Received: at + 1500, Attempt: uint64(at)*1000 + uint64(i)}
	}
	return e
}

// user names the user of event i by an identifier as long as the provider's.
func (w workload) user(i int) events.Ref {
	return events.Ref{Source: mangopay.Source, Kind: mangopay.KindUser, ID: fmt.Sprintf("user_m_01JQVHDG0S0T%014d", i%w.users)}
}

// record is event i as a log holds it.
func (w workload) record(i int) projections.Record {
	return projections.Record{
		Seq: projections.Seq(i + 1), Time: time.UnixMilli(firstEvent + int64(i)*spacing + 1600).UTC(), Event: w.event(i),
	}
}

// records makes the first n events as a log holds them.
func (w workload) records(n int) []projections.Record {
	list := make([]projections.Record, n)
	for i := range list {
		list[i] = w.record(i)
	}
	return list
}

// folds is how many models fold each event: a delivery by the provider is also a success of its hook.
func (w workload) folds() int {
	if w.origin == events.Webhook {
		return 2
	}
	return 1
}
