package projections

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

func TestLaw11_APanicOfTheModelParksTheResourceAndLeavesItAsItWas(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		p := newPair(m, "d")
		var past []Record
		for range rapid.IntRange(0, 12).Draw(rt, "before") {
			past = append(past, drawRecord(rt, past))
			p.add(rt, past[len(past)-1])
		}
		before, want := state(rt, p.owned), p.naive.view(p.naive.admitted)
		bad := drawRecord(rt, nil)
		bad.Event.Type, bad.Seq = poison, 100
		fate, ts := fold(p.owned, bad)
		if fate == TooOld || fate == TooNew {
			require.Equal(rt, before, state(rt, p.owned))
			return
		}
		require.Equal(rt, Waiting, fate)
		require.Empty(rt, ts)
		want.Parked = &Parked{Seq: 100, Why: "the model failed on the record: it is poisoned"}
		got, _ := p.owned.view(AsOf{})
		p.agree(rt, got, want, "the last good state")

		unpark(p.owned)
		require.Equal(rt, before, state(rt, p.owned), "but for being parked, nothing moved")
	})
}

func TestLaw11_APoisonedClaimThatWouldMoveTheHorizonMovesNothing(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	recs := logged(event("ON", "d", start), event("OFF", "d", start+20), event(events.Observed, "d", start+500), event(poison, "d", start+150))
	for _, rec := range recs[:3] {
		p.add(t, rec)
	}
	before := state(t, p.owned)
	fate, _ := fold(p.owned, recs[3]) // in the middle: the observation is later
	require.Equal(t, Waiting, fate)
	unpark(p.owned)
	assert.Equal(t, before, state(t, p.owned))
}

func TestLaw11_EveryFunctionOfTheModelThatSeesARecordMayFailOnIt(t *testing.T) {
	t.Parallel()
	bad := func(r Record) bool { return r.Event.Type == poison }
	breaks := map[string]func(*Model[diary]){
		"When": func(m *Model[diary]) {
			m.When = func(r Record) int64 {
				if bad(r) {
					panic("no time")
				}
				return r.Event.Date
			}
		},
		"Same": func(m *Model[diary]) {
			m.Same = func(r Record) events.ID {
				if bad(r) {
					panic("no identity")
				}
				return r.Event.ID()
			}
		},
		"Advances": func(m *Model[diary]) {
			m.Advances = func(r Record) bool {
				if bad(r) {
					panic("no news")
				}
				return true
			}
		},
		"Values": func(m *Model[diary]) {
			m.Apply = func(d diary, mo Moment, h *History) diary {
				for _, r := range mo.Records {
					h.Add(Line{Event: string(r.Event.Type), Machine: "m", Verdict: verdictOf("OFF")})
					d.Status = string(r.Event.Type)
				}
				return d
			}
			m.Values = func(d *diary, to []Value) []Value {
				if d.Status == string(poison) {
					panic("no value")
				}
				return append(to, Value{"status", d.Status})
			}
		},
	}
	for name, spoil := range breaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := diaries
			spoil(&m)
			p := newPair(m, "d")
			recs := logged(event("ON", "d", start), event(poison, "d", start))
			p.add(t, recs[0])
			before := state(t, p.owned)
			fate, ts := fold(p.owned, recs[1])
			assert.Equal(t, Waiting, fate)
			assert.Empty(t, ts)
			require.NotNil(t, p.owned.parked())
			assert.Equal(t, Seq(2), p.owned.parked().Seq)
			unpark(p.owned)
			assert.Equal(t, before, state(t, p.owned))
		})
	}
}

func TestLaw11_WhatComesAfterTheParkedRecordWaits(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	recs := logged(event("ON", "d", start), event(poison, "d", start+1), event("OFF", "d", start+2))
	p.add(t, recs[0])
	for _, rec := range recs[1:] {
		fate, ts := fold(p.owned, rec)
		assert.Equal(t, Waiting, fate)
		assert.Empty(t, ts)
	}
	v, err := p.owned.view(AsOf{})
	require.NoError(t, err)
	assert.Equal(t, "ON", v.Value.Status)
	assert.Equal(t, Seq(1), v.Seq)
	assert.Equal(t, Seq(2), v.Parked.Seq, "the first that could not be folded")
}

func TestLimit_OneRecordMoreInsideTheHorizonParks(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Terms.Limit = 3
	p := newPair(m, "d")
	recs := logged(event("ON", "d", start), event("ON", "d", start+1), event("ON", "d", start+2), event("ON", "d", start+3))
	for _, rec := range recs[:3] {
		require.Equal(t, Admitted, p.add(t, rec))
	}
	fate, _ := fold(p.owned, recs[2])
	require.Equal(t, Copy, fate, "copies do not count")
	before := state(t, p.owned)
	fate, _ = fold(p.owned, recs[3])
	assert.Equal(t, Waiting, fate)
	assert.Equal(t, &Parked{Seq: 4, Why: "more than 3 records inside the horizon"}, p.owned.parked())
	unpark(p.owned)
	assert.Equal(t, before, state(t, p.owned), "but for being parked, nothing moved")
	v, err := p.owned.view(AsOf{})
	require.NoError(t, err)
	assert.Len(t, v.History, 3)
}

// The horizon is that of the newest record, hence also of the one that comes in.
func TestLimit_ARecordThatLeavesTheOthersBehindTheHorizonDoesNotPark(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Terms.Limit = 3
	p := newPair(m, "d")
	for _, rec := range logged(event("ON", "d", start), event("ON", "d", start+1), event("ON", "d", start+2), event("OFF", "d", start+500)) {
		assert.Equal(t, Admitted, p.add(t, rec))
	}
	v, _ := p.owned.view(AsOf{})
	p.agree(t, v, p.naive.view(p.naive.admitted))
}
