package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/projections"
)

// patience bounds every wait of these tests for a process; nothing waits for it to pass.
const patience = 60 * time.Second

// The notification of S4.
const (
	s4User  = "user_m_01JQVHDG0S0TJP5KFX029211BF"
	s4Query = "EventType=USER_ACCOUNT_ACTIVATED&RessourceId=" + s4User + "&Date=1743627006"
)

// process is a hookfold serve of its own.
type process struct {
	cmd     *exec.Cmd
	ingress string // URL
	admin   string // host:port
	stderr  *transcript
	stdout  *transcript
	ended   chan struct{}
}

// transcript keeps what a process says and closes found at the line that tells its addresses.
type transcript struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan []string
}

// serving matches the line that tells the real addresses, whatever ports were asked for.
var serving = regexp.MustCompile(`msg=serving ingress=(https?://\S+) read_api=https?://(\S+)/v1 durability=`)

// take reads to the end.
func (s *transcript) take(from io.Reader) {
	for in := bufio.NewScanner(from); in.Scan(); {
		s.mu.Lock()
		s.text.WriteString(in.Text() + "\n")
		s.mu.Unlock()
		if m := serving.FindStringSubmatch(in.Text()); m != nil {
			s.found <- m
		}
	}
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// serveIn starts hookfold serve on free ports and returns when it listens.
func serveIn(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	args = append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, args...)
	return begin(t, exec.Command("hookfold", args...))
}

// begin starts a command that serves.
func begin(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{
		cmd: cmd, ended: make(chan struct{}),
		stderr: &transcript{found: make(chan []string, 1)}, stdout: &transcript{found: make(chan []string, 1)},
	}
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	go func() {
		defer close(p.ended)
		var both sync.WaitGroup
		both.Go(func() { p.stderr.take(stderr) })
		both.Go(func() { p.stdout.take(stdout) })
		both.Wait()
		_ = cmd.Wait() // cmd.ProcessState tells
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-p.ended
	})
	select {
	case m := <-p.stderr.found:
		p.ingress, p.admin = m[1], m[2]
	case <-p.ended:
		t.Fatalf("the process ended: %s", p.stderr)
	case <-time.After(patience):
		t.Fatalf("the process does not listen: %s", p.stderr)
	}
	return p
}

// wait returns the exit code of a process that was told to stop; -1 if it was killed.
func (p *process) wait(t testing.TB) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("the process does not end: %s", p.stderr)
	}
	return p.cmd.ProcessState.ExitCode()
}

// stop sends SIGTERM and expects a clean end.
func (p *process) stop(t testing.TB) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Equal(t, exitDone, p.wait(t), "SIGTERM is a clean end: %s", p.stderr)
}

// kill sends SIGKILL.
func (p *process) kill(t testing.TB) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(os.Kill))
	p.wait(t)
}

// send asks the ingress, at its own path followed by more.
func (p *process) send(t testing.TB, method, more string) (int, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, p.ingress+more, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode, res.Header
}

// notify sends a notification that must be kept.
func (p *process) notify(t testing.TB, query string) {
	t.Helper()
	status, header := p.send(t, http.MethodGet, "?"+query)
	require.Equal(t, http.StatusOK, status)
	require.NotEmpty(t, header.Get("Hookfold-Seq"))
}

// document is what tests look at in a document.
type document struct {
	UserStatus string             `json:"user_status"`
	KYCLevel   string             `json:"kyc_level"`
	History    []projections.Line `json:"history"`
}

// user reads a user's document from /v1.
func (p *process) user(t testing.TB, id string) document {
	t.Helper()
	status, body := p.read(t, "/v1/users/"+url.PathEscape(id))
	require.Equal(t, http.StatusOK, status, "%s: %s", id, body)
	var d document
	require.NoError(t, json.Unmarshal(body, &d))
	return d
}

// read asks the read API.
func (p *process) read(t testing.TB, path string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.admin+path, nil)
	require.NoError(t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, body
}

// command runs a hookfold command to its end.
func command(t testing.TB, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "hookfold", args...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	_ = cmd.Run() // the exit code tells
	return result{cmd.ProcessState.ExitCode(), out.String(), err.String()}
}
