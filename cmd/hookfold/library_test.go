package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// Example_library is the Go code of the README.
func Example_library() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()

	log := projections.NewMemoryLog("demo", time.Now, 0) // on NATS: jetstream.OpenLog
	store := projections.NewMemoryStore()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	if err != nil {
		panic(err)
	}
	go func() { _ = proj.Run(ctx) }()

	door, err := webhook.New(webhook.Config{Log: log}) // an http.Handler, for your server
	if err != nil {
		panic(err)
	}
	door.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet,
		"/hooks?EventType=USER_CATEGORY_UPDATED_TO_PAYER&RessourceId=user_m_1&Date=1743627006", nil))

	_ = proj.Wait(ctx, 1) // read your own write
	user, err := projections.Read(store, views.Users, mangopay.Source).Get(ctx, "user_m_1")
	if err != nil {
		panic(err)
	}
	decision := views.MayReceiveFromOwner(user.Value)
	fmt.Println(decision.Allowed, decision.Basis, decision.Code)
	// Output: false claimed 002702
}
