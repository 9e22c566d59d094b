package projections

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// arriving is a record of a date that the log stored at a time.
func arriving(seq Seq, t events.Type, date int64, at time.Time) Record {
	return Record{Seq: seq, Time: at, Event: event(t, "d", date)}
}

func TestRule3_TheFutureBoundIsJudgedToTheSecondAgainstTheLogAndForClaimsOnly(t *testing.T) {
	t.Parallel()
	at := time.Unix(start, 999_999_999)
	for _, c := range []struct {
		name string
		typ  events.Type
		date int64
		at   time.Time
		want Fate
	}{
		{"at the bound", "ON", start + 50, at, Admitted},
		{"one second beyond", "ON", start + 51, at, TooNew},
		{"an observation beyond", events.Observed, start + 51, at, Admitted},
		{"a tick beyond", events.Tick, start + 51, at, Admitted},
		{"no log, so no bound", "ON", start + 5000, time.Time{}, Admitted},
		{"the end of time", "ON", math.MaxInt64, at, TooNew},
		{"the beginning of time", "ON", math.MinInt64, at, Admitted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPair(diaries, "d")
			fate, _ := fold(p.owned, arriving(1, c.typ, c.date, c.at))
			assert.Equal(t, c.want, fate)
		})
	}
}

func TestRule3_NoFutureBoundWhereTheModelWantsNone(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Terms.Future = -1
	p := newPair(m, "d")
	assert.Equal(t, Admitted, p.add(t, arriving(1, "ON", start+9999, time.Unix(start, 0))))
}

func TestRule3_WhatIsOlderThanTheHorizonIsRefusedToTheSecond(t *testing.T) {
	t.Parallel()
	for _, typ := range []events.Type{"OFF", events.Observed, events.Tick} {
		p := newPair(diaries, "d")
		recs := logged(event("ON", "d", start+100), event(typ, "d", start), event(typ, "d", start-1))
		var got []Fate
		for _, rec := range recs {
			got = append(got, p.add(t, rec))
		}
		assert.Equal(t, []Fate{Admitted, Admitted, TooOld}, got, typ)
	}
}

func TestRule3_ObservationsAndTicksDoNotMoveTheNewestTime(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	recs := logged(
		event(events.Observed, "d", start+5000), event("ON", "d", start), event(events.Tick, "d", start+5000), event("OFF", "d", start-100))
	for _, rec := range recs {
		assert.Equal(t, Admitted, p.add(t, rec), rec.Event.Type)
	}
	v, _ := p.owned.view(AsOf{})
	assert.Len(t, v.History, 4, "nothing is behind the horizon")
}

func TestRule3_ARefusedRecordIsJudgedAnew(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	early, late := time.Unix(start-100, 0), time.Unix(start, 0)
	assert.Equal(t, TooNew, p.add(t, arriving(1, "ON", start, early)))
	assert.Equal(t, Admitted, p.add(t, arriving(2, "ON", start, late)))
	assert.Equal(t, Copy, p.add(t, arriving(3, "ON", start, late)))
}

func TestRule3_DatesAtBothEndsOfTimeAreOrderedLikeAllOthers(t *testing.T) {
	t.Parallel()
	for _, dates := range [][]int64{
		{math.MinInt64, math.MinInt64 + 5, math.MinInt64 + 50, math.MinInt64 + 1},
		{-5, math.MinInt64 + 3, 5, -90},
		{math.MaxInt64, math.MaxInt64 - 50, math.MaxInt64 - 100, math.MaxInt64 - 101},
		{math.MinInt64, math.MaxInt64, 0},
	} {
		for _, m := range []Model[diary]{diaries, runs, advancing} {
			p := newPair(m, "d")
			for i, date := range dates {
				p.add(t, Record{Seq: Seq(i + 1), Event: event("ON", "d", date)})
				got, _ := p.owned.view(AsOf{})
				p.agree(t, got, p.naive.view(p.naive.admitted), "%s %v", m.Name, dates[:i+1])
			}
			p.agree(t, Fold(m, p.naive.ref, p.naive.admitted, AsOf{}), p.naive.view(p.naive.admitted), "%s %v", m.Name, dates)
		}
	}
}

func TestTerms_AHorizonWithoutEndHidesNothing(t *testing.T) {
	t.Parallel()
	for _, m := range []Model[diary]{diaries, fine} {
		m.Terms.Horizon, m.Terms.Window = math.MaxInt64, math.MaxInt64
		p := newPair(m, "d")
		for i, date := range []int64{start, -start, 0, start + 9} {
			require.Equal(t, Admitted, p.add(t, Record{Seq: Seq(i + 1), Event: event("ON", "d", date)}))
		}
		v, err := p.owned.view(AsOf{})
		require.NoError(t, err)
		p.agree(t, v, p.naive.view(p.naive.admitted), m.Name)
		assert.Len(t, v.History, 4)
	}
}

func TestRule20_BeforeTheEpochABaseLineIsDatedDownwards(t *testing.T) {
	t.Parallel()
	p := newPair(fine, "d")
	old := Record{Seq: 1, Event: event("ON", "d", -2)}
	old.Event.Delivery.Attempt = 500
	p.add(t, old)
	p.add(t, Record{Seq: 2, Event: event("ON", "d", 500)})
	v, err := p.owned.view(AsOf{})
	require.NoError(t, err)
	assert.Equal(t, int64(-2), v.History[0].Date)
	p.agree(t, v, p.naive.view(p.naive.admitted))
}
