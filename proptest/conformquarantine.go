package proptest

import (
	"context"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// fragile is a model that fails on bad records. Its ID is that of the cases.
var fragile = failing(func() bool { return true })

// failing is one that fails as long as it is told to: a store may lend what one model folded, so that another one with the
// same ID would not be asked.
func failing(still func() bool) projections.Model[int] {
	return projections.Model[int]{
		Name: "things", Version: 1, Kind: "k",
		Key: func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "k" },
		Apply: func(n int, m projections.Moment, h *projections.History) int {
			h.Known = true
			for _, r := range m.Records {
				if r.Event.Type == "BAD" && still() {
					panic("it is bad")
				}
				h.Add(projections.Line{Date: m.Time, Event: string(r.Event.Type), Verdict: fsm.Noted, Why: "It was said."})
			}
			return n + len(m.Records)
		},
		Index:    func(n int) map[string]string { return map[string]string{"odd": []string{"no", "yes"}[n%2]} },
		Document: func(v projections.View[int]) any { return v },
	}
}

// ward is a log with what was folded of it, as an operator meets it.
type ward struct {
	TB
	log   *projections.MemoryLog
	store projections.Store
	date  int64
}

// newWard folds what is said of things: "a+ a- b+" are a good record of a, a bad one, and a good one of b.
func newWard(t TB, s projections.Store, said ...string) *ward {
	t.Helper()
	made := time.Unix(1_800_000_000, 0).UTC()
	w := &ward{TB: t, log: projections.NewMemoryLog("LOG", func() time.Time { return made }, 0), store: s, date: 1_700_000_000}
	w.say(said...)
	w.fold(fragile)
	return w
}

// say logs records.
func (w *ward) say(said ...string) {
	w.Helper()
	for _, s := range said {
		w.date++
		typ := map[byte]events.Type{'+': "GOOD", '-': "BAD"}[s[1]]
		_, err := w.log.Append(context.Background(), events.Event{Type: typ, Ref: thing(s[:1]), Date: w.date})
		require.NoError(w, err)
	}
}

// fold folds the rest of the log into the store, by a new worker.
func (w *ward) fold(m projections.AnyModel) { w.Helper(); w.foldInto(w.store, m) }

func (w *ward) foldInto(s projections.Store, m projections.AnyModel) {
	w.Helper()
	proj, err := projections.New(projections.Config{Log: w.log, Store: s, Models: []projections.AnyModel{m}})
	require.NoError(w, err)
	head, err := w.log.Head(context.Background())
	require.NoError(w, err)
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		err := proj.Run(ctx)
		stop() // nobody waits for a worker that ended
		ended <- err
	}()
	late := proj.Wait(ctx, head.Seq)
	stop()
	require.ErrorIs(w, <-ended, context.Canceled)
	require.NoError(w, late)
}

// operator is the quarantine as a program of a model sees it.
func (w *ward) operator(m projections.AnyModel) projections.Quarantine {
	return projections.Quarantine{Log: w.log, Store: w.store, Models: []projections.AnyModel{m}}
}

// held lists what stands still, a row at a time.
func (w *ward) held(m projections.AnyModel, scan bool) []string {
	w.Helper()
	ids := []string{}
	for q := (projections.HeldQuery{Scan: scan, Limit: 1}); ; {
		page, err := w.operator(m).List(context.Background(), q)
		require.NoError(w, err)
		for _, h := range page.Items {
			ids = append(ids, h.ID)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ids
		}
	}
}

// standStill checks that exactly these stand still, and that both ways to find them find them.
func (w *ward) standStill(m projections.AnyModel, ids ...string) {
	w.Helper()
	require.ElementsMatch(w, ids, w.held(m, true), "by a scan")
	require.ElementsMatch(w, ids, w.held(m, false), "by the key")
	if w.store.Features().Indexed {
		rows, _ := handOn(w, w.store).pages(projections.Query{Model: model, Index: projections.QuarantineKey, Value: "yes", Limit: 2})
		require.Len(w, rows, len(ids))
	}
}

// rows are all rows, as text.
func (w *ward) rows(s projections.Store) []string {
	w.Helper()
	all, _ := handOn(w, s).pages(projections.Query{Model: model, Limit: 100})
	return texts(w, all)
}

// anew checks that a fold of the whole log into memory gives the same, byte for byte.
func (w *ward) anew(m projections.AnyModel) {
	w.Helper()
	fresh := projections.NewMemoryStore()
	w.foldInto(fresh, m)
	require.Equal(w, w.rows(fresh), w.rows(w.store), "a fold of the log decides the same")
}

func quarantineCases() []StoreCase {
	return []StoreCase{
		{"Quarantine: what stands still is found, and nothing else stands still", func(t TB, p StorePlace) {
			w := newWard(t, p.Open(), "a+", "a-", "b+", "a+", "c-", "d+", "b-", "d+")
			w.standStill(fragile, "a", "b", "c")
			held, err := w.operator(fragile).Find(context.Background(), thing("a"))
			require.NoError(t, err)
			require.Equal(t, projections.Parked{Seq: 2, Why: "the model failed on the record: it is bad"}, held.Parked)
			_, err = w.operator(fragile).Find(context.Background(), thing("d"))
			require.ErrorIs(t, err, projections.ErrNotHeld)
			w.anew(fragile)
		}},
		{"Quarantine: a dry run changes nothing, and a drop does what it said", tryAndDrop},
		{"Quarantine: one or all are retried, and those that fail again stand still again", tryAndRetry},
		{"Quarantine: a row that cannot be read parks its resource and no other, until it is retried", unreadable},
		{"Quarantine: a rebuild keeps what stands still, and what was decided", rebuiltWard},
	}
}

