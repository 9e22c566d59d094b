package jetstream_test

import (
	"context"
	"fmt"
	"os"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func ExampleOpenLog() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "hookfold")
	check(err)
	defer os.RemoveAll(dir)
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir})
	check(err)
	defer server.Close()
	nc, err := server.Connect()
	check(err)
	defer nc.Close()

	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	check(err)
	defer log.Close()
	user := events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}
	seq, err := log.Append(ctx,
		events.Event{Type: "USER_KYC_LIGHT", Ref: user, Date: 1743620000},
		events.Event{Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006},
	)
	check(err)
	fmt.Println("durable up to", seq)

	cursor, err := log.Open(ctx, projections.Position{})
	check(err)
	defer cursor.Close()
	records, err := cursor.Next(ctx)
	check(err)
	for _, r := range records {
		fmt.Println(r.Seq, r.Event.Type, r.Event.Ref.ID, r.Event.Date)
	}
	// Output:
	// durable up to 2
	// 1 USER_KYC_LIGHT user_m_1 1743620000
	// 2 USER_KYC_REGULAR user_m_1 1743627006
}

func ExampleLog_Head() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "hookfold")
	check(err)
	defer os.RemoveAll(dir)
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir})
	check(err)
	defer server.Close()
	nc, err := server.Connect()
	check(err)
	defer nc.Close()
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{Stream: "SHOP", Prefix: "shop"})
	check(err)
	defer log.Close()

	e := events.Event{Type: "USER_KYC_LIGHT", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "1"}, Date: 1743620000}
	for range 3 { // a provider repeats itself
		_, err = log.Append(ctx, e)
		check(err)
	}
	head, err := log.Head(ctx)
	check(err)
	fmt.Println(head.Stream, head.Seq)
	// Output: SHOP 1
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// Enough is for readiness: it fails while everything still works.
func ExampleEnough() {
	disk := jetstream.Limit{Name: "disk", Left: 3 << 20, Size: 64 << 20} // of Log.Limits or an embedded server's
	fmt.Println(jetstream.Enough(0, disk))
	fmt.Println(jetstream.Enough(1<<20, disk))
	// Output:
	// jetstream: the log is nearly full: make room, raise the limit or archive old records before it refuses notifications (disk: 3.0 MiB of 64.0 MiB left, reserve 6.4 MiB)
	// <nil>
}
