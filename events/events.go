// Package events says what was said: the events that a log keeps, the resources that they name, and the identity by
// which a repetition is recognised. It knows no provider (events/mangopay does), no clock and no network.
//
// An [Event] is a claim (a provider's notification, which proves nothing), an observation (the provider's API said so
// when it was asked) or a local fact (something that happened to us, such as a delivery that we answered). All three
// stand in one log, in one envelope ([Encode], [Decode]), and are named by one kind of identity ([ID]).
package events

import "strings"

// Type names what happened. A provider's event types are kept verbatim, also those that no catalogue knows; Hookfold's
// own begin with "hookfold.".
type Type string

// The event types of Hookfold itself. Their data is canonical JSON.
const (
	// Observed says what the provider's API answered for one resource; its data is a [Reading].
	Observed Type = "hookfold.observed"
	// Tick says that time has come this far for a resource. It moves no machine; only derived flags look at it.
	Tick Type = "hookfold.tick"
	// DeliverySucceeded says that a delivery of a hook was answered with 200; its data is an [Attempt].
	DeliverySucceeded Type = "hookfold.hook.delivery.succeeded"
	// DeliveryFailed says that one or more deliveries of a hook failed; its data is an [Attempt].
	DeliveryFailed Type = "hookfold.hook.delivery.failed"
	// HookUpdated says what the provider holds of a hook; its data is a [HookReading].
	HookUpdated Type = "hookfold.hook.updated"
	// HookAlerted says that somebody was warned of a run of failures of a hook; its data is a [HookAlert].
	HookAlerted Type = "hookfold.hook.alert"
	// Skipped says that an operator drops a record that cannot be folded, so that its resource goes on without it (fold rule
	// 26); its data is a [Skip].
	Skipped Type = "hookfold.skipped"
	// Retried says that an operator lets a resource that stands still go on, from the record at which it stopped, because
	// what was wrong is mended; its data is a [Retry].
	Retried Type = "hookfold.retried"
	// Unreadable keeps, raw and bounded, a notification that names an EventType and cannot be read further.
	Unreadable Type = "hookfold.unreadable"
	// Undecodable stands for a log record whose envelope, or a message of somebody else's stream whose content, cannot be
	// decoded, so that it is counted and not lost. Of such a message it keeps the content, raw and bounded.
	Undecodable Type = "hookfold.undecodable"
	// Passed stands for a message of somebody else's stream that names no resource, such as the test of a provider's
	// dashboard, so that a reader passes over it in order. No log of ours stores it.
	Passed Type = "hookfold.passed"
	// Transition says that what a read model publishes of a resource changed. It stands in the stream of facts, never in a
	// log; projections.DecodeFact reads its data.
	Transition Type = "hookfold.transition"
	// Base is the event name of the line behind which a document hides what is older than its horizon.
	Base Type = "hookfold.base"
)

// Own tells whether the type is one of Hookfold's and not a provider's.
func (t Type) Own() bool { return strings.HasPrefix(string(t), "hookfold.") }

// Basis is what an event rests on.
type Basis uint8

const (
	// Claim is a notification: unsigned, so it may be stale, repeated or forged.
	Claim Basis = iota
	// Observation is an answer of the provider's API.
	Observation
	// Local is a fact that we know first hand.
	Local
)

// Basis tells what an event of this type rests on.
func (t Type) Basis() Basis {
	switch {
	case t == Observed:
		return Observation
	case t.Own():
		return Local
	default:
		return Claim
	}
}

// Ref names one resource. It is comparable and never without its source.
type Ref struct {
	Source string // provider, environment and client, e.g. "mangopay"
	Kind   string // kind of resource, e.g. "user"
	ID     string // the provider's identifier: opaque and case-sensitive
}

// Event is one thing that was said about one resource.
type Event struct {
	Type Type
	Ref  Ref
	Date int64  // Unix seconds, by the clock of whoever said it
	Data []byte // canonical JSON ([Canonical]) of Hookfold's own events; nil for a claim

	Delivery Delivery // how it reached us; no part of a claim's identity
}

// Basis tells what the event rests on.
func (e Event) Basis() Basis { return e.Type.Basis() }

// Origin tells by which door an event entered the log.
type Origin string

const (
	// Webhook is the provider's own delivery. It alone proves that a hook works.
	Webhook Origin = "webhook"
	// Backfill is the provider's list of past events.
	Backfill Origin = "backfill"
	// Import is somebody else's stream.
	Import Origin = "import"
)

// Delivery is the metadata of one arrival. It never enters a document.
type Delivery struct {
	Origin   Origin
	Received int64  // Unix milliseconds, by our clock
	Replica  string // which of our receivers
	Attempt  uint64 // rises with every delivery at one replica
}
