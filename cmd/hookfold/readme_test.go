//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the folder in which the README's commands are typed.
const root = "../.."

// fence is one fenced block of the README, with the heading that it stands under.
type fence struct{ kind, text, heading string }

// fences reads the fenced blocks of the README, in order.
func fences(t *testing.T) []fence {
	t.Helper()
	raw, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	var out []fence
	heading, open := "", false
	for line := range strings.Lines(string(raw)) {
		switch {
		case strings.HasPrefix(line, "## ") && !open:
			heading = strings.TrimSpace(line[3:])
		case strings.HasPrefix(line, "```") && open:
			open = false
		case strings.HasPrefix(line, "```"):
			open = true
			out = append(out, fence{kind: strings.TrimSpace(line[3:]), heading: heading})
		case open:
			out[len(out)-1].text += line
		}
	}
	return out
}

// environment lets the README's commands use free ports and a folder of their own, without a change to what is typed.
func environment(more ...string) []string {
	return append(os.Environ(), append([]string{"HOOKFOLD_LISTEN=127.0.0.1:0", "HOOKFOLD_ADMIN=127.0.0.1:0"}, more...)...)
}

// withProvider is the heading under which the README plays with a sandbox and a server of their own.
const withProvider = "With the provider"

// typed makes a command of what the README has typed into a shell, in a process group of its own: go run passes no signal on
// to what it runs.
func typed(text string, env []string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", text)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = root, env, &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// kill ends a process group; it may have ended.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
}

// play types the blocks of sh one by one, after replacing what real addresses need, compares what each prints with the text
// that the README shows under it, both as same makes them, and returns how many are shown.
func play(t *testing.T, blocks []fence, env []string, replace *strings.Replacer, same func(string) string) (shown int) {
	t.Helper()
	for i, b := range blocks {
		if b.kind != "sh" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", replace.Replace(b.text))
		cmd.Dir, cmd.Env = root, env
		out, err := cmd.Output()
		require.NoError(t, err, "%s", b.text)
		if i+1 < len(blocks) && blocks[i+1].kind == "text" && strings.Count(b.text, "\n") == 1 {
			shown++
			assert.Equal(t, same(blocks[i+1].text), same(string(out)), "%s", b.text)
		}
	}
	return shown
}

func TestTheREADMEsCommandsPrintWhatItShows(t *testing.T) {
	t.Parallel()
	blocks := fences(t)
	require.Equal(t, fence{kind: "sh", text: "go run ./cmd/hookfold serve\n"}, blocks[0])
	require.Equal(t, fence{kind: "sh", text: "go test -race -shuffle=on ./...\n"}, blocks[1], "the test command, which runs this test")

	serve := typed(blocks[0].text, environment("HOOKFOLD_DATA="+t.TempDir()))
	p := begin(t, serve)
	kill(t, serve)

	rest := slices.DeleteFunc(blocks[2:], func(b fence) bool { return b.heading == withProvider })
	shown := play(t, rest, environment("HOOKFOLD_ADMIN="+p.admin), strings.NewReplacer("http://127.0.0.1:7701/hooks", p.ingress), strings.Clone)
	assert.Equal(t, 5, shown, "curl, get, why, list and fold show their output")
	require.NoError(t, syscall.Kill(-serve.Process.Pid, syscall.SIGTERM))
	p.wait(t)
	assert.Contains(t, p.stderr.String(), "msg=stopping")
}

// identifier matches what the sandbox names its objects, other ones in every run.
var identifier = regexp.MustCompile(`user_m_[0-9A-Z]{26}`)

func TestTheREADMEsProviderDoesWhatItShows(t *testing.T) {
	t.Parallel()
	blocks := slices.DeleteFunc(fences(t), func(b fence) bool { return b.heading != withProvider })
	sandbox := typed(blocks[0].text, environment("HOOKFOLD_SANDBOX_LISTEN=127.0.0.1:0"))
	provider := beginSandbox(t, sandbox)
	kill(t, sandbox)

	var ingress atomic.Pointer[url.URL] // which is known only when the server runs, and the server is told it when it starts
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httputil.NewSingleHostReverseProxy(ingress.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	addresses := strings.NewReplacer("http://127.0.0.1:7702", provider.url, "http://127.0.0.1:7701", front.URL, "sandbox-data", t.TempDir())
	serve := typed(addresses.Replace(blocks[1].text), environment())
	p := begin(t, serve)
	kill(t, serve)
	u, err := url.Parse(strings.TrimSuffix(p.ingress, "/hooks"))
	require.NoError(t, err)
	ingress.Store(u)

	shown := play(t, blocks[2:], environment("HOOKFOLD_ADMIN="+p.admin, "HOOKFOLD_SANDBOX="+provider.url), strings.NewReplacer("127.0.0.1:7700", p.admin),
		func(text string) string { return identifier.ReplaceAllString(text, "user_m_ID") })
	assert.Equal(t, 3, shown, "hooks ensure, trigger and list show their output")
}

func TestTheREADMEsGoCodeIsTheExample(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("library_test.go")
	require.NoError(t, err)
	_, body, found := strings.Cut(string(raw), "func Example_library() {\n")
	require.True(t, found)
	body = strings.TrimSuffix(body, "}\n")
	for _, b := range fences(t) {
		if b.kind == "go" {
			assert.Equal(t, strings.TrimPrefix(strings.ReplaceAll("\n"+body, "\n\t", "\n"), "\n"), b.text)
			return
		}
	}
	t.Fatal("the README shows no Go code")
}
