package proptest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
	"github.com/hookfold/hookfold/proptest"
)

// TestLaw7_EveryNotificationIsKeptVerbatim: known or not, it reads back from every form, from the log's envelope, and
// folds without an error; its three forms are one event; and a type without a machine is counted.
func TestLaw7_EveryNotificationIsKeptVerbatim(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := proptest.Notifications().Draw(t, "notification")
		r := lines.NewReader("", func(e *lines.LineError) { t.Errorf("malformed: %v", e) })
		require.NoError(t, r.Read("", strings.NewReader(strings.Join(proptest.Forms(n), "\n"))))
		require.Equal(t, []events.Event{n.Event("")}, r.Events())
		require.Equal(t, 2, r.Summary().Duplicates)
		info, known := mangopay.Lookup(n.Type)
		require.Equal(t, !known || info.Machine == "", r.Summary().Unmodelled == 1)

		header, data, err := events.Encode(r.Events()[0])
		require.NoError(t, err)
		back, err := events.Decode(header, data)
		require.NoError(t, err)
		require.Equal(t, r.Events()[0], back)

		docs, err := projections.Documents(views.All(), []projections.Record{{Event: back}}, projections.AsOf{})
		require.NoError(t, err)
		require.Equal(t, known && info.Machine != "", len(docs) == 1)
	})
}
