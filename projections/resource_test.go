package projections

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// Rule 20: what a document shows does not depend on when storage compacts. The naive fold never does.
func TestRule20_AfterEveryRecordTheDocumentIsThatOfAFoldThatNeverCompacts(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		p := newPair(m, "d")
		var past []Record
		for range rapid.IntRange(1, 25).Draw(rt, "records") {
			rec := drawRecord(rt, past)
			past = append(past, rec)
			p.add(rt, rec)
			got, _ := p.owned.view(AsOf{})
			p.agree(rt, got, p.naive.view(p.naive.admitted), "after sequence %d", rec.Seq)
			require.Equal(rt, got.Value, p.owned.value, "the value that is kept")
			require.Equal(rt, [2]int{got.Conflicts, got.Gaps}, [2]int{int(p.owned.counts.conflicts), int(p.owned.counts.gaps)}, "the counts that are kept")
		}
	})
}

func TestLaw3_AnyOrderAndAnyCopiesOfTheAdmittedRecordsFoldToTheSame(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		p := newPair(m, "d")
		var past []Record
		for range rapid.IntRange(1, 20).Draw(rt, "records") {
			rec := drawRecord(rt, past)
			past = append(past, rec)
			p.add(rt, rec)
		}
		live, _ := p.owned.view(AsOf{})
		shuffled := append(rapid.Permutation(p.naive.admitted).Draw(rt, "order"), copies(rt, p.naive.admitted)...)
		p.agree(rt, Fold(m, p.naive.ref, shuffled, AsOf{}), live)
	})
}

// copies repeats some records under later sequences.
func copies(t *rapid.T, recs []Record) []Record {
	var out []Record
	for i, rec := range recs {
		if rapid.Bool().Draw(t, "again") {
			rec.Seq += Seq(100 + i)
			out = append(out, rec)
		}
	}
	return out
}

func TestLaw3_OfCopiesTheFirstOfTheLogStandsWhereverItIsInTheInput(t *testing.T) {
	t.Parallel()
	first := logged(event("ON", "d", start))[0]
	second := first
	second.Seq = 7
	ref := first.Event.Ref
	assert.Equal(t, Seq(1), Fold(diaries, ref, []Record{first, second}, AsOf{}).Seq)
	assert.Equal(t, Seq(1), Fold(diaries, ref, []Record{second, first}, AsOf{}).Seq)
}

func TestLaw4_ACopyChangesNothing(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		p := newPair(m, "d")
		var past []Record
		for range rapid.IntRange(1, 15).Draw(rt, "records") {
			rec := drawRecord(rt, past)
			past = append(past, rec)
			p.add(rt, rec)
		}
		before := state(rt, p.owned)
		for _, rec := range past {
			rec.Seq += 1000
			fate, ts := fold(p.owned, rec)
			require.NotEqual(rt, Waiting, fate)
			if p.naive.admit(rec) == Admitted {
				return // refused the first time, and judged anew: no copy
			}
			require.NotEqual(rt, Admitted, fate)
			require.Empty(rt, ts)
			require.Equal(rt, before, state(rt, p.owned))
		}
	})
}

// state is the whole fold state as a store keeps it.
func state(t require.TestingT, o *owned[diary]) string {
	b, err := o.MarshalBinary()
	require.NoError(t, err)
	return string(b)
}

func TestRule20_TheBaseLineCountsChainsAndDatesWhatIsBehindTheHorizon(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	for _, rec := range logged(event("ON", "d", start), event("OFF", "d", start), event("OFF", "d", start+1), event("ON", "d", start+101)) {
		p.add(t, rec)
	}
	v, err := p.owned.view(AsOf{})
	require.NoError(t, err)
	require.Len(t, v.History, 3, "the line of start+1 stands just inside")
	assert.Equal(t, int64(start), v.History[0].Date)
	assert.Regexp(t, `^2 earlier events, digest [0-9a-f]{64}$`, v.History[0].Why)
	p.agree(t, v, p.naive.view(p.naive.admitted))
}

func TestWindow_AnObservationAtTheHorizonStillLooksBackAtWhatIsInTheBase(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	for _, rec := range logged(
		event("ON", "d", start), event("OFF", "d", start+1), event("ON", "d", start+5), event("ON", "d", start+110),
		event(events.Observed, "d", start+10), // its window reaches back to, and excludes, start
	) {
		require.Equal(t, Admitted, p.add(t, rec))
	}
	assert.Equal(t, 3, p.owned.base().Records)
	assert.EqualValues(t, 2, p.owned.folded, "only what the window can reach is kept")
	v, _ := p.owned.view(AsOf{})
	p.agree(t, v, p.naive.view(p.naive.admitted))
}

func TestSnapshot_WhatReadersHoldNeverChanges(t *testing.T) {
	t.Parallel()
	for _, m := range toyModels {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			p := newPair(m, "d")
			rng := rand.New(rand.NewPCG(1, 2))
			var readers sync.WaitGroup
			for i := range 150 {
				date := int64(start) + int64(i*2) - rng.Int64N(60)
				rec := logged(event(claimTypes[rng.IntN(3)], "d", date))[0]
				rec.Seq = Seq(i + 1)
				fold(p.owned, rec)
				held := ownerOf(given(p.owned))
				before := state(t, held)
				readers.Go(func() {
					for range 3 {
						assert.Equal(t, before, state(t, held))
						_, err := held.document(AsOf{})
						assert.NoError(t, err)
					}
				})
			}
			readers.Wait()
		})
	}
}

func TestSnapshot_TwoOwnersOfOneRowDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	m := runs.fill()
	first := m.fresh(events.Ref{Source: "test", Kind: "diary", ID: "d"})
	for _, rec := range logged(event("ON", "d", start), event("ON", "d", start+1), event("OFF", "d", start+150)) {
		fold(first, rec)
	}
	row := first.row()
	left, right := m.fresh(row.Ref), m.fresh(row.Ref)
	require.NoError(t, left.load(row))
	require.NoError(t, right.load(row))
	before, _ := row.State.MarshalBinary()
	fold(left, nth(4, event("ON", "d", start+400)))
	fold(right, nth(4, event("STRANGE", "d", start+160)))
	after, _ := row.State.MarshalBinary()
	assert.Equal(t, string(before), string(after))
	for f, own := range map[folder]events.Event{left: event("ON", "d", start+400), right: event("STRANGE", "d", start+160)} {
		want := Fold(runs, row.Ref, logged(event("ON", "d", start), event("ON", "d", start+1), event("OFF", "d", start+150), own), AsOf{})
		doc, err := f.document(AsOf{})
		require.NoError(t, err)
		want.Seq = doc.Seq
		assert.Equal(t, document(t, runs, want), string(doc.JSON))
	}
}
