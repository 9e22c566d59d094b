package house

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The two commands that a newcomer meets first. The second is also what the repository's own check runs.
const (
	firstCommand  = "go run ./cmd/hookfold serve"
	secondCommand = "go test -race -shuffle=on ./..."
)

// commands returns the commands of every fenced sh block of a Markdown text, in order. Empty lines and comments are
// left out, and a line that ends in a backslash goes on in the next.
func commands(markdown string) [][]string {
	var blocks [][]string
	inside, open := false, ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		switch {
		case !inside && line == "```sh":
			inside, blocks = true, append(blocks, nil)
		case inside && line == "```":
			inside, open = false, ""
		case !inside || line == "" || strings.HasPrefix(line, "#"):
		case strings.HasSuffix(line, `\`):
			open += strings.TrimSuffix(line, `\`)
		default:
			last := len(blocks) - 1
			blocks[last] = append(blocks[last], open+line)
			open = ""
		}
	}
	return blocks
}

// first returns the first command of a block of the README.
func first(t *testing.T, block int) string {
	t.Helper()
	blocks := commands(text(t, "README.md"))
	require.Greater(t, len(blocks), block, "README.md needs more sh blocks")
	require.NotEmpty(t, blocks[block], "the sh block has no command")
	return blocks[block][0]
}

func TestTheREADMEStartsWithTheServerAndTheTests(t *testing.T) {
	t.Parallel()
	assert.Equal(t, firstCommand, first(t, 0))
	assert.Equal(t, secondCommand, first(t, 1))
}

func TestCommandsAreReadFromMarkdown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, [][]string{{"one", "two --more words"}, nil, {"three"}}, commands(strings.Join([]string{
		"prose", "```sh", "# why", "one", "", "two --more \\", "  words", "```",
		"```go", "code()", "```", "```sh", "```", "```sh", "three", "```", "after",
	}, "\n")))
	assert.Empty(t, commands("```\none\n```\n"))
}
