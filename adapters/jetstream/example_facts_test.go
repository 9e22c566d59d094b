package jetstream_test

import (
	"context"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// A service hears of what changed, stops, and goes on later where it was. A consumer in another language subscribes to
// hookfold.fact.<source>.<kind>.<to>.<id> and reads the same JSON; hookfold asyncapi prints its description.
func ExampleOpenFacts() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	log, nc, leave := shop(ctx)
	defer leave()

	facts, err := jetstream.OpenFacts(ctx, nc, jetstream.FactsConfig{Log: log})
	check(err)
	defer facts.Close()
	proj, err := projections.New(projections.Config{Log: log, Store: projections.NewMemoryStore(), Models: views.All(), Facts: facts})
	check(err)
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()

	place := "" // the service keeps it beside what it made of the facts
	for range 2 {
		for change, err := range facts.Watch(ctx, place) {
			check(err)
			fmt.Printf("%s: %s %q → %q by %s, late: %t\n", change.Ref.ID, change.Machine, change.From, change.To, change.Event, change.Correction)
			place = change.Place
			break
		}
		fmt.Println("the service restarts")
	}
	stop()
	<-ended
	// Output:
	// user_m_1: kyc "" → "LIGHT" by USER_KYC_LIGHT, late: false
	// the service restarts
	// user_m_1: kyc "LIGHT" → "REGULAR" by USER_KYC_REGULAR, late: false
	// the service restarts
}

// shop is a log in which two things were said of a user.
func shop(ctx context.Context) (*jetstream.Log, *nats.Conn, func()) {
	dir, err := os.MkdirTemp("", "hookfold")
	check(err)
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir})
	check(err)
	nc, err := server.Connect()
	check(err)
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	check(err)
	user := events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}
	_, err = log.Append(ctx,
		events.Event{Type: "USER_KYC_LIGHT", Ref: user, Date: 1743620000},
		events.Event{Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006},
	)
	check(err)
	return log, nc, func() { _ = log.Close(); nc.Close(); _ = server.Close(); _ = os.RemoveAll(dir) }
}
