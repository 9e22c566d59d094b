package jetstream_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

func TestLaw11_ADamagedRowParksItsResourceAndARetryMendsIt(t *testing.T) {
	t.Parallel()
	m := newMendSite(t)
	q := projections.Quarantine{Log: m.log, Store: m.store, Models: views.All()}
	var subject string
	for s := range m.keysLike(t, "r.") {
		subject = max(subject, s)
	}
	_, err := m.nc.Request(subject, []byte{1, 0x80}, patience)
	require.NoError(t, err)
	m.reopen(t)
	q.Store = m.store
	foldOn(t, m.log, m.store, m.end()) // the others go on
	page, err := q.List(t.Context(), projections.HeldQuery{Scan: true, Limit: 1000})
	for page.Next != "" && len(page.Items) == 0 {
		page, err = q.List(t.Context(), projections.HeldQuery{Scan: true, Limit: 1000, Cursor: page.Next})
	}
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	assert.True(t, page.Items[0].Unreadable)
	seq, err := q.Retry(t.Context(), page.Items[0].Ref(), 1_700_000_000)
	require.NoError(t, err)
	foldOn(t, m.log, m.store, seq)
	requireFresh(t, m.store, m.records)
}

// tally is a model that fails on a type.
var tally = projections.Model[int]{
	Name: "tallies", Version: 1, Kind: "tally",
	Key: func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "tally" },
	Apply: func(n int, m projections.Moment, h *projections.History) int {
		for _, r := range m.Records {
			if r.Event.Type == "BAD" {
				panic("it is bad")
			}
			h.Add(projections.Line{Date: m.Time, Event: string(r.Event.Type), Machine: "tally", Verdict: fsm.Applied})
		}
		return n + len(m.Records)
	},
	Index:    func(n int) map[string]string { return map[string]string{"odd": []string{"no", "yes"}[n%2]} },
	Document: func(v projections.View[int]) any { return v },
}

// follow folds the rest of the log with the tally.
func follow(t *testing.T, log projections.Log, store projections.Store) {
	t.Helper()
	proj, err := projections.New(projections.Config{Log: log, Store: store, Models: []projections.AnyModel{tally},
		Retry: func(ctx context.Context, _ error, attempt int) bool { return ctx.Err() == nil && attempt < 5 }})
	require.NoError(t, err)
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, head.Seq))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestLaw11_WhatStandsStillOutlivesARestartAndIsDroppedInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	say := func(id string, typ events.Type, date int64) events.Event {
		return events.Event{Type: typ, Ref: events.Ref{Source: "s", Kind: "tally", ID: id}, Date: date}
	}
	log := s.open(jetstream.LogConfig{Batch: 2})
	fill(t, log, []events.Event{say("a", "GOOD", 1), say("a", "BAD", 2), say("b", "GOOD", 2), say("a", "GOOD", 3), say("a", "BETTER", 4), say("b", "BAD", 5)})
	follow(t, log, s.store(t, jetstream.StoreConfig{}))
	s.restart(nil)
	log = s.open(jetstream.LogConfig{Batch: 2})
	store := s.store(t, jetstream.StoreConfig{})
	q := projections.Quarantine{Log: log, Store: store, Models: []projections.AnyModel{tally}}
	page, err := q.List(t.Context(), projections.HeldQuery{})
	require.NoError(t, err)
	require.Len(t, page.Items, 2, "found by the index, without a look at all rows")
	trial, err := q.TryDrop(t.Context(), page.Items[0].Ref())
	require.NoError(t, err)
	for _, h := range page.Items {
		_, err = q.Drop(t.Context(), h.Ref(), "bad", 9)
		require.NoError(t, err)
	}
	follow(t, log, store)
	a, err := projections.Read(store, tally, "s").Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, 3, a.Value)
	assert.Nil(t, a.Parked)
	page, err = q.List(t.Context(), projections.HeldQuery{})
	require.NoError(t, err)
	assert.Empty(t, page.Items)

	doc, err := projections.ReadDocument(t.Context(), store, tally, "s", trial.ID, projections.AsOf{})
	require.NoError(t, err)
	assert.Equal(t, string(trial.Would), string(doc.JSON), "as the dry run said")
	anew := projections.NewMemoryStore()
	follow(t, log, anew)
	assert.Equal(t, stored(t, anew), stored(t, store), "a rebuild decides the same, byte for byte")
}

// stored are the states of all rows.
func stored(t *testing.T, store projections.Store) map[events.Ref]string {
	t.Helper()
	out := map[events.Ref]string{}
	for _, row := range allRows(t, store, tally) {
		b, err := row.State.MarshalBinary()
		require.NoError(t, err)
		out[row.Ref] = string(b)
	}
	return out
}
