package projections

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// unhurried folds some records into the live side, and some more whenever a rebuild tells of what does not keep commits
// waiting.
type unhurried struct {
	t    require.TestingT
	w    twin
	recs []Record
	have int
	more func(RebuildProgress) int // how many records come now
}

func (u *unhurried) fold(n int) {
	u.have = min(u.have+n, len(u.recs))
	project(u.t, Config{Log: newTape(u.recs[:u.have]), Store: u.w, Models: both, Retry: func(_ context.Context, err error, _ int) bool { return true }})
}

func (u *unhurried) step(p RebuildProgress) {
	if p.Phase == "fold" || p.Phase == "read" {
		if n := u.more(p); n > 0 {
			u.fold(n)
		}
	}
}

func TestLaw10_RowsThatAreWrittenWhileSidesAreReadAreComparedAsTheyAreInTheEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin()
		w.inner.page = rapid.IntRange(1, 5).Draw(t, "page")
		recs := traffic(rapid.IntRange(40, 250).Draw(t, "records"), rapid.Uint64().Draw(t, "seed"))
		u := &unhurried{t: t, w: w, recs: recs, more: func(RebuildProgress) int { return rapid.IntRange(0, 12).Draw(t, "more") }}
		u.fold(len(recs) / 4)
		for _, m := range both {
			report, err := w.Rebuild(context.Background(), RebuildConfig{
				Log: newTape(recs, 17), Model: m.Plural(), Rows: rapid.IntRange(1, 12).Draw(t, "held"), Progress: u.step,
			})
			require.NoError(t, err)
			require.True(t, report.Swapped)
			require.Equal(t, Seq(u.have), report.Seq)
			require.Equal(t, report.LiveDigest, report.RebuiltDigest)
			atRest, err := w.Rebuild(context.Background(), RebuildConfig{Log: newTape(recs), Model: m.Plural(), DryRun: true})
			require.NoError(t, err)
			require.Equal(t, atRest.LiveDigest, report.LiveDigest, "digests are those of the rows in the end")
			want := rows(t, fresh(t, recs[:u.have]), m)
			require.Equal(t, len(want), report.LiveRows)
			require.Equal(t, len(want), report.RebuiltRows)
			require.Equal(t, want, rows(t, w, m))
		}
	})
}

func TestLaw10_ADamagedRowIsFoundWheneverItIsDamagedAndWhateverFlows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newTwin()
		w.inner.page = rapid.IntRange(1, 5).Draw(t, "page")
		recs := traffic(200, rapid.Uint64().Draw(t, "seed"))
		victim := events.Ref{Source: "test", Kind: "diary", ID: "nobody"}
		recs[0].Event.Type, recs[0].Event.Ref, recs[0].Event.Date = "ON", victim, start
		at := rapid.IntRange(0, 6).Draw(t, "damaged at step")
		steps, most := 0, rapid.SampledFrom([]int{0, 9}).Draw(t, "most")
		u := &unhurried{t: t, w: w, recs: recs, more: func(RebuildProgress) int { return rapid.IntRange(0, most).Draw(t, "more") }}
		u.fold(60)
		harm := func() {
			if steps++; steps == at+1 {
				harmRow(t, w, victim)
			}
		}
		harm()
		_, err := w.Rebuild(context.Background(), RebuildConfig{Log: newTape(recs, 25), Model: "diaries", Progress: func(p RebuildProgress) {
			u.step(p)
			if p.Phase == "read" {
				harm()
			}
		}})
		if steps <= at {
			require.NoError(t, err, "it was not damaged")
			return
		}
		require.ErrorIs(t, err, ErrDifferent)
		require.Equal(t, "diaries_v1", w.liveSide(t, diaries))
	})
}

// harmRow changes the secondary keys of a row.
func harmRow(t require.TestingT, w twin, victim events.Ref) {
	rows, err := w.Load(context.Background(), "diaries_v1", []events.Ref{victim})
	require.NoError(t, err)
	require.Len(t, rows, 1)
	rows[0].Index = map[string]string{"status": "none of them"}
	stands, err := w.Checkpoint(context.Background(), "diaries_v1", 0)
	require.NoError(t, err)
	require.NoError(t, w.Commit(context.Background(), Commit{Model: "diaries_v1", From: stands, To: stands, Rows: rows}))
}

