package jetstream_test

import (
	"context"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// A platform that already publishes its notifications to NATS reads Hookfold's views in its own process, over its own stream.
func ExampleOpenForeign() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	nc, leave := acme() // your connection; the stream PAYMENTS is there and somebody publishes to acme.payments.hooks
	defer leave()

	log, err := jetstream.OpenForeign(ctx, nc, jetstream.ForeignConfig{
		Stream: "PAYMENTS", Subject: "acme.payments.hooks", Source: "mangopay", Decode: mangopay.DecodeJSON,
	})
	check(err)
	defer log.Close()
	store := projections.NewMemoryStore()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: views.All()})
	check(err)
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }() // returns only on ctx or an error worth a page

	head, err := log.Head(ctx)
	check(err)
	check(proj.Wait(ctx, head.Seq)) // everything that was there when we started
	user, err := projections.Read(store, views.Users, mangopay.Source).Get(ctx, "user_m_1")
	check(err)
	decision := views.MayReceiveFromOwner(user.Value)
	fmt.Println(decision.Allowed, decision.Basis, decision.Code, "after", len(user.History), "events")
	_, err = log.Append(ctx)
	fmt.Println(err)
	stop()
	<-ended
	// Output:
	// false claimed 002702 after 3 events
	// jetstream: stream PAYMENTS: the log is read-only: it is filled by somebody else
}

// Imported into a log of Hookfold, a foreign stream stands in one order with what the provider's API says, and outlives
// its own limits.
func ExampleImport() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	nc, leave := acme()
	defer leave()
	from, err := jetstream.OpenForeign(ctx, nc, jetstream.ForeignConfig{
		Stream: "PAYMENTS", Subject: "acme.payments.hooks", Decode: mangopay.DecodeJSON,
	})
	check(err)
	defer from.Close()
	to, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{}) // here on the same server; it may be another one
	check(err)
	defer to.Close()

	kept, passed := 0, 0
	err = jetstream.Import(ctx, jetstream.ImportConfig{From: from, To: to, Observe: func(step jetstream.Imported) {
		kept, passed = kept+step.Events, passed+step.Passed
		if step.Position.Seq == 4 {
			stop() // an import has no end of its own
		}
	}})
	fmt.Println(err)
	head, err := to.Head(context.Background())
	check(err)
	fmt.Println(kept, "kept,", passed, "passed over; our log holds", head.Seq)
	// Output:
	// context canceled
	// 3 kept, 1 passed over; our log holds 3
}

// acme is a platform with a stream of its own making.
func acme() (nc *nats.Conn, leave func()) {
	dir, err := os.MkdirTemp("", "acme")
	check(err)
	server, err := embedded.Start(context.Background(), embedded.Config{Dir: dir})
	check(err)
	nc, err = server.Connect()
	check(err)
	js, err := natsjs.New(nc)
	check(err)
	_, err = js.CreateStream(context.Background(), natsjs.StreamConfig{Name: "PAYMENTS", Subjects: []string{"acme.payments.*"}})
	check(err)
	for _, said := range []string{
		`{"EventType":"USER_CATEGORY_UPDATED_TO_PAYER","RessourceId":"user_m_1","Date":1743627006}`,
		`{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}`,
		`{"EventType":"USER_CATEGORY_UPDATED_TO_OWNER","RessourceId":"user_m_1","Date":1743620000}`, // late
		`{"EventType":"USER_KYC_LIGHT","RessourceId":"","Date":1743627006}`,                         // the dashboard's test
	} {
		_, err = js.Publish(context.Background(), "acme.payments.hooks", []byte(said))
		check(err)
	}
	return nc, func() { nc.Close(); _ = server.Close(); _ = os.RemoveAll(dir) }
}
