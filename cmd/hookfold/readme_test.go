//go:build unix

package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the folder in which the README's commands are typed.
const root = "../.."

// fence is one fenced block of the README.
type fence struct{ kind, text string }

// fences reads the fenced blocks of the README, in order.
func fences(t *testing.T) []fence {
	t.Helper()
	raw, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	var out []fence
	open := false
	for line := range strings.Lines(string(raw)) {
		switch {
		case strings.HasPrefix(line, "```") && open:
			open = false
		case strings.HasPrefix(line, "```"):
			open = true
			out = append(out, fence{kind: strings.TrimSpace(line[3:])})
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

func TestTheREADMEsCommandsPrintWhatItShows(t *testing.T) {
	t.Parallel()
	blocks := fences(t)
	require.Equal(t, fence{"sh", "go run ./cmd/hookfold serve\n"}, blocks[0])
	require.Equal(t, fence{"sh", "go test -race -shuffle=on ./...\n"}, blocks[1], "the test command, which runs this test")

	serve := exec.Command("sh", "-c", "exec "+blocks[0].text)
	serve.Dir, serve.Env = root, environment("HOOKFOLD_DATA="+t.TempDir())
	serve.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run passes no signal on to what it runs
	p := begin(t, serve)
	t.Cleanup(func() { _ = syscall.Kill(-serve.Process.Pid, syscall.SIGKILL) }) // it may have ended

	shown := 0
	for i, b := range blocks[2:] {
		if b.kind != "sh" {
			continue
		}
		typed := strings.ReplaceAll(b.text, "http://127.0.0.1:7701/hooks", p.ingress)
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", typed)
		cmd.Dir, cmd.Env = root, environment("HOOKFOLD_ADMIN="+p.admin)
		out, err := cmd.Output()
		require.NoError(t, err, "%s", b.text)
		if next := i + 3; next < len(blocks) && blocks[next].kind == "text" && strings.Count(b.text, "\n") == 1 {
			shown++
			assert.Equal(t, blocks[next].text, string(out), "%s", b.text)
		}
	}
	assert.Equal(t, 5, shown, "curl, get, why, list and fold show their output")
	require.NoError(t, syscall.Kill(-serve.Process.Pid, syscall.SIGTERM))
	p.wait(t)
	assert.Contains(t, p.stderr.String(), "msg=stopping")
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