func TestLaw10_ABugIsFoundInARowThatNobodyTouchesWhileOthersAreWritten(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(300, 12)
	victim := events.Ref{Source: "test", Kind: "diary", ID: "nobody"}
	for i := range recs { // nobody else hears of the second state
		if recs[i].Event.Type == "OFF" {
			recs[i].Event.Type = "ON"
		}
	}
	recs[0].Event.Type, recs[0].Event.Ref, recs[0].Event.Date = "ON", victim, start
	recs[1].Event.Type, recs[1].Event.Ref, recs[1].Event.Date = "OFF", victim, start+1
	u := &unhurried{t: t, w: w, recs: recs, more: func(RebuildProgress) int { return 15 }}
	u.fold(100)
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs, 25), Model: "diaries", As: forgetful(), Progress: u.step})
	require.ErrorIs(t, err, ErrDifferent)
	require.Greater(t, u.have, 150)
	assert.Equal(t, 1, report.Different)
	require.Len(t, report.Differences, 1)
	assert.Equal(t, victim, report.Differences[0].Ref)
	assert.Equal(t, "diaries_v1", w.liveSide(t, diaries))
}

func TestLaw10_ARowDamagedJustBeforeCommitsWaitIsFound(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(100, 15)
	victim := events.Ref{Source: "test", Kind: "diary", ID: "nobody"}
	recs[0].Event.Type, recs[0].Event.Ref, recs[0].Event.Date = "ON", victim, start
	u := &unhurried{t: t, w: w, recs: recs}
	u.fold(60)
	u.more = func(p RebuildProgress) int {
		if p.Phase != "read" || p.Done < p.Of {
			return 0
		}
		w.inner.loaded = func(side string, _ []events.Ref) {
			if side == green("diaries_v1") { // the last thing that is read before commits wait
				w.inner.loaded = nil
				harmRow(t, w, victim)
			}
		}
		return 3
	}
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", Progress: u.step})
	require.ErrorIs(t, err, ErrDifferent)
	require.Nil(t, w.inner.loaded, "it was damaged")
}

func TestCommitsWaitForNoListOfRows(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(300, 13)
	u := &unhurried{t: t, w: w, recs: recs}
	u.more = func(p RebuildProgress) int {
		if p.Phase == "read" && p.Done == p.Of {
			return 3
		}
		return 0
	}
	u.fold(100)
	gate := &w.byName["diaries"].gate
	closed := func() bool {
		if gate.TryRLock() {
			gate.RUnlock()
			return false
		}
		return true
	}
	lists, loads := 0, 0
	w.inner.listed = func(string) {
		if assert.False(t, closed(), "a list keeps commits waiting"); true {
			lists++
		}
	}
	w.inner.loaded = func(_ string, refs []events.Ref) {
		if closed() {
			loads += len(refs)
		}
	}
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", Progress: u.step})
	require.NoError(t, err)
	assert.Equal(t, 2, lists, "each side is read once")
	assert.Zero(t, loads, "what came while rows were read was compared before commits waited")
	assert.Equal(t, 103, u.have)
}

func TestAnotherProcessThatBeginsARebuildEndsThisOneAndNothingIsLost(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{"fold", "read", "compare", "swap"} {
		w, recs := newTwin(), traffic(120, 14)
		project(t, Config{Log: newTape(recs), Store: w, Models: both})
		want := rows(t, w, diaries)
		report, err := w.interrupted(t, recs, phase, NewGenerations(w.inner, both...))
		require.NoError(t, err, phase)
		require.True(t, report.Swapped, phase)
		after := NewGenerations(w.inner, both...)
		assert.Equal(t, green("diaries_v1"), twin{after, w.inner}.liveSide(t, diaries), phase)
		assert.Equal(t, want, rows(t, after, diaries), phase)
	}
}

func TestAnotherProcessThatBeginsARebuildAndFailsEndsThisOneToo(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{"fold", "read", "compare", "swap"} {
		w, recs := newTwin(), traffic(120, 14)
		project(t, Config{Log: newTape(recs), Store: w, Models: both})
		want := rows(t, w, diaries)
		_, err := w.interrupted(t, recs, phase, NewGenerations(unlisted{w.inner}, both...))
		require.ErrorIs(t, err, errFault, phase)
		after := NewGenerations(w.inner, both...)
		assert.Equal(t, "diaries_v1", twin{after, w.inner}.liveSide(t, diaries), phase)
		assert.Equal(t, want, rows(t, after, diaries), phase)
	}
}

// unlisted is a store that cannot be read through.
type unlisted struct{ *bytesStore }

func (unlisted) List(context.Context, Query) (Page, error) { return Page{}, errFault }

// interrupted rebuilds while in one phase of that another process does so too. What comes of the other one is returned.
func (w twin) interrupted(t *testing.T, recs []Record, phase string, other *Generations) (report RebuildReport, failed error) {
	begun := false
	mine, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", Progress: func(p RebuildProgress) {
		if p.Phase == phase && !begun {
			begun = true
			report, failed = other.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
		}
	}})
	require.Error(t, err, phase)
	require.False(t, mine.Swapped, phase)
	if phase == "swap" {
		require.ErrorIs(t, err, ErrRebuilding)
	}
	return report, failed
}
