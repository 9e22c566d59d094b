//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// systemCall is one call of the system that wrote or synced a file or a socket. Its moments are lines of the trace.
type systemCall struct {
	name, file, data string
	begun, ended     int
	done             bool // without an error
}

var (
	callBegins  = regexp.MustCompile(`^(\d+) +\S+ (\w+)\(\d+<([^>]*)>(.*)$`)
	callResumes = regexp.MustCompile(`^(\d+) +\S+ <\.\.\. \w+ resumed>(.*)$`)
	callFailed  = regexp.MustCompile(` = (\?|-\d+ .*)$`)
)

// readTrace reads what strace wrote. A call during which others ran is told on two lines.
func readTrace(t testing.TB, file string) []*systemCall {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var all []*systemCall
	under := map[string]*systemCall{} // by thread
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for line := 0; in.Scan(); line++ {
		text := in.Text()
		if m := callResumes.FindStringSubmatch(text); m != nil && under[m[1]] != nil {
			c := under[m[1]]
			c.ended, c.done = line, !callFailed.MatchString(text)
			delete(under, m[1])
			continue
		}
		m := callBegins.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		c := &systemCall{name: m[2], file: m[3], data: m[4], begun: line, ended: line}
		all = append(all, c)
		if strings.HasSuffix(text, "<unfinished ...>") {
			under[m[1]] = c
			continue
		}
		c.done = !callFailed.MatchString(text)
	}
	require.NoError(t, in.Err())
	return all
}

// find returns the first call after a moment that a condition holds for.
func find(calls []*systemCall, after int, holds func(*systemCall) bool) *systemCall {
	for _, c := range calls {
		if c.begun > after && c.done && holds(c) {
			return c
		}
	}
	return nil
}

// unproven tells what is missing for a 200 to have been durable before it left: the notification's bytes in a write to
// a block of the log's stream, and a sync of that file that began after this write had ended, and had ended before the
// write of the answer began. "" is a proof.
func unproven(calls []*systemCall, id, seq string) string {
	answer := find(calls, -1, func(c *systemCall) bool {
		return strings.HasPrefix(c.file, "socket:") && strings.Contains(c.data, "HTTP/1.1 200 ") && strings.Contains(c.data, `Hookfold-Seq: `+seq+`\r\n`)
	})
	if answer == nil {
		return "no 200 with its sequence was written"
	}
	stored := find(calls, -1, func(c *systemCall) bool { return strings.HasSuffix(c.file, ".blk") && strings.Contains(c.data, id) })
	if stored == nil || stored.ended > answer.begun {
		return "it was not written before the answer"
	}
	synced := find(calls, stored.ended, func(c *systemCall) bool {
		return (c.name == "fsync" || c.name == "fdatasync") && c.file == stored.file && c.ended < answer.begun
	})
	if synced == nil {
		return "no sync between its write and the answer"
	}
	return ""
}

// The load of a trace.
const (
	oneByOne  = 16
	atOnce    = 8 // callers
	perCaller = 4
)

// traced runs a command that serves under strace, sends notifications one by one and many at once, and returns which of
// the 200s are proven, and what the others lack.
func traced(t *testing.T, command ...string) (proven int, lacking []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace")
	args := []string{"-D", "-f", "-tt", "-y", "-s", "8192", "-e", "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync", "-o", file}
	p := begin(t, exec.Command("strace", append(args, command...)...))
	seqs := sendAll(t, p.ingress)
	p.stop(t) // and with it strace, which has written everything then
	calls := readTrace(t, file)
	for id, seq := range seqs {
		if why := unproven(calls, id, seq); why != "" {
			lacking = append(lacking, id+": "+why)
			continue
		}
		proven++
	}
	return proven, lacking
}

// sendAll sends the load, and returns the sequence that each notification was answered with.
func sendAll(t *testing.T, ingress string) map[string]string {
	var mu sync.Mutex
	seqs := map[string]string{}
	send := func(n int) {
		id := fmt.Sprintf("traced%04d", n)
		res, err := http.Get(ingress + "?EventType=USER_KYC_LIGHT&Date=1743627006&RessourceId=" + id)
		if !assert.NoError(t, err) {
			return
		}
		_ = res.Body.Close()
		assert.Equal(t, http.StatusOK, res.StatusCode)
		mu.Lock()
		defer mu.Unlock()
		seqs[id] = res.Header.Get("Hookfold-Seq")
	}
	for n := range oneByOne {
		send(n)
	}
	var all sync.WaitGroup
	for caller := range atOnce {
		all.Go(func() {
			for n := range perCaller {
				send(oneByOne + caller*perCaller + n)
			}
		})
	}
	all.Wait()
	require.Len(t, seqs, oneByOne+atOnce*perCaller)
	return seqs
}

