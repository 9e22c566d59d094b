package scenario_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

func TestEveryStoryIsThere(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, s := range scenario.All() {
		names = append(names, s.Name)
		assert.NotContains(t, s.Title, "\n", s.Name)
		assert.NotEmpty(t, s.Text, s.Name)
		assert.Greater(t, len(s.Steps), 5, s.Name)
	}
	assert.Equal(t, []string{
		"blocked-flows", "closed-user", "downgrade", "hook-invalid-and-revived", "kyc-renewal", "legal-user-review-refused-then-validated",
		"natural-user-verified", "outage-and-backfill", "owner-made-payer", "sca-expired-then-succeeded", "transfer-to-payer-refused",
	}, names)
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
