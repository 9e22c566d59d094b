package jetstream_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/internal/killtest"
	"github.com/hookfold/hookfold/projections"
)

// childEnv names the directory in which a child process appends until it is killed.
const childEnv = "HOOKFOLD_TEST_APPEND_UNTIL_KILLED"

// appendUntilKilled is the child: 16 callers append without end and tell each acknowledgement.
func appendUntilKilled(dir string) {
	ctx := context.Background()
	server, err := embedded.Start(ctx, embedded.Config{Dir: dir})
	exitOn(err)
	nc, err := server.Connect()
	exitOn(err)
	log, err := jetstream.OpenLog(ctx, nc, jetstream.LogConfig{})
	exitOn(err)
	head, err := log.Head(ctx)
	exitOn(err)
	var mu sync.Mutex
	next := int(head.Seq)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				seq, err := log.Append(ctx, event(n))
				exitOn(err)
				fmt.Printf("%d %d\n", n, seq)
			}
		})
	}
	wg.Wait()
}

// exitOn ends the child with a message on the first error.
func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestLaw5_KilledProcessLosesNothingThatWasAcknowledged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stored projections.Seq
	for round := range 5 {
		acked := killUnderLoad(t, dir, 100+50*round)
		s := newSite(t, embedded.Config{Dir: dir})
		log := s.open(jetstream.LogConfig{})
		head, err := log.Head(t.Context())
		require.NoError(t, err)
		require.Greater(t, head.Seq, stored)
		stored = head.Seq
		records, err := read(t, cursor(t, log, projections.Position{}), int(head.Seq))
		require.NoError(t, err)
		for seq, n := range acked {
			require.LessOrEqual(t, seq, head.Seq, "round %d: acknowledged and lost", round)
			require.Equal(t, event(n), records[seq-1].Event, "round %d, sequence %d", round, seq)
		}
		s.nc.Close()
		s.stop()
	}
}

// killUnderLoad starts a child, kills it after a number of acknowledgements, and returns all that it told.
func killUnderLoad(t *testing.T, dir string, after int) map[projections.Seq]int {
	t.Helper()
	child := killtest.Begin(t, childEnv+"="+dir)
	acked := map[projections.Seq]int{}
	note := func(line string) {
		n, seq, _ := strings.Cut(line, " ")
		number, err := strconv.Atoi(n)
		require.NoError(t, err, line)
		sequence, err := strconv.ParseUint(seq, 10, 64)
		require.NoError(t, err, line)
		acked[projections.Seq(sequence)] = number
	}
	for len(acked) < after {
		note(child.Await(""))
	}
	for _, line := range child.Kill() {
		note(line)
	}
	return acked
}

func TestDirectoryOfARunningProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	require.NoError(t, err)
	complaint := killtest.Begin(t, childEnv+"="+dir).Fail()
	require.Contains(t, complaint, "another hookfold uses this directory")
	require.Contains(t, complaint, "process "+strconv.Itoa(os.Getpid()))
	require.NoError(t, server.Close())
}
