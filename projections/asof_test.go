package projections

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// then demands that a resource shows the past as the fold of what had been said by then, or says that it cannot.
func then(t *rapid.T, p *pair, at AsOf) {
	got, err := p.owned.view(at)
	want := Fold(p.naive.model, p.naive.ref, p.naive.admitted, at)
	if errors.Is(err, ErrArchived) {
		require.NotNil(t, p.owned.base())
		return
	}
	require.Equal(t, want.Known(), err == nil)
	p.agree(t, got, want)
}

func TestRule19_ThePastIsTheFoldOfWhatHadBeenSaidByThen(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		p := newPair(m, "d")
		var past []Record
		for range rapid.IntRange(1, 15).Draw(rt, "records") {
			past = append(past, drawRecord(rt, past))
			p.add(rt, past[len(past)-1])
		}
		before := state(rt, p.owned)
		then(rt, p, AtSeq(Seq(rapid.IntRange(0, 16).Draw(rt, "seq"))))
		then(rt, p, AtTime(start+rapid.Int64Range(-250, 600).Draw(rt, "time")))
		require.Equal(rt, before, state(rt, p.owned), "looking back changes nothing")
	})
}

func TestRule19_BeforeTheBaseThePastIsArchived(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	for _, rec := range logged(event("ON", "d", start), event("OFF", "d", start+10), event("ON", "d", start+200)) {
		p.add(t, rec)
	}
	// The base ends at start+10. Only where the horizon lay behind that can it be told what was in the base then.
	for _, at := range []AsOf{AtTime(start + 10), AtTime(start + 199), AtTime(math.MinInt64), AtSeq(2), AtSeq(1), AtSeq(0)} {
		_, err := p.owned.view(at)
		assert.ErrorIs(t, err, ErrArchived)
	}
	for _, at := range []AsOf{AtTime(start + 200), AtTime(math.MaxInt64), AtSeq(3), AtSeq(99)} {
		v, err := p.owned.view(at)
		require.NoError(t, err)
		assert.Regexp(t, "^2 earlier events", v.History[0].Why)
	}
}

func TestRule19_WhatIsSparedBehindTheHorizonKeepsThePastTellable(t *testing.T) {
	t.Parallel()
	m := diaries
	m.Terms.Spare = 2
	p := newPair(m, "d")
	recs := logged(event("ON", "d", start), event("OFF", "d", start+10), event("ON", "d", start+200), event("OFF", "d", start+900))
	for _, rec := range recs[:3] {
		p.add(t, rec)
	}
	assert.Nil(t, p.owned.base(), "two records are spared")
	for _, at := range []AsOf{AtTime(start), AtTime(start + 10), AtTime(start + 199), AtTime(start + 200), AtSeq(1), AtSeq(2), AtSeq(3)} {
		v, err := p.owned.view(at)
		require.NoError(t, err)
		p.agree(t, v, Fold(m, p.naive.ref, recs[:3], at))
	}
	v, err := p.owned.view(AsOf{})
	require.NoError(t, err)
	assert.Regexp(t, "^2 earlier events", v.History[0].Why, "documents hide them all the same")
	p.add(t, recs[3])
	assert.Equal(t, 3, p.owned.base().Records, "a third one takes them all into the base")
}

func TestRule19_BeforeTheFirstWordNothingIsKnown(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	p.add(t, logged(event("ON", "d", start))[0])
	for _, at := range []AsOf{AtTime(start - 1), AtSeq(0)} {
		_, err := p.owned.view(at)
		assert.ErrorIs(t, err, ErrUnknown)
	}
}

func TestRule19_ATickOfTheSameTimeIsNotToldTwice(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "d", start), event(events.Tick, "d", start+5))
	p := newPair(diaries, "d")
	for _, rec := range recs {
		p.add(t, rec)
	}
	v, err := p.owned.view(AtTime(start + 5))
	require.NoError(t, err)
	assert.Len(t, v.History, 2)
	p.agree(t, v, Fold(diaries, p.naive.ref, recs, AtTime(start+5)))
}

func TestRule19_TheTickStandsBeforeTheRestOfItsSecondWhereTimeIsFiner(t *testing.T) {
	t.Parallel()
	rec := logged(event("ON", "d", start))[0]
	rec.Event.Delivery.Attempt = 500
	p := newPair(fine, "d")
	p.add(t, rec)
	v, err := p.owned.view(AtTime(start))
	require.NoError(t, err)
	p.agree(t, v, Fold(fine, p.naive.ref, []Record{rec}, AtTime(start)))
	assert.Equal(t, string(events.Tick), v.History[0].Event)
}

func TestRule19_EveryTimeThereIsCanBeAskedFor(t *testing.T) {
	t.Parallel()
	for _, m := range toyModels {
		p := newPair(m, "d")
		p.add(t, logged(event("ON", "d", start))[0])
		v, err := p.owned.view(AtTime(math.MaxInt64))
		require.NoError(t, err, m.Name)
		p.agree(t, v, Fold(m, p.naive.ref, p.naive.admitted, AtTime(math.MaxInt64)), m.Name)
		assert.Equal(t, "ON", v.Value.Status)
		_, err = p.owned.view(AtTime(math.MinInt64))
		assert.ErrorIs(t, err, ErrUnknown, m.Name)
	}
}

func TestAtSeq_BeforeItWasParkedAResourceWasNotParked(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	for _, rec := range logged(event("ON", "d", start), event("OFF", "d", start+1), event(poison, "d", start+2)) {
		fold(p.owned, rec)
	}
	v, err := p.owned.view(AtSeq(2))
	require.NoError(t, err)
	assert.Nil(t, v.Parked)
	v, err = p.owned.view(AtSeq(3))
	require.NoError(t, err)
	assert.NotNil(t, v.Parked)
}

func TestParseAsOf_ReadsSecondsTimesAndSequences(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]AsOf{
		"":                          {},
		"0":                         AtTime(0),
		"-5":                        AtTime(-5),
		"1767225600":                AtTime(start),
		"2026-01-01T00:00:00Z":      AtTime(start),
		"2026-01-01T01:00:00+01:00": AtTime(start),
		"2026-01-01T00:00:00.9Z":    AtTime(start),
		"1969-12-31T23:59:59.5Z":    AtTime(-1),
		"seq:0":                     AtSeq(0),
		"seq:18446744073709551615":  AtSeq(math.MaxUint64),
	} {
		got, err := ParseAsOf(in)
		assert.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{"now", "seq:", "seq:-1", "seq:x", "seq:18446744073709551616", "253402300800", "-253402300800", "1.5", " 5", "2026-01-01", "99999999999999999999"} {
		got, err := ParseAsOf(in)
		assert.ErrorIs(t, err, ErrAsOf, in)
		assert.Zero(t, got, in)
	}
	assert.True(t, AtTime(0).IsTime())
	assert.False(t, AtSeq(1).IsTime())
	assert.False(t, AsOf{}.IsTime())
}
