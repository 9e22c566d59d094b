package jetstream_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
)

// These name the directory of our log and the platform's server for a child process that imports until it is killed.
const (
	importEnv   = "HOOKFOLD_TEST_IMPORT_UNTIL_KILLED"
	platformEnv = "HOOKFOLD_TEST_IMPORT_FROM"
)

// importUntilKilled is the child: it imports and tells each step.
func importUntilKilled(dir, url string) {
	ctx := context.Background()
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir})
	exitOn(err)
	own, err := server.Connect()
	exitOn(err)
	theirs, err := nats.Connect(url)
	exitOn(err)
	ours, err := jetstream.OpenLog(ctx, own, jetstream.LogConfig{})
	exitOn(err)
	from, err := jetstream.OpenForeign(ctx, theirs, jetstream.ForeignConfig{
		Stream: "PAYMENTS", Subject: hooks, Decode: mangopay.DecodeJSON, Batch: 20,
	})
	exitOn(err)
	exitOn(jetstream.Import(ctx, jetstream.ImportConfig{
		From: from, To: ours, Observe: func(step jetstream.Imported) { fmt.Println(step.Position.Seq) },
	}))
}

func TestLaw5_AnImportThatIsKilledLeavesNothingOut(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, natsjs.StreamConfig{})
	const n = 2000
	p.publish(hooks, messages(0, n)...)
	dir := t.TempDir()
	for round := range 5 {
		child := killtest.Begin(t, importEnv+"="+dir, platformEnv+"="+p.server.URL())
		for range 4 + 3*round {
			t.Logf("round %d: imported up to %s", round, child.Await(""))
		}
		child.Kill()
	}
	ours := newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval}).open(jetstream.LogConfig{})
	importing(t, jetstream.ImportConfig{From: p.foreign(jetstream.ForeignConfig{}), To: ours}, until(n))
	seen := map[uint64]bool{}
	var first []projections.Record // of each message, its first copy
	for _, r := range asTheirs(all(t, ours)) {
		if !seen[r.Event.Delivery.Attempt] {
			seen[r.Event.Delivery.Attempt] = true
			first = append(first, r)
		}
	}
	requireMessages(t, first, 0, n)
}
