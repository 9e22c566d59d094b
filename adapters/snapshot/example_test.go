package snapshot_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hookfold/hookfold/adapters/snapshot"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// A process that starts again goes on from where the one before was closed.
func ExampleOpen() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "hookfold")
	exitOn(err)
	defer os.RemoveAll(dir)
	log := projections.NewMemoryLog("log", time.Now, 0) // usually jetstream.OpenLog: one that is there again as well
	user := events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}
	seq, err := log.Append(ctx, events.Event{Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006})
	exitOn(err)

	c := snapshot.Config{Dir: dir, Log: log, Models: views.All(), Every: time.Minute}
	store, err := snapshot.Open(ctx, c)
	exitOn(err)
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	exitOn(err)
	folding, stop := context.WithCancel(ctx)
	ended := make(chan error)
	go func() { ended <- proj.Run(folding) }()
	exitOn(proj.Wait(ctx, seq))
	stop()
	<-ended
	exitOn(store.Close())

	again, err := snapshot.Open(ctx, c)
	exitOn(err)
	stands, err := again.Checkpoint(ctx, views.Users.ID(), 0)
	exitOn(err)
	doc, err := projections.ReadDocument(ctx, again, views.Users, "mangopay", "user_m_1", projections.AsOf{})
	exitOn(err)
	fmt.Println(stands.Position.Seq, again.Refused())
	fmt.Println(string(doc.JSON[:60]))
	exitOn(again.Close())
	// Output:
	// 1 <nil>
	// {"kind":"user","id":"user_m_1","source":"mangopay","user_sta
}
