package backfill_test

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// An outage of two hours, in which a user was verified.
func ExampleBackfill_Run() {
	provider := &provider{now: start}
	provider.happens("USER_KYC_REGULAR", "user_m_1", start.Add(-90*time.Minute).Unix())
	log := projections.NewMemoryLog("log", provider.Now, 0)

	b, err := backfill.New(backfill.Config{
		API: provider, // a mangopay.Client
		Log: log, Now: provider.Now,
		Types: []events.Type{"USER_KYC_REGULAR", "USER_KYC_LIGHT"},
	})
	if err != nil {
		panic(err)
	}
	for range 2 {
		report, err := b.Run(context.Background(), backfill.Request{Since: start.Add(-2 * time.Hour)})
		if err != nil {
			panic(err)
		}
		fmt.Println(report.Seen, "listed,", report.Appended, "appended")
	}
	// Output:
	// 1 listed, 1 appended
	// 1 listed, 0 appended
}

// What happened before the provider's list begins is not made up: the known users are read again.
func ExampleReconciler_Run() {
	log, store := projections.NewMemoryLog("log", func() time.Time { return start }, 0), projections.NewMemoryStore()
	r, err := backfill.NewReconciler(backfill.ReconcileConfig{
		API: objects{status: "VALIDATED"}, // a mangopay.Client
		Log: log, Store: store,
	})
	if err != nil {
		panic(err)
	}
	users := maps.All(map[string]error{"user_m_1": nil}) // backfill.KnownUsers(ctx, store, "mangopay")
	report, err := r.Run(context.Background(), users)
	fmt.Println(report.Users, "user,", report.Sessions, "session,", report.Appended, "observations", err)
	// Output: 1 user, 1 session, 4 observations <nil>
}

func ExampleReport_Beyond() {
	fmt.Println(backfill.Report{Types: []backfill.TypeReport{{Unlisted: &backfill.Span{From: 1743627006, To: 1743629999}}}}.Beyond())
	// Output: backfill: the provider lists events for 45 days, so those from 2025-04-02T20:50:06Z to 2025-04-02T21:39:59Z cannot be filled in: reconcile the known users and their sessions instead
}
