package views_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// records are what a log holds of some notifications about the user user_m_1.
func records(types ...events.Type) []projections.Record {
	var out []projections.Record
	for i, t := range types {
		n := mangopay.Notification{Type: t, ResourceID: "user_m_1", Date: 1743627006 + int64(i)}
		out = append(out, projections.Record{Event: n.Event("")})
	}
	return out
}

var user1 = events.Ref{Source: mangopay.Source, Kind: mangopay.KindUser, ID: "user_m_1"}

// All models fold one log side by side; Documents shows all that they know.
func ExampleAll() {
	docs, err := projections.Documents(views.All(), records(mangopay.UserKYCRegular), projections.AsOf{})
	if err != nil {
		panic(err)
	}
	for _, d := range docs {
		fmt.Println(d.Ref.Kind, d.Ref.ID)
	}
	// Output: user user_m_1
}

// A view is typed: Known tells what a user's machines publish.
func ExampleUser_Known() {
	v := projections.Fold(views.Users, user1, records(mangopay.UserAccountActivated, mangopay.UserKYCRenewalRequired), projections.AsOf{})
	known := v.Value.Known()
	fmt.Println(known.Status, known.KYCLevel, known.RenewalDue)
	// Output: ACTIVE REGULAR true
}

// A decision says whether, by which of the provider's codes not, and what it rests on: here on a notification alone, which
// anyone could have sent.
func ExampleMayReceiveFromOwner() {
	v := projections.Fold(views.Users, user1, records(mangopay.UserCategoryUpdatedToPayer), projections.AsOf{})
	d := views.MayReceiveFromOwner(v.Value)
	fmt.Println(d.Allowed, d.Code, d.Basis)
	fmt.Println(d.Reason)
	// Output:
	// false 002702 claimed
	// The user is a PAYER, who cannot receive transfers from an OWNER.
}

// A sender that is not a PAYER may transfer to whoever may receive.
func ExampleMayTransfer() {
	from := projections.Fold(views.Users, user1, records(mangopay.UserCategoryUpdatedToOwner), projections.AsOf{}).Value
	fmt.Println(views.MayTransfer(from, from).Allowed)
	// Output: true
}

// A PAYER pays in, and never out.
func ExampleMayPayOut() {
	v := projections.Fold(views.Users, user1, records(mangopay.UserCategoryUpdatedToPayer), projections.AsOf{})
	fmt.Println(views.MayPayOut(v.Value).Code)
	// Output: 002701
}

// Only an observation tells the person type, so notifications alone never unlock a session.
func ExampleMayStartVerification() {
	v := projections.Fold(views.Users, user1, records(mangopay.UserCategoryUpdatedToOwner), projections.AsOf{})
	fmt.Println(views.MayStartVerification(v.Value).Basis)
	// Output: unknown
}

// The provider's error names no field; this does, before the request is sent.
func ExampleCheckName() {
	d := views.CheckName("Jane", "undefined", true)
	fmt.Println(d.Allowed, d.Code, d.Field)
	// Output: false fraud_policy LastName
}

// The hosted link of a session runs out 24 hours after its creation, once someone who knows the time has said so.
func ExampleSession_LinkExpired() {
	ref := events.Ref{Source: mangopay.Source, Kind: mangopay.KindSession, ID: "idnver_1"}
	n := mangopay.Notification{Type: mangopay.IdentityVerificationPending, ResourceID: ref.ID, Date: 1743627006}
	v := projections.Fold(views.Sessions, ref, []projections.Record{{Event: n.Event("")}}, projections.AtTime(1743627006+24*3600))
	fmt.Println(v.Value.Published(), v.Value.LinkExpired())
	// Output: PENDING true
}

// A hook is keyed by its EventType, because a notification does not name the hook.
func ExampleHook_Validity() {
	ref := events.Ref{Source: mangopay.Source, Kind: views.KindHook, ID: "USER_KYC_REGULAR"}
	data, err := events.Canonical(events.Attempt{At: 1743627006000, Count: 100})
	if err != nil {
		panic(err)
	}
	failed := events.Event{Type: events.DeliveryFailed, Ref: ref, Date: 1743627006, Data: data}
	v := projections.Fold(views.Hooks, ref, []projections.Record{{Event: failed}}, projections.AsOf{})
	fmt.Println(v.Value.Validity(), v.Value.Counter.Failures)
	// Output: INVALID 100
}

// Forty deliveries failed in an outage of an hour: at that rate, in an hour and a half the hook is switched off.
func ExampleForecastHook() {
	ref := events.Ref{Source: mangopay.Source, Kind: views.KindHook, ID: "USER_KYC_REGULAR"}
	data, err := events.Canonical(events.Attempt{First: 1743627006000, At: 1743630606000, Count: 40})
	if err != nil {
		panic(err)
	}
	failed := events.Event{Type: events.DeliveryFailed, Ref: ref, Date: 1743630606, Data: data}
	v := projections.Fold(views.Hooks, ref, []projections.Record{{Event: failed}}, projections.AsOf{})
	f := views.ForecastHook(v, time.Unix(1743630606, 0))
	fmt.Println(f.FailuresLeft, "failures left,", f.PerHour, "an hour: INVALID at", time.Unix(f.InvalidAt, 0).UTC())
	fmt.Println("next retry at", time.Unix(f.NextRetry, 0).UTC())
	// Output:
	// 60 failures left, 39 an hour: INVALID at 2025-04-02 23:22:24 +0000 UTC
	// next retry at 2025-04-02 22:00:06 +0000 UTC
}

// A forecast is read from where the read models live; render it with encoding/json.
func ExampleReadForecast() {
	ctx := context.Background()
	_, err := views.ReadForecast(ctx, projections.NewMemoryStore(), mangopay.Source, "USER_KYC_REGULAR", time.Unix(1743630606, 0))
	fmt.Println(errors.Is(err, projections.ErrUnknown))
	// Output: true
}
