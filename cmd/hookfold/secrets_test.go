//go:build unix

package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

// secrets are canaries, one of each kind that the program is given.
type secrets struct {
	token, admin, nats string
	key                []string // the lines of a key file
}

// env is how the program is given them.
func (s secrets) env(natsHost string) []string {
	return append(os.Environ(), "HOOKFOLD_TOKEN="+s.token, "HOOKFOLD_ADMIN_TOKEN="+s.admin, "HOOKFOLD_NATS=nats://me:"+s.nats+"@"+natsHost)
}

// in fails where one of them is in what was written.
func (s secrets) in(t *testing.T, written, where string) {
	t.Helper()
	for _, canary := range append([]string{s.token, s.admin, s.nats}, s.key...) {
		if strings.Contains(written, canary) {
			t.Errorf("%s shows %q", where, canary)
		}
	}
}

// TestSecretsAreNeverPrinted gives the program every secret that it can be given, goes through what it can say with them,
// good and bad, up to the stacks of all goroutines, and searches everything that it wrote.
func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	s := secrets{token: "c4n4ry-token-51a9", admin: "c4n4ry-admin-82f1", nats: "c4n4ry-nats-7c3d"}
	a := newAuthority(t)
	cert, keyFile := a.issue(t, "server")
	raw, err := os.ReadFile(keyFile)
	require.NoError(t, err)
	s.key = strings.Split(strings.TrimSpace(string(raw)), "\n")[1:]
	s.key = s.key[:len(s.key)-1]
	require.NotEmpty(t, s.key)
	block, _ := pem.Decode(raw)
	s.key = append(s.key, string(block.Bytes))

	nats, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = nats.Close() })
	host := strings.TrimPrefix(nats.URL(), "nats://")

	s.commands(t, cert, keyFile)

	cmd := exec.Command("hookfold", "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", keyFile)
	cmd.Env = s.env(host)
	p := begin(t, cmd)
	ingress := strings.TrimSuffix(p.ingress, "/***")
	s.talk(t, a.client(t), ingress, "http://"+p.admin, http.StatusOK)
	require.NoError(t, nats.Close())
	s.talk(t, a.client(t), ingress, "http://"+p.admin, http.StatusServiceUnavailable)
	require.NoError(t, cmd.Process.Signal(syscall.SIGQUIT))
	assert.NotEqual(t, exitDone, p.wait(t))
	assert.Contains(t, p.stderr.String(), "was not stored")
	assert.Contains(t, p.stderr.String(), "goroutine ", "the stacks were written")
	s.in(t, p.stderr.String()+p.stdout.String(), "the server")
}

// commands are calls that end by themselves, most of them because something is wrong.
func (s secrets) commands(t *testing.T, cert, key string) {
	dir := t.TempDir()
	serve := []string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}
	for code, calls := range map[int][][]string{
		exitDone: {{"--help"}, {"serve", "--help"}, {"get", "--help"}, {"why", "--help"}, {"version"}},
		exitUsage: {
			{"serve", "--nonsense"}, {"serve", "--allow", "nonsense"}, {"serve", "--tokn", s.token}, {"serve", "--tokn=" + s.token},
			{"serve", "--production", "--admin", "0.0.0.0:0"}, {"serve", "--tls-cert", cert},
			append(serve, "--tls-cert", key, "--tls-key", key), append(serve, "--tls-cert", cert, "--tls-key", cert),
		},
		exitUnreachable: {serve, {"get", "x", "--admin", "127.0.0.1:1"}, {"why", "x", "--admin", "127.0.0.1:1"}},
	} {
		for _, args := range calls {
			cmd := exec.Command("hookfold", args...)
			cmd.Env = s.env("127.0.0.1:1") // where nobody is
			out, err := cmd.CombinedOutput()
			assert.Equal(t, code, cmd.ProcessState.ExitCode(), "%v: %v: %s", args, err, out)
			s.in(t, string(out), strings.Join(args, " "))
		}
	}
}

// talk asks a server everything there is, with and without the secrets.
func (s secrets) talk(t *testing.T, client *http.Client, ingress, admin string, want int) {
	status, header, body := look(t, client, ingress+"/"+s.token+"?"+s4Query, "")
	assert.Equal(t, want, status)
	s.in(t, fmt.Sprint(header, body), "the ingress")
	for _, more := range []string{"", "/", "/wrong", "/" + s.token, "/" + s.token + "x?" + s4Query, "/" + s.token + "?EventType=USER_KYC_LIGHT&RessourceId=x&Date=" + s.token} {
		_, header, body := look(t, client, ingress+more, "")
		s.in(t, fmt.Sprint(header, body), "the ingress at "+more)
	}
	for _, token := range []string{"", "wrong", s.admin} {
		for _, path := range []string{"/healthz", "/readyz", "/metrics", "/v1/users/" + s4User, "/v1/hooks/USER_ACCOUNT_ACTIVATED", "/nowhere"} {
			_, header, body := look(t, http.DefaultClient, admin+path, token)
			s.in(t, fmt.Sprint(header, body), "the read API at "+path)
		}
	}
}
