package jetstream_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
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
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	var complaint strings.Builder
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	acked := map[projections.Seq]int{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, seq, ok := strings.Cut(lines.Text(), " ")
		number, err := strconv.Atoi(n)
		sequence, err2 := strconv.ParseUint(seq, 10, 64)
		if !ok || err != nil || err2 != nil {
			break // the line that the kill cut
		}
		acked[projections.Seq(sequence)] = number
		if len(acked) == after {
			require.NoError(t, child.Process.Kill())
		}
	}
	require.Error(t, child.Wait())
	require.GreaterOrEqual(t, len(acked), after, complaint.String())
	return acked
}

func TestDirectoryOfARunningProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server, err := embedded.Start(t.Context(), embedded.Config{Dir: dir})
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := child.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "another hookfold uses this directory")
	require.Contains(t, string(out), "process "+strconv.Itoa(os.Getpid()))
	require.NoError(t, server.Close())
}
