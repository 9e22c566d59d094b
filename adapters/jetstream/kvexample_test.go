package jetstream_test

import (
	"context"
	"fmt"
	"os"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// One process folds, and any other one reads: all that it needs is a connection.
func ExampleOpenStore() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	dir, err := os.MkdirTemp("", "hookfold")
	check(err)
	defer os.RemoveAll(dir)
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir, Listen: "127.0.0.1:0"})
	check(err)
	defer server.Close()
	nc, err := server.Connect()
	check(err)
	defer nc.Close()
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	check(err)
	defer log.Close()
	store, err := jetstream.OpenStore(ctx, nc, jetstream.StoreConfig{})
	check(err)
	defer store.Close()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	check(err)
	ended := make(chan error)
	go func() { ended <- proj.Run(ctx) }()
	user := events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}
	seq, err := log.Append(ctx, events.Event{Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006})
	check(err)
	check(proj.Wait(ctx, seq))

	elsewhere, err := server.Connect() // or nats.Connect(url), in another process
	check(err)
	defer elsewhere.Close()
	reading, err := jetstream.OpenStore(ctx, elsewhere, jetstream.StoreConfig{})
	check(err)
	defer reading.Close()
	doc, err := projections.ReadDocument(ctx, reading, views.Users, "mangopay", "user_m_1", projections.AsOf{})
	check(err)
	fmt.Println(string(doc.JSON[:60]))
	view, err := projections.Read(reading, views.Users, "mangopay").Get(ctx, "user_m_1")
	check(err)
	fmt.Println(view.Seq, len(view.History))
	stop()
	<-ended
	// Output:
	// {"kind":"user","id":"user_m_1","source":"mangopay","user_sta
	// 1 1
}