func tryAndDrop(t TB, p StorePlace) {
	ctx, w := context.Background(), newWard(t, p.Open(), "a+", "a-", "b-", "a+", "a+")
	before := w.rows(w.store)
	trial, err := w.operator(fragile).TryDrop(ctx, thing("a"))
	require.NoError(t, err)
	require.Equal(t, events.Type("BAD"), trial.Record.Type)
	require.Equal(t, 2, trial.Waiting)
	require.Nil(t, trial.Again)
	require.NotEmpty(t, trial.Differences)
	require.Equal(t, before, w.rows(w.store))

	_, err = w.operator(fragile).Drop(ctx, thing("a"), "forged", w.date)
	require.NoError(t, err)
	w.fold(fragile)
	doc, err := projections.ReadDocument(ctx, w.store, fragile, "s", "a", projections.AsOf{})
	require.NoError(t, err)
	require.Equal(t, string(trial.Would), string(doc.JSON), "as the dry run said")
	w.standStill(fragile, "b")
	w.say("a+", "b+")
	w.fold(fragile)
	w.standStill(fragile, "b")
	w.anew(fragile)
}

func tryAndRetry(t TB, p StorePlace) {
	ctx, w, broken := context.Background(), newWard(t, p.Open()), true
	model := failing(func() bool { return broken })
	w.say("a-", "b-", "c+", "a+", "d-")
	w.fold(model)
	trial, err := w.operator(model).TryRetry(ctx, thing("a"))
	require.NoError(t, err)
	require.Equal(t, projections.Seq(1), trial.Again.Seq, "it is not mended")
	_, err = w.operator(model).Retry(ctx, thing("a"), w.date)
	require.NoError(t, err)
	w.fold(model)
	w.standStill(model, "a", "b", "d")
	broken = false

	_, err = w.operator(model).Retry(ctx, thing("b"), w.date)
	require.NoError(t, err)
	w.fold(model)
	w.standStill(model, "a", "d")
	n, _, err := w.operator(model).RetryAll(ctx, false, w.date) // in the same second: it is another decision
	require.NoError(t, err)
	require.Equal(t, 2, n)
	w.fold(model)
	w.standStill(model)
	for id, want := range map[string]int{"a": 2, "b": 1, "c": 1, "d": 1} {
		v, err := projections.Read(w.store, model, "s").Get(ctx, id)
		require.NoError(t, err)
		require.Equal(t, want, v.Value, id)
	}
}

// damage writes over the state of a row what no model can read.
func (w *ward) damage(id string) {
	w.Helper()
	h := handOn(w, w.store)
	row := h.load(id)[id]
	row.State = projections.Bytes{1, 0x80} // of this version, and cut off
	at, err := h.store.Checkpoint(h.ctx, model, 0)
	require.NoError(w, err)
	h.commit(projections.Commit{From: at, To: at, Rows: []projections.Row{row}})
}

func unreadable(t TB, p StorePlace) {
	ctx, w := context.Background(), newWard(t, p.Open(), "a+", "b+", "a+")
	w.damage("a")
	w.say("b+")
	w.fold(fragile)
	require.Equal(t, []string{"a"}, w.held(fragile, true))
	q := w.operator(fragile)
	_, err := q.Drop(ctx, thing("a"), "", w.date)
	require.ErrorIs(t, err, projections.ErrNoRecord)
	trial, err := q.TryRetry(ctx, thing("a"))
	require.NoError(t, err)
	require.True(t, trial.Unreadable)
	require.Nil(t, trial.Again)

	w.say("a+")
	w.fold(fragile)
	w.standStill(fragile, "a") // what comes for it waits
	_, err = q.Retry(ctx, thing("a"), w.date)
	require.NoError(t, err)
	w.fold(fragile)
	w.standStill(fragile)
	v, err := projections.Read(w.store, fragile, "s").Get(ctx, "a")
	require.NoError(t, err)
	require.Equal(t, 3, v.Value, fmt.Sprint(v.History))
}

func rebuiltWard(t TB, p StorePlace) {
	ctx := context.Background()
	gens := projections.NewGenerations(p.Open(), fragile)
	w := newWard(t, gens, "a+", "a-", "b+", "b-", "a+", "b+")
	_, err := w.operator(fragile).Drop(ctx, thing("b"), "forged", w.date)
	require.NoError(t, err)
	w.fold(fragile)
	before := w.rows(gens)
	report, err := gens.Rebuild(ctx, projections.RebuildConfig{Log: w.log, Model: "things"})
	require.NoError(t, err)
	require.True(t, report.Compared && report.Swapped)
	require.Equal(t, before, w.rows(gens))
	w.standStill(fragile, "a")
	w.fold(fragile)
	_, err = w.operator(fragile).Drop(ctx, thing("a"), "forged", w.date)
	require.NoError(t, err)
	w.say("a+", "b+")
	w.fold(fragile)
	w.standStill(fragile)
	w.anew(fragile)
}

// wardRestarted ends what keeps the rows between every two steps of an operator.
func wardRestarted(t TB, p StorePlace) {
	ctx, w := context.Background(), newWard(t, p.Open(), "a+", "a-", "b-", "a+")
	restart := func() { p.Restart(); w.store = p.Open() }
	restart()
	w.standStill(fragile, "a", "b")
	w.say("a+", "c+")
	w.fold(fragile)
	_, err := w.operator(fragile).Drop(ctx, thing("a"), "forged", w.date)
	require.NoError(t, err)
	restart()
	w.standStill(fragile, "a", "b") // the decision is not applied yet
	w.fold(fragile)
	restart()
	w.standStill(fragile, "b")
	w.anew(fragile)
}
