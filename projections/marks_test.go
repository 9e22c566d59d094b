package projections

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

func TestLaw3_LongHistoriesThatGoOnFromMarksAreThoseOfTheNaiveFold(t *testing.T) {
	t.Parallel()
	for _, m := range toyModels {
		m.Terms.Horizon, m.Terms.Newest = 400, m.Terms.Newest*25 // several marks inside
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			p, rng := newPair(m, "d"), rand.New(rand.NewPCG(4, 4))
			types := []events.Type{"ON", "OFF", "STRANGE", events.Observed, events.Tick}
			for i := range 400 {
				late := rng.Int64N([]int64{1, 3, 60, 500}[rng.IntN(4)])
				rec := logged(event(types[rng.IntN(5)], "d", start+int64(i*3)-late))[0]
				rec.Seq, rec.Event.Delivery.Attempt = Seq(i+1), uint64(rng.IntN(2))
				if rng.IntN(8) == 0 {
					p.owned = ownerOf(given(p.owned)) // the records are shared now
				}
				if p.add(t, rec) == Admitted && i%5 == 0 {
					want := p.naive.view(p.naive.admitted)
					require.Equal(t, want.Value, p.owned.value, "after %d", rec.Seq)
					got, _ := p.owned.view(AsOf{})
					p.agree(t, got, want)
				}
			}
			require.Greater(t, len(p.owned.marks()), 1, "else this tests nothing")
		})
	}
}

func TestLaw11_APoisonedRecordAmongMarksLeavesTheResourceAsItWas(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{true, false} {
		p := newPair(diaries, "d")
		for i := range 90 {
			p.add(t, nth(i+1, event("ON", "d", start+int64(i))))
		}
		held := p.owned.resource
		if shared {
			held = given(p.owned)
		}
		before := state(t, p.owned)
		for _, date := range []int64{start + 89, start + 40, start} {
			fate, _ := fold(p.owned, nth(91, event(poison, "d", date)))
			require.Equal(t, Waiting, fate)
			unpark(p.owned)
			assert.Equal(t, before, state(t, p.owned))
		}
		p.add(t, nth(92, event("OFF", "d", start+40)))
		p.add(t, nth(93, event("OFF", "d", start+95)))
		v, _ := p.owned.view(AsOf{})
		p.agree(t, v, p.naive.view(p.naive.admitted))
		assert.Equal(t, v.Value, p.owned.value)
		if shared {
			assert.Equal(t, before, state(t, ownerOf(held)), "and its snapshot as it is")
		}
	}
}

func TestSnapshot_TwoOwnersOfOneRowDoNotDisturbEachOthersMarks(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Terms.Horizon = 1000
	left, right := newPair(m, "d"), newPair(m, "d")
	for i := range 200 {
		rec := nth(i+1, event("ON", "d", start+int64(2*i)))
		left.add(t, rec)
		right.naive.admit(rec)
	}
	right.owned.resource = given(left.owned)
	for i := range 150 { // from far behind on, so that new marks stand where old ones stood
		left.add(t, nth(201+i, event("OFF", "d", start+41+int64(2*i))))
	}
	right.add(t, nth(201, event("STRANGE", "d", start+301)))
	for _, p := range []*pair{left, right} {
		v, err := p.owned.view(AsOf{})
		require.NoError(t, err)
		p.agree(t, v, p.naive.view(p.naive.admitted))
		assert.Equal(t, v.Value, p.owned.value)
	}
}
