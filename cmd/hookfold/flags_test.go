//go:build unix

package main

import (
	"fmt"
	"os"
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
