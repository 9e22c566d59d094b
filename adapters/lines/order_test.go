package lines_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/events"
)

// anyLine draws a line of any form, from few values, so that repetitions are usual.
func anyLine() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		name := rapid.SampledFrom([]string{"USER_KYC_LIGHT", "IDENTITY_VERIFICATION_TIMEOUT", "NEVER_HEARD_OF", "PAYIN_NORMAL_SUCCEEDED"}).Draw(t, "type")
		id := rapid.SampledFrom([]string{"u", "v", ""}).Draw(t, "id")
		date := rapid.IntRange(0, 3).Draw(t, "date")
		return fmt.Sprintf(rapid.SampledFrom([]string{
			`EventType=%s&RessourceId=%s&Date=%d`,
			`https://h/hooks?EventType=%s&ResourceId=%s&Date=%d.0`,
			`{"EventType":%q,"RessourceId":%q,"Date":%d}`,
			`{"type":"hookfold.hook.delivery.failed","hook":%q,"replica":%q,"date":%d}`,
			`{"type":"hookfold.hook.updated","hook":%q,"status":%q,"date":%d}`,
			`{"type":"hookfold.observed","kind":%q,"id":%q,"date":%d,"values":{"kyc":"LIGHT"}}`,
			`rubbish %s %s %d`,
		}).Draw(t, "form"), name, id, date)
	})
}

// digest is the set of events, and the summary.
func digest(t *rapid.T, text []string) ([]events.ID, lines.Summary) {
	r := lines.NewReader("", nil)
	require.NoError(t, r.Read("", strings.NewReader(strings.Join(text, "\n"))))
	var ids []events.ID
	for _, e := range r.Events() {
		ids = append(ids, e.ID())
	}
	slices.SortFunc(ids, func(a, b events.ID) int { return bytes.Compare(a[:], b[:]) })
	return ids, r.Summary()
}

func TestLaw3_TheOrderOfLinesChangesNeitherEventsNorSummary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(anyLine(), 0, 30).Draw(t, "lines")
		ids, summary := digest(t, text)
		shuffled := rapid.Permutation(text).Draw(t, "shuffled")
		again, resummed := digest(t, shuffled)
		require.Equal(t, ids, again)
		require.Equal(t, summary, resummed)
		require.Len(t, slices.Compact(ids), len(again), "no event is there twice")
	})
}

func TestLaw4_RepeatedNotificationsAddOnlyToTheDuplicates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(anyLine().Filter(func(s string) bool {
			return !strings.Contains(s, "hookfold.hook") && !strings.Contains(s, "rubbish")
		}), 0, 30).Draw(t, "lines")
		ids, summary := digest(t, text)
		again, repeated := digest(t, slices.Concat(text, text))
		require.Equal(t, ids, again)
		require.Equal(t, summary.Unmodelled, repeated.Unmodelled)
		require.Equal(t, 2*summary.Notifications, repeated.Notifications)
		require.Equal(t, 2*summary.Duplicates+len(ids), repeated.Duplicates)
	})
}