// straceThere tells, loudly if not, whether calls of the system can be traced here.
func straceThere(t *testing.T) bool {
	out, err := exec.Command("strace", "-D", "-o", "/dev/null", "true").CombinedOutput()
	if err != nil {
		line := fmt.Sprintf("NOT SHOWN: that a sync lies between the write and each 200 (law 5). It needs strace: apt-get install strace. %v %s", err, out)
		t.Log(line)
		_, _ = fmt.Fprintln(os.Stderr, line)
	}
	return err == nil
}

// TestLaw5_ASyncLiesBetweenTheWriteAndEach200 looks at what the process asks of the kernel: a killed process proves
// nothing about a power cut, because the page cache survives it.
func TestLaw5_ASyncLiesBetweenTheWriteAndEach200(t *testing.T) {
	t.Parallel()
	if !straceThere(t) {
		return
	}
	const total = oneByOne + atOnce*perCaller
	proven, lacking := traced(t, "hookfold", "serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	assert.Empty(t, lacking)
	t.Logf("always: %d of %d 200s came after a sync of what they promise", proven, total)

	// The same eyes must see where it is not so.
	proven, lacking = traced(t, "hookfold-interval", t.TempDir(), "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	assert.NotEmpty(t, lacking, "in interval mode a 200 leaves before the sync")
	for _, l := range lacking {
		assert.Contains(t, l, "no sync between")
	}
	t.Logf("interval: %d of %d did", proven, total)
}

func TestATraceIsReadAsItHappened(t *testing.T) {
	t.Parallel()
	const (
		write  = `1 10:00:00.0 pwrite64(8</d/1.blk>, "traced0001", 9, 0) = 9`
		sync   = `1 10:00:00.0 fsync(8</d/1.blk>) = 0`
		answer = `2 10:00:00.0 write(9<socket:[1]>, "HTTP/1.1 200 OK\r\nHookfold-Seq: 7\r\n\r\n", 9) = 9`
	)
	for name, c := range map[string]struct {
		lines []string
		want  string
	}{
		"write, sync, answer":       {[]string{write, sync, answer}, ""},
		"write, sync by data":       {[]string{write, strings.Replace(sync, "fsync", "fdatasync", 1), answer}, ""},
		"two lines each":            {[]string{strings.Replace(write, ") = 9", " <unfinished ...>", 1), `3 10:00:00.0 fsync(8</d/2.blk>) = 0`, `1 10:00:00.0 <... pwrite64 resumed>) = 9`, `1 10:00:00.0 fsync(8</d/1.blk> <unfinished ...>`, `1 10:00:00.0 <... fsync resumed>) = 0`, answer}, ""},
		"no sync":                   {[]string{write, answer}, "no sync between its write and the answer"},
		"a sync before":             {[]string{sync, write, answer}, "no sync between its write and the answer"},
		"a sync after":              {[]string{write, answer, sync}, "no sync between its write and the answer"},
		"a sync of another file":    {[]string{write, strings.Replace(sync, "1.blk", "2.blk", 1), answer}, "no sync between its write and the answer"},
		"a sync that failed":        {[]string{write, strings.Replace(sync, "= 0", "= -1 EIO (Input/output error)", 1), answer}, "no sync between its write and the answer"},
		"a sync that has not ended": {[]string{write, `1 10:00:00.0 fsync(8</d/1.blk> <unfinished ...>`, answer, `1 10:00:00.0 <... fsync resumed>) = 0`}, "no sync between its write and the answer"},
		"a sync during the write":   {[]string{strings.Replace(write, ") = 9", " <unfinished ...>", 1), strings.Replace(sync, "1 ", "3 ", 1), `1 10:00:00.0 <... pwrite64 resumed>) = 9`, answer}, "no sync between its write and the answer"},
		"an answer before":          {[]string{answer, write, sync}, "it was not written before the answer"},
		"no write":                  {[]string{sync, answer}, "it was not written before the answer"},
		"a write that failed":       {[]string{strings.Replace(write, "= 9", "= -1 ENOSPC (No space left on device)", 1), sync, answer}, "it was not written before the answer"},
		"no answer":                 {[]string{write, sync, strings.Replace(answer, "Seq: 7", "Seq: 77", 1)}, "no 200 with its sequence was written"},
	} {
		file := filepath.Join(t.TempDir(), "trace")
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(c.lines, "\n")+"\n"), 0o600))
		assert.Equal(t, c.want, unproven(readTrace(t, file), "traced0001", "7"), name)
	}
}
