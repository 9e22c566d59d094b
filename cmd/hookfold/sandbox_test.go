//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// playing matches the line by which a sandbox tells its real address.
var playing = regexp.MustCompile(`msg=sandbox url=(http://\S+) `)

// sandboxProcess is a hookfold sandbox of its own.
type sandboxProcess struct {
	cmd   *exec.Cmd
	url   string
	ended chan struct{}
}

// sandboxWith starts hookfold sandbox on a free port and returns when it listens.
func sandboxWith(t testing.TB, args ...string) *sandboxProcess {
	t.Helper()
	return beginSandbox(t, exec.Command("hookfold", append([]string{"sandbox", "--listen", "127.0.0.1:0"}, args...)...))
}

// beginSandbox starts a command that plays the provider.
func beginSandbox(t testing.TB, cmd *exec.Cmd) *sandboxProcess {
	t.Helper()
	s := &sandboxProcess{cmd: cmd, ended: make(chan struct{})}
	stderr, err := s.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, s.cmd.Start())
	found := make(chan string, 1)
	go func() {
		defer close(s.ended)
		for in := bufio.NewScanner(stderr); in.Scan(); {
			if m := playing.FindStringSubmatch(in.Text()); m != nil {
				found <- m[1]
			}
		}
		_ = s.cmd.Wait() // cmd.ProcessState tells
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it may have ended
		<-s.ended
	})
	select {
	case s.url = <-found:
	case <-s.ended:
		t.Fatal("the sandbox ended")
	case <-time.After(patience):
		t.Fatal("the sandbox does not listen")
	}
	return s
}

// stop sends SIGTERM and expects a clean end.
func (s *sandboxProcess) stop(t testing.TB) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("the sandbox does not end")
	}
	require.Equal(t, exitDone, s.cmd.ProcessState.ExitCode())
}

func TestScenariosArePlayedAgainstASandboxOfItsOwn(t *testing.T) {
	t.Parallel()
	s := sandboxWith(t, "--seed", "7", "--production", "--client-id", "shop", "--api-key", "c4n4ry")
	creds := []string{"--sandbox", s.url, "--client-id", "shop", "--api-key", "c4n4ry"}
	for _, name := range []string{"natural-user-verified", "hook-invalid-and-revived", "sca-expired-then-succeeded"} {
		r := call(t, nil, append([]string{"trigger", name}, creds...)...)
		require.Equal(t, exitDone, r.code, r.err)
		assert.Contains(t, r.out, name+": ")
		assert.Regexp(t, `(?m)^  ok      POST /sca/users/natural$`, r.out)
		assert.Regexp(t, `(?m)^  over    operate hooks/ensure$`, r.out)
		assert.Regexp(t, `\n\n\d+ steps, all as told; \d+ passed over, because there is no read API: give --admin\n$`, r.out)
		assert.Empty(t, r.err)
	}
	wrong := call(t, nil, "trigger", "closed-user", "--sandbox", strings.TrimPrefix(s.url, "http://"), "--client-id", "shop", "--api-key", "other")
	assert.Equal(t, exitUnreachable, wrong.code)
	assert.Contains(t, wrong.err, "no token for these credentials, the answer is 401")
	assert.NotContains(t, wrong.err, "other")
	s.stop(t)
	gone := call(t, nil, append([]string{"trigger", "closed-user"}, creds...)...)
	assert.Equal(t, exitUnreachable, gone.code)
}

func TestAScenarioThatIsNotTrueIsBadInput(t *testing.T) {
	t.Parallel()
	s := sandboxWith(t, "--speed", "0")
	file := filepath.Join(t.TempDir(), "mine.txt")
	require.NoError(t, os.WriteFile(file, []byte("Mine\n\nWhat it tells.\n---\n# Nobody knows it.\nGET /users/nobody\n  answers 200\n"), 0o600))
	r := call(t, nil, "trigger", file, "--sandbox", s.url)
	assert.Equal(t, exitBadInput, r.code)
	assert.Contains(t, r.out, "\nNobody knows it.\n  FAILED  GET /users/nobody\n")
	assert.Contains(t, r.err, ":6: GET /users/nobody: it is not as the story tells it: the answer is 404: ressource_not_found")
}

func TestTheClockOfTheSandboxBeginsBehindOurs(t *testing.T) {
	t.Parallel()
	s := sandboxWith(t, "--speed", "0", "--behind", "1h")
	res, err := http.Get(s.url + "/_sandbox/clock")
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	var clock struct{ Unix int64 }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&clock))
	behind := time.Since(time.Unix(clock.Unix, 0))
	assert.GreaterOrEqual(t, behind, time.Hour)
	assert.Less(t, behind, time.Hour+patience)
	s.stop(t)
}
