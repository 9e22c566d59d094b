package projections

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

func refOf(source, id string) events.Ref { return events.Ref{Source: source, Kind: "k", ID: id} }

func TestLaw6_RowsAndCheckpointAppearTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := NewMemoryStore()
	row := Row{Ref: refOf("s", "a"), Seq: 1, State: Bytes("1")}
	one := Checkpoint{Position: Position{Seq: 1}}
	require.NoError(t, s.Commit(ctx, Commit{Model: "m", To: one, Rows: []Row{row}}))

	stale := Commit{Model: "m", To: Checkpoint{Position: Position{Seq: 9}}, Rows: []Row{{Ref: row.Ref, Seq: 9}, {Ref: refOf("s", "b")}}}
	require.ErrorIs(t, s.Commit(ctx, stale), ErrFenced, "its From is the beginning")
	got, err := s.Load(ctx, "m", []events.Ref{row.Ref, refOf("s", "b")})
	require.NoError(t, err)
	require.Len(t, got, 1)
	got[0].Revision = Revision{}
	assert.Equal(t, row, got[0], "nothing of a fenced commit is there")
	c, err := s.Checkpoint(ctx, "m", 0)
	require.NoError(t, err)
	assert.Equal(t, one, c)

	stale.From = one
	require.NoError(t, s.Commit(ctx, stale))
	got, _ = s.Load(ctx, "m", []events.Ref{row.Ref})
	assert.Equal(t, Seq(9), got[0].Seq)
}

func TestMemoryStore_ModelsAndSlotsDoNotTouchEachOther(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := NewMemoryStore()
	to := Checkpoint{Position: Position{Seq: 5}}
	require.NoError(t, s.Commit(ctx, Commit{Model: "m", Slot: 1, To: to, Rows: []Row{{Ref: refOf("s", "a")}}}))
	for _, l := range []lane{{"m", 0}, {"n", 1}} {
		c, err := s.Checkpoint(ctx, l.model, l.slot)
		require.NoError(t, err)
		assert.Zero(t, c)
	}
	got, err := s.Load(ctx, "n", []events.Ref{refOf("s", "a")})
	require.NoError(t, err)
	assert.Empty(t, got)
	assert.Equal(t, Features{Sorted: true, Atomic: true, Indexed: true, Lends: true}, s.Features())
}

// many is a store of so many rows of two sources, where every third has a key.
func many(t *testing.T, n int) *MemoryStore {
	t.Helper()
	var rows []Row
	for i := range n {
		row := Row{Ref: refOf([]string{"x", "y"}[i%2], fmt.Sprintf("%03d", n-i)), Seq: Seq(i)}
		if i%3 == 0 {
			row.Index = map[string]string{"user": "u"}
		}
		rows = append(rows, row)
	}
	s := NewMemoryStore()
	require.NoError(t, s.Commit(context.Background(), Commit{Model: "m", To: Checkpoint{Position: Position{Seq: 1}}, Rows: rows}))
	return s
}

// pages lists everything, page by page.
func pages(t *testing.T, s Store, q Query) (all []Row, count int) {
	t.Helper()
	for {
		p, err := s.List(context.Background(), q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Rows), max(q.Limit, 1))
		all, count = append(all, p.Rows...), count+1
		if p.Next == "" {
			return all, count
		}
		q.Cursor = p.Next
	}
}

func TestList_PagesMeetWithoutGapOrOverlapInOrder(t *testing.T) {
	t.Parallel()
	s := many(t, 50)
	for limit, want := range map[int]int{1: 50, 7: 8, 49: 2, 50: 1, 51: 1} {
		all, count := pages(t, s, Query{Model: "m", Limit: limit})
		assert.Equal(t, want, count, "limit %d", limit)
		require.Len(t, all, 50)
		for i := range all[1:] {
			require.Negative(t, compareRefs(all[i].Ref, all[i+1].Ref))
		}
	}
	all, _ := pages(t, s, Query{Model: "m", Index: "user", Value: "u", Limit: 4})
	assert.Len(t, all, 17)
	for _, q := range []Query{{Model: "m", Index: "user"}, {Model: "m", Index: "user", Value: "v"}, {Model: "n"}} {
		p, err := s.List(context.Background(), q)
		require.NoError(t, err)
		assert.Empty(t, p.Rows)
	}
}

func TestList_WithoutALimitThePageIsTheStoresChoice(t *testing.T) {
	t.Parallel()
	s := many(t, 150)
	for _, limit := range []int{0, -1} {
		p, err := s.List(context.Background(), Query{Model: "m", Limit: limit})
		require.NoError(t, err)
		assert.Len(t, p.Rows, 100)
		assert.NotEmpty(t, p.Next)
	}
}

func TestList_ARowThatIsWrittenBetweenPagesMovesNone(t *testing.T) {
	t.Parallel()
	s := many(t, 20)
	first, err := s.List(context.Background(), Query{Model: "m", Limit: 10})
	require.NoError(t, err)
	c, _ := s.Checkpoint(context.Background(), "m", 0)
	require.NoError(t, s.Commit(context.Background(), Commit{Model: "m", From: c, To: c, Rows: []Row{{Ref: refOf("a", "new")}}}))
	rest, err := s.List(context.Background(), Query{Model: "m", Limit: 10, Cursor: first.Next})
	require.NoError(t, err)
	assert.Len(t, rest.Rows, 10)
	assert.Positive(t, compareRefs(rest.Rows[0].Ref, first.Rows[9].Ref))
}

func TestList_WhatIsNoCursorIsErrCursor(t *testing.T) {
	t.Parallel()
	s := many(t, 3)
	for _, cursor := range []string{"!", "x", "e30", "bnVsbA", base64.RawURLEncoding.EncodeToString([]byte(`{"ID":"a","extra":1}`)), "W10"} {
		_, err := s.List(context.Background(), Query{Model: "m", Cursor: cursor})
		assert.ErrorIs(t, err, ErrCursor, cursor)
	}
}

func TestCut_IsOfOneInstantAndNotChangedByWhatComesAfter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := many(t, 50)
	one, two := Checkpoint{Position: Position{Seq: 1}}, Checkpoint{Position: Position{Seq: 2}, Epoch: 1}
	require.NoError(t, s.Commit(ctx, Commit{Model: "marks", Slot: 7, To: two}))
	cuts := s.Cut()
	rows, _ := pages(t, s, Query{Model: "m", Limit: 100})
	changed := []Row{{Ref: rows[0].Ref, Seq: 99, State: Bytes("new")}, {Ref: refOf("x", "new"), Seq: 99}}
	require.NoError(t, s.Commit(ctx, Commit{Model: "m", From: one, To: two, Rows: changed}))

	require.Len(t, cuts, 2)
	assert.Equal(t, "m", cuts[0].Model)
	assert.Equal(t, map[int]Checkpoint{0: one}, cuts[0].Slots)
	assert.Equal(t, Cut{Model: "marks", Slots: map[int]Checkpoint{7: two}}, cuts[1])
	assert.Equal(t, 50, cuts[0].Len())
	held := slices.Collect(cuts[0].Rows())
	for i := range rows {
		rows[i].Revision = Revision{}
	}
	assert.ElementsMatch(t, rows, held)
	for range cuts[0].Rows() {
		break // a reader may have enough
	}
}
