package jetstream_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/internal/killtest"
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

// stored are the states of all tallies.
func stored(t *testing.T, store projections.Store) map[events.Ref]string {
	t.Helper()
	return statesOf(t, store, tally)
}

// statesOf are the states of all rows of a model.
func statesOf(t *testing.T, store projections.Store, m projections.AnyModel) map[events.Ref]string {
	t.Helper()
	out := map[events.Ref]string{}
	for _, row := range allRows(t, store, m) {
		b, err := row.State.MarshalBinary()
		require.NoError(t, err)
		out[row.Ref] = string(b)
	}
	return out
}

func TestLaw11_ARowThatOutgrowsTheServerParksItsResource(t *testing.T) {
	t.Parallel()
	s := newSite(t, embedded.Config{Sync: embedded.Interval})
	log, store := s.open(jetstream.LogConfig{Batch: 3}), s.store(t, jetstream.StoreConfig{Logger: silent(t)})
	for i := range 6 {
		big, err := events.Canonical(strings.Repeat(strconv.Itoa(i), 300_000))
		require.NoError(t, err)
		fill(t, log, []events.Event{
			{Type: events.Observed, Ref: events.Ref{Source: "s", Kind: "tally", ID: "big"}, Date: int64(i), Data: big},
			{Type: "GOOD", Ref: events.Ref{Source: "s", Kind: "tally", ID: "small"}, Date: int64(i)},
		})
	}
	follow(t, log, store)
	held, err := projections.Quarantine{Store: store, Models: []projections.AnyModel{tally}}.Find(t.Context(), events.Ref{Source: "s", Kind: "tally", ID: "big"})
	require.NoError(t, err)
	assert.Equal(t, projections.Seq(7), held.Seq, "the fourth of its records")
	assert.Equal(t, "its row would be larger than the store takes", held.Why)
	small, err := projections.Read(store, tally, "s").Get(t.Context(), "small")
	require.NoError(t, err)
	assert.Equal(t, 6, small.Value)
}

// A user of whom too much is heard stands still, again and again, and is let go on each time, while worker and server are
// killed in the middle of commits.
func TestLaw11_DecisionsAndKillsEndWhereARebuildEnds(t *testing.T) {
	t.Parallel()
	dir, rounds, rng := t.TempDir(), kills(t), rand.New(rand.NewPCG(7, 1))
	s := newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval})
	log := s.open(jetstream.LogConfig{})
	flood := events.Ref{Source: "mangopay", Kind: "user", ID: "flood"}
	say := func(n int) events.Event {
		return events.Event{Type: "USER_KYC_REGULAR", Ref: flood, Date: 1_700_000_000 + int64(n)}
	}
	var es []events.Event
	for n := range projections.DefaultLimit {
		es = append(es, say(n))
	}
	fill(t, log, es)
	for i, some := range slices.Collect(slices.Chunk(killtest.Lives(rounds*recordsPerKill, crowd(rounds)), recordsPerKill/4)) {
		seq := fill(t, log, []events.Event{say(2000 + i)})
		fill(t, log, some)
		decision := events.Event{Type: events.Skipped, Ref: flood, Date: int64(i), Data: []byte(fmt.Sprintf(`{"seq":%d}`, seq))}
		if i%3 == 2 {
			decision.Type = events.Retried
		}
		fill(t, log, []events.Event{decision})
	}
	head, err := log.Head(t.Context())
	require.NoError(t, err)
	for range rounds {
		s.nc.Close()
		s.stop()
		child := killtest.Begin(t, foldDirEnv+"="+dir)
		child.Await("write " + strconv.Itoa(25+rng.IntN(60)))
		child.Kill()
		s = newSite(t, embedded.Config{Dir: dir, Sync: embedded.Interval})
	}
	log, store, anew := s.open(jetstream.LogConfig{}), s.store(t, jetstream.StoreConfig{}), projections.NewMemoryStore()
	foldOn(t, log, store, head.Seq)
	foldOn(t, log, anew, head.Seq)
	for _, m := range views.All() {
		assert.Equal(t, statesOf(t, anew, m), statesOf(t, store, m), m.ID())
	}
	held, err := projections.Quarantine{Store: store, Models: views.All()}.Find(t.Context(), flood)
	require.NoError(t, err, "the last of it is not dropped")
	assert.Equal(t, "more than 1000 records inside the horizon", held.Why)
}
