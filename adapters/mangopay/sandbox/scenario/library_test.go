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
