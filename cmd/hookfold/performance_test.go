package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// typedCommands finds the commands of a document, in blocks and in sentences.
var typedCommands = regexp.MustCompile("go (?:run \\./cmd/hookfold|test) [^`\n]+")

func TestThePERFORMANCEmdsCommandsExist(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(root + "/PERFORMANCE.md")
	require.NoError(t, err)
	commands := typedCommands.FindAllString(string(raw), -1)
	require.Greater(t, len(commands), 3)
	for _, typed := range commands {
		words := strings.Fields(strings.ReplaceAll(typed, "'", ""))
		if words[1] == "run" {
			parses(t, words[3:])
			continue
		}
		benchmarks(t, words[2:])
	}
}

// parses holds that the command line takes these words.
func parses(t *testing.T, words []string) {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Bind(env{}))
	require.NoError(t, err)
	_, err = parser.Parse(words)
	assert.NoError(t, err, "%v", words)
}

// benchmarks holds that a package has a benchmark whose name the words ask for.
func benchmarks(t *testing.T, words []string) {
	t.Helper()
	dir, pattern := "", ""
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "./"):
			dir = filepath.Join(root, w)
		case w == "-bench":
			pattern = words[i+1]
		}
	}
	require.NotEmpty(t, dir, "%v", words)
	require.NotEmpty(t, pattern, "%v", words)
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	code := ""
	for _, f := range files {
		raw, err := os.ReadFile(f)
		require.NoError(t, err)
		code += string(raw)
	}
	assert.Regexp(t, `(?m)^func Benchmark\w*`+strings.TrimSuffix(pattern, "$"), code, "%v", words)
}
