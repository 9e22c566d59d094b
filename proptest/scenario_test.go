package proptest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func give(t *testing.T, text string) string {
	t.Helper()
	s, err := readScenario(text)
	require.NoError(t, err)
	got, err := s.run(views.All())
	require.NoError(t, err)
	return got
}

// TestScenario_OneEventMoreGivesAnotherText: a scenario compares everything that a reader of it would notice.
func TestScenario_OneEventMoreGivesAnotherText(t *testing.T) {
	t.Parallel()
	const pending = "EventType=IDENTITY_VERIFICATION_PENDING&RessourceId=s&Date=1743620000\n"
	seen := map[string]bool{}
	for _, text := range []string{
		"", pending, pending + pending, "at 1743706400\n" + pending, "repeat 2 every 5s\n" + pending, "# nothing\n" + pending + "nonsense\n",
		"arrives 1743000000\n" + pending, pending + "EventType=X&RessourceId=s&Date=1743620000\n",
	} {
		seen[give(t, text)] = true
	}
	assert.Len(t, seen, 8)
}

// TestScenario_RepeatMovesTheDates of every form of a line.
func TestScenario_RepeatMovesTheDates(t *testing.T) {
	t.Parallel()
	query := give(t, "repeat 3 every 60s\nEventType=USER_ACCOUNT_CLOSED&RessourceId=u&Date=1743620000\n")
	object := give(t, "repeat 3 every 60s\n{\"EventType\":\"USER_ACCOUNT_CLOSED\",\"RessourceId\":\"u\",\"Date\":1743620000}\n")
	assert.Equal(t, query, object)
	assert.Contains(t, query, "1743620120 USER_ACCOUNT_CLOSED status duplicate CLOSED→CLOSED")
}

// TestScenario_WhatCannotBeRead is told with its line.
func TestScenario_WhatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"#\nat noon\n", "#\narrives soon\n", "#\nrepeat often\n"} {
		_, err := readScenario(text)
		require.ErrorIs(t, err, errScenario)
		assert.ErrorContains(t, err, "line 2")
	}
}

var _ projections.Log = (*tape)(nil)
