package projections

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// ward is a quarantine over a log and store in memory, with a projector that is run on demand.
type ward struct {
	Quarantine
	log   *MemoryLog
	model []AnyModel
}

func newWard(t *testing.T, es ...events.Event) *ward {
	t.Helper()
	log := NewMemoryLog("log", func() time.Time { return time.Unix(start+1_000_000, 0).UTC() }, 0)
	_, err := log.Append(t.Context(), es...)
	require.NoError(t, err)
	w := &ward{log: log, Quarantine: Quarantine{Log: log, Store: &flaky{NewMemoryStore(), &faults{}}, Models: []AnyModel{diaries}}}
	w.catchUp(t, diaries)
	return w
}

// catchUp folds what is logged.
func (w *ward) catchUp(t *testing.T, models ...AnyModel) {
	t.Helper()
	p, err := New(Config{Log: w.log, Store: w.Store, Models: models})
	require.NoError(t, err)
	head, err := w.log.Head(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	require.NoError(t, p.Wait(ctx, head.Seq))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func diaryRef(id string) events.Ref { return events.Ref{Source: "test", Kind: "diary", ID: id} }

func TestQuarantine_ListsWhatStandsStillPageByPage(t *testing.T) {
	t.Parallel()
	w := newWard(t, event("ON", "a", start), event(poison, "b", start), event(poison, "c", start), event("ON", "d", start))
	w.Models = []AnyModel{lights, diaries}
	for _, scan := range []bool{false, true} {
		var ids []string
		q := HeldQuery{Limit: 1, Scan: scan}
		for {
			page, err := w.List(t.Context(), q)
			require.NoError(t, err)
			for _, h := range page.Items {
				ids = append(ids, h.ID)
				assert.Equal(t, "diaries", h.Model)
				assert.Equal(t, "the model failed on the record: it is poisoned", h.Why)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		assert.Equal(t, []string{"b", "c"}, ids)
	}
	_, err := w.List(t.Context(), HeldQuery{Cursor: "nonsense"})
	assert.ErrorIs(t, err, ErrCursor)
}

func TestQuarantine_ADryRunShowsTheDocumentAndWhatDiffers(t *testing.T) {
	t.Parallel()
	w := newWard(t, event("ON", "a", start), event(poison, "a", start+1), event("OFF", "a", start+2), event("OFF", "b", start+2))
	before := rows(t, w.Store, diaries)
	trial, err := w.TryDrop(t.Context(), diaryRef("a"))
	require.NoError(t, err)
	assert.Equal(t, &HeldRecord{Type: poison, Date: start + 1}, trial.Record)
	assert.Equal(t, 1, trial.Waiting)
	shown, err := w.Show(t.Context(), diaryRef("a"))
	require.NoError(t, err)
	assert.Equal(t, trial.Record, shown.Record)
	assert.Equal(t, string(trial.Document), string(shown.Document))
	assert.Nil(t, trial.Again)
	said := map[string]string{}
	for _, d := range trial.Differences {
		said[d.Field] = string(d.Was) + " → " + string(d.Would)
	}
	assert.Equal(t, `"ON" → "OFF"`, said["Value.status"])
	assert.Contains(t, said["History[1]"], `null → {"date":`)
	assert.Contains(t, said["Parked"], `{"seq":2,`)

	trial, err = w.TryRetry(t.Context(), diaryRef("a"))
	require.NoError(t, err)
	assert.Equal(t, Seq(2), trial.Again.Seq, "it is not mended")
	assert.Equal(t, before, rows(t, w.Store, diaries), "nothing was changed")

	w.Models = []AnyModel{mended}
	trial, err = w.TryRetry(t.Context(), diaryRef("a"))
	require.NoError(t, err)
	assert.Nil(t, trial.Again, "a new program says that it can")
}

func TestQuarantine_DropAndRetryGoOn(t *testing.T) {
	t.Parallel()
	w := newWard(t, event("ON", "a", start), event(poison, "a", start+1), event("OFF", "a", start+2), event(poison, "b", start+2))
	_, err := w.Drop(t.Context(), diaryRef("a"), "forged", start+9)
	require.NoError(t, err)
	w.catchUp(t, diaries)
	assert.Equal(t, "OFF", of(t, w.Store, "a").Value.Status)
	_, err = w.Drop(t.Context(), diaryRef("a"), "forged", start+9)
	require.ErrorIs(t, err, ErrNotHeld)
	_, err = w.Find(t.Context(), diaryRef("never"))
	require.ErrorIs(t, err, ErrNotHeld)

	n, last, err := w.RetryAll(t.Context(), false, start+10)
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	assert.Equal(t, Seq(6), last)
	w.catchUp(t, mended)
	w.Models = []AnyModel{mended}
	page, err := w.List(t.Context(), HeldQuery{Scan: true})
	require.NoError(t, err)
	assert.Empty(t, page.Items)
}

func TestQuarantine_WhoeverRetriesAgainWithinASecondIsHeard(t *testing.T) {
	t.Parallel()
	w := newWard(t, event(poison, "a", start), event("ON", "a", start+1))
	first, err := w.Retry(t.Context(), diaryRef("a"), start+9)
	require.NoError(t, err)
	w.catchUp(t, diaries) // it is not mended
	second, err := w.Retry(t.Context(), diaryRef("a"), start+9)
	require.NoError(t, err)
	require.Greater(t, second, first)
	w.catchUp(t, diaries)
	n, last, err := w.RetryAll(t.Context(), false, start+9)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.Greater(t, last, second, "what is counted is logged")
	w.catchUp(t, mended)
	w.Models = []AnyModel{mended}
	page, err := w.List(t.Context(), HeldQuery{Scan: true})
	require.NoError(t, err)
	assert.Empty(t, page.Items)
}

func TestQuarantine_ARowThatCannotBeReadIsFoundByAScanAndTriedFromTheLogsBeginning(t *testing.T) {
	t.Parallel()
	w := newWard(t, event("ON", "a", start), event("OFF", "a", start+2))
	good := rows(t, w.Store, diaries)
	c, err := w.Store.Checkpoint(t.Context(), diaries.ID(), 0)
	require.NoError(t, err)
	require.NoError(t, w.Store.Commit(t.Context(), Commit{Model: diaries.ID(), From: c, To: c, Rows: []Row{{Ref: diaryRef("a"), State: Bytes{rowVersion, 0xff}}}}))
	page, err := w.List(t.Context(), HeldQuery{Scan: true})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.True(t, page.Items[0].Unreadable)
	_, err = w.Drop(t.Context(), diaryRef("a"), "", start)
	require.ErrorIs(t, err, ErrNoRecord)
	trial, err := w.TryRetry(t.Context(), diaryRef("a"))
	require.NoError(t, err)
	assert.Equal(t, 2, trial.Waiting)
	assert.JSONEq(t, "null", string(trial.Document))
	assert.Contains(t, string(trial.Would), `"status":"OFF"`)
	_, err = w.Retry(t.Context(), diaryRef("a"), start+5)
	require.NoError(t, err)
	w.catchUp(t, diaries)
	assert.Equal(t, "OFF", of(t, w.Store, "a").Value.Status)
	assert.Len(t, rows(t, w.Store, diaries), len(good))
}
