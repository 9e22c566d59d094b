package proptest

import (
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections/views"
)

// hookType is the event type whose hook is drawn.
const hookType = mangopay.UserKYCRegular

// hookFacts draws the facts of one hook: single failures and aggregates of any size up to the limit and beyond, their
// successes, stored notifications of every origin, readings of the hook with known and unknown words, and warnings.
func hookFacts(t *rapid.T) []events.Event {
	n := uint64(0)
	fact := rapid.Custom(func(t *rapid.T) events.Event {
		n++
		return hookFact(t, n)
	})
	return rapid.SliceOfN(fact, 1, 16).Draw(t, "facts")
}

// hookFact draws one fact. n makes it one of its own: every attempt and aggregate of a replica has a number.
func hookFact(t *rapid.T, n uint64) events.Event {
	at := hookMilli(t)
	replica := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "replica")
	e := events.Event{Ref: events.Ref{Source: mangopay.Source, Kind: views.KindHook, ID: string(hookType)}, Date: at / 1000}
	switch rapid.SampledFrom([]string{"failed", "failed", "failed", "succeeded", "notification", "updated", "alerted"}).Draw(t, "fact") {
	case "failed":
		e.Type = events.DeliveryFailed
		e.Data = canonical(events.Attempt{At: at, Replica: replica, N: n, Count: rapid.SampledFrom([]int{0, 1, 9, 40, 99, 100, 250}).Draw(t, "count")})
	case "succeeded":
		e.Type = events.DeliverySucceeded
		e.Data = canonical(events.Attempt{At: at, Replica: replica, N: n})
	case "notification":
		origin := rapid.SampledFrom([]events.Origin{events.Webhook, events.Webhook, events.Backfill, events.Import, ""}).Draw(t, "origin")
		return events.Event{
			Type: hookType, Ref: events.Ref{Source: mangopay.Source, Kind: mangopay.KindUser, ID: "user_1"}, Date: Start,
			Delivery: events.Delivery{Origin: origin, Received: at, Replica: replica, Attempt: n},
		}
	case "alerted":
		e.Type = events.HookAlerted
		e.Data = canonical(events.HookAlert{At: at, Level: rapid.SampledFrom([]int{25, 50, 75, 90, 100}).Draw(t, "level"), Failures: int(n)})
	default:
		e.Type = events.HookUpdated
		e.Data = canonical(events.HookReading{
			At: at, N: n, Replica: replica,
			Status:   rapid.SampledFrom([]string{"", "ENABLED", "DISABLED", "PAUSED"}).Draw(t, "status"),
			Validity: rapid.SampledFrom([]string{"", "VALID", "INVALID", "UNKNOWN", "SUSPENDED"}).Draw(t, "validity"),
			URL:      rapid.SampledFrom([]string{"", "https://a.example", "https://b.example"}).Draw(t, "url"),
		})
	}
	return e
}

// hookMilli draws Unix milliseconds: many equal ones, and some further apart than a hook's horizon of one hour.
func hookMilli(t *rapid.T) int64 {
	s := rapid.SampledFrom([]int64{0, 0, 1, 600, 1800, 3599, 3600, 3601, 8 * 3600}).Draw(t, "place")
	return (Start+s)*1000 + rapid.SampledFrom([]int64{0, 0, 1, 999}).Draw(t, "milli")
}
