package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

// intervalMain is hookfold on a NATS server, in the same process, that syncs only once a second.
func intervalMain() {
	server, err := embedded.Start(context.Background(), embedded.Config{Dir: os.Args[1], Sync: embedded.Interval, Listen: "127.0.0.1:0"})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(exitUnreachable)
	}
	os.Args = append([]string{"hookfold"}, append(os.Args[2:], "--nats", server.URL())...)
	main()
}
