package views_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// BenchmarkFilter reads 1,000 users to find none that fits, which is the dearest a row of a list can be.
func BenchmarkFilter(b *testing.B) {
	log := projections.NewMemoryLog("log", time.Now, 0)
	store := projections.NewMemoryStore()
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{views.Users}})
	if err != nil {
		b.Fatal(err)
	}
	var last projections.Seq
	for i := range 1000 {
		for j, t := range []events.Type{"USER_ACCOUNT_ACTIVATED", "USER_KYC_LIGHT"} {
			if last, err = log.Append(b.Context(), mangopay.Notification{Type: t, ResourceID: fmt.Sprintf("user_m_%05d", i), Date: 1743627006 + int64(j)}.Event("")); err != nil {
				b.Fatal(err)
			}
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	err = p.Wait(ctx, last)
	stop()
	if err = errors.Join(err, <-ended); !errors.Is(err, context.Canceled) {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		page, err := projections.ListDocuments(b.Context(), store, views.Users, projections.DocumentQuery{
			Source: mangopay.Source, Where: map[string]string{"user_status": "CLOSED"},
		})
		if err != nil || len(page.Documents) > 0 {
			b.Fatal(page, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
}
