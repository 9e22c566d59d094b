package scenario_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

func TestEveryStorySaysWhatItTells(t *testing.T) {
	t.Parallel()
	for _, s := range scenario.All() {
		assert.NotContains(t, s.Title, "\n", s.Name)
		assert.NotEmpty(t, s.Text, s.Name)
		assert.Greater(t, len(s.Steps), 5, s.Name)
	}
}

func TestEveryStoryExpectsSomethingOfHookfold(t *testing.T) {
	t.Parallel()
	for _, s := range scenario.All() {
		expects := 0
		for _, step := range s.Steps {
			if strings.HasPrefix(step.Text, "expect ") {
				expects++
			}
		}
		assert.Positive(t, expects, s.Name)
	}
}

func TestNoOtherNameIsAStory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", ".", "..", "nonsense", "../doc", "Closed-User", "closed-user.txt", "a/../closed-user"} {
		_, err := scenario.Named(name)
		assert.ErrorIs(t, err, scenario.ErrNoStory, name)
	}
	s, err := scenario.Named("closed-user")
	require.NoError(t, err)
	assert.Equal(t, "A user is closed, for good", s.Title)
}

// What a story expects of Hookfold has been sent when it is asked for, also where nothing but the story moves the clock.
func TestEveryStorySendsWhatItExpects(t *testing.T) {
	t.Parallel()
	changes := func(text string) bool {
		for _, begins := range []string{"POST ", "PUT ", "DELETE ", "repeat ", "sandbox POST users/", "sandbox POST idv-sessions/"} {
			if strings.HasPrefix(text, begins) && !strings.HasPrefix(text, "PUT /hooks/") {
				return true
			}
		}
		return false
	}
	for _, s := range scenario.All() {
		unsent := 0
		for _, step := range s.Steps {
			switch {
			case strings.HasPrefix(step.Text, "sandbox POST clock"):
				unsent = 0
			case changes(step.Text):
				unsent = step.Line
			case strings.HasPrefix(step.Text, "expect "):
				assert.Zero(t, unsent, "%s:%d: the clock stands since line %d: its notification is not sent yet", s.Name, step.Line, unsent)
			}
		}
	}
}
