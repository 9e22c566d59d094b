package proptest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
	"github.com/hookfold/hookfold/proptest"
)

// These tests name what the laws once found in the engine.

// A document as of a moment before the newest claim must not hide what only that claim put behind the horizon, nor count
// a delivery twice when the moment is that of the newest record behind the base.
func TestRule19_ThePastIsWhatItWas(t *testing.T) {
	each(t,
		with(proptest.AsOf, views.Sessions, mangopay.KindSession),
		with(proptest.AsOf, views.Users, mangopay.KindUser),
		with(proptest.AsOf, views.Hooks, views.KindHook))
}

// S2: an enrolment after the API has said "not enrolled" is what the documents describe, so the API's next word is no
// conflict. With a failed attempt in between it is applied already.
func TestS2_EnrolledAfterNotEnrolledContradictsNothing(t *testing.T) {
	t.Parallel()
	docs := fold(t, fmt.Sprintf(`{"type":"hookfold.observed","kind":"user","id":"u","date":%d,"values":{"sca":false}}
{"type":"hookfold.observed","kind":"user","id":"u","date":%d,"values":{"sca":true}}`, proptest.Start, proptest.Start+1000))
	assert.Contains(t, docs[0], `"conflicts":0`, docs[0])
}

// Fold rule 23 sorts the facts of a hook by time, kind, replica and n. Two different readings of one second have all four
// equal in `hookfold fold`, and then a digest decides, which differs from hook to hook.
func TestRule23_TwoReadingsOfOneSecondEndAlikeOnEveryHook(t *testing.T) {
	t.Parallel()
	ends := map[string][]string{}
	for i := range 8 {
		hook := fmt.Sprintf("HOOK_%d", i)
		doc := fold(t, fmt.Sprintf(`{"type":"hookfold.hook.updated","hook":%q,"date":%d,"validity":"INVALID"}
{"type":"hookfold.hook.updated","hook":%q,"date":%d,"validity":"VALID"}`, hook, proptest.Start, hook, proptest.Start))[0]
		_, end, _ := strings.Cut(doc, `"validity":`)
		end, _, _ = strings.Cut(end, ",")
		ends[end] = append(ends[end], hook)
	}
	assert.Len(t, ends, 1, "%v", ends)
}

// fold folds lines as `hookfold fold` does.
func fold(t *testing.T, text string) []string {
	t.Helper()
	r := lines.NewReader("", func(e *lines.LineError) { t.Error(e) })
	require.NoError(t, r.Read("", strings.NewReader(text)))
	var recs []projections.Record
	for _, e := range r.Events() {
		recs = append(recs, projections.Record{Event: e})
	}
	docs, err := projections.Documents(views.All(), recs, projections.AsOf{})
	require.NoError(t, err)
	out := make([]string, len(docs))
	for i, d := range docs {
		out[i] = string(d.JSON)
	}
	return out
}

// The same, in the smallest case: three failures of one second, and a success more than an hour later. As of the second
// of the failures there were three of them, or the store says that this lies behind its base.
func TestRule19_NoDeliveryIsCountedTwice(t *testing.T) {
	t.Parallel()
	r := lines.NewReader("", func(e *lines.LineError) { t.Error(e) })
	require.NoError(t, r.Read("", strings.NewReader(fmt.Sprintf(`{"type":"hookfold.hook.delivery.failed","hook":"H","date":%[1]d}
{"type":"hookfold.hook.delivery.failed","hook":"H","date":%[1]d}
{"type":"hookfold.hook.delivery.failed","hook":"H","date":%[1]d}
{"type":"hookfold.hook.delivery.succeeded","hook":"H","date":%[2]d}`, proptest.Start, proptest.Start+3601))))

	log := projections.NewMemoryLog("log", func() time.Time { return time.Unix(proptest.Start+3601, 0) }, 0)
	store := projections.NewMemoryStore()
	p, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{views.Hooks}})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	seq, err := log.Append(ctx, r.Events()...)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	require.NoError(t, p.Wait(ctx, seq))
	stop()
	require.ErrorIs(t, <-done, context.Canceled)

	doc, err := projections.ReadDocument(t.Context(), store, views.Hooks, mangopay.Source, "H", projections.AtTime(proptest.Start))
	if !errors.Is(err, projections.ErrArchived) {
		require.NoError(t, err)
		assert.Contains(t, string(doc.JSON), `"consecutive_failures":3`)
	}
}
