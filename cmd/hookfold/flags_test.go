//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The marks between which the README's table of flags stands.
const (
	flagsBegin = "<!-- flags of serve: checked by a test -->\n"
	flagsEnd   = "<!-- end of flags -->\n"
)

// flagTable renders the flags of a command, as the README shows them.
func flagTable(t *testing.T, command string) string {
	t.Helper()
	parser, err := newParser(&cli{}, env{})
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| flag | variable | default | what |\n|---|---|---|---|\n")
	for _, node := range parser.Model.Children {
		if node.Name != command {
			continue
		}
		for _, f := range node.Flags {
			fmt.Fprintf(&b, "| `--%s` | `%s` | %s | %s |\n", f.Name, strings.Join(f.Envs, " "), shownDefault(f), help(f))
		}
	}
	return b.String()
}

func shownDefault(f *kong.Flag) string {
	if f.Default == "" || f.IsBool() {
		return ""
	}
	return "`" + f.Default + "`"
}

// help is a flag's help, with its values in place.
func help(f *kong.Flag) string { return strings.ReplaceAll(f.Help, "${enum}", f.Enum) }

func TestTheREADMEsTableOfFlagsIsThatOfServe(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(root + "/README.md")
	require.NoError(t, err)
	_, rest, begins := strings.Cut(string(readme), flagsBegin)
	require.True(t, begins, "the README has no %s", flagsBegin)
	table, _, ends := strings.Cut(rest, flagsEnd)
	require.True(t, ends, "the README has no %s", flagsEnd)
	assert.Equal(t, flagTable(t, "serve"), table)
}

// What documents show in code: commands of hookfold, flags of anything, and, in brackets, links to files of ours.
var (
	codeSpan = regexp.MustCompile("(?s)```.*?```|`[^`]+`")
	flagWord = regexp.MustCompile(`(?:^|[\s` + "`" + `])--([a-z][a-z-]+)`)
	fileLink = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// flags are the names of the flags of a command and all below it.
func flags(node *kong.Node, into map[string]bool) {
	for _, f := range node.Flags {
		into[f.Name] = true
	}
	for _, child := range node.Children {
		flags(child, into)
	}
}

func TestEveryFlagAndFileThatTheDocumentsNameIsThere(t *testing.T) {
	t.Parallel()
	parser, err := newParser(&cli{}, env{})
	require.NoError(t, err)
	known := map[string]bool{}
	flags(parser.Model.Node, known)
	seen := 0
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "PERFORMANCE.md", "adapters/mangopay/sandbox/sdk/README.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		for _, code := range codeSpan.FindAllString(string(text), -1) {
			for _, flag := range flagWord.FindAllStringSubmatch(code, -1) {
				seen++
				assert.True(t, known[flag[1]], "%s names --%s, which no command of hookfold has", name, flag[1])
			}
		}
		for _, link := range fileLink.FindAllStringSubmatch(string(text), -1) {
			seen++
			assert.FileExists(t, filepath.Join(root, filepath.Dir(name), link[1]), name)
		}
	}
	assert.Greater(t, seen, 50, "the documents name flags and files")
}
