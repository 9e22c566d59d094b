package postgres_test

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// One process folds; a service asks in SQL.
func ExampleOpen() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	url, _, err := shared() // postgres://user:password@host/database
	exitOn(err)
	store, err := postgres.Open(ctx, postgres.Config{URL: url, Schema: "example", Models: views.All()})
	exitOn(err)
	defer store.Close()
	log := projections.NewMemoryLog("log", time.Now, 0)
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	exitOn(err)
	ended := make(chan error)
	go func() { ended <- proj.Run(ctx) }()
	user := events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}
	seq, err := log.Append(ctx, events.Event{Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006})
	exitOn(err)
	exitOn(proj.Wait(ctx, seq))

	service, err := pgx.Connect(ctx, url)
	exitOn(err)
	var level string
	var confirmed bool
	exitOn(service.QueryRow(ctx, "SELECT kyc_level, confirmed_kyc FROM example.users WHERE source = 'mangopay' AND id = 'user_m_1'").Scan(&level, &confirmed))
	fmt.Println(level, confirmed)
	_, err = service.Exec(ctx, "DROP SCHEMA example CASCADE")
	exitOn(err)
	exitOn(service.Close(ctx))
	stop()
	<-ended
	// Output:
	// REGULAR false
}
