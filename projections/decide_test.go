package projections

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// decided makes an operator's decision about a diary.
func decided(t events.Type, id string, data any) events.Event {
	b, err := events.Canonical(data)
	if err != nil {
		panic(err)
	}
	return events.Event{Type: t, Ref: events.Ref{Source: "test", Kind: "diary", ID: id}, Date: start, Data: b}
}

func drop(id string, seq Seq) events.Event {
	return decided(events.Skipped, id, events.Skip{Seq: uint64(seq)})
}

func retry(id string, seq Seq) events.Event {
	return decided(events.Retried, id, events.Retry{Seq: uint64(seq)})
}

// mended is the model that no longer fails on poison.
var mended = func() Model[diary] {
	m := diaries
	m.Apply = func(d diary, mo Moment, h *History) (out diary) {
		for i := range mo.Records {
			if mo.Records[i].Event.Type == poison {
				h.Add(Line{Date: mo.Time, Event: string(poison), Verdict: verdictOf("OFF")})
				return d
			}
		}
		return write(d, mo, h)
	}
	return m
}()

// of gives a diary's view.
func of(t require.TestingT, s Store, id string) View[diary] {
	v, err := Read(s, diaries, "test").Get(context.Background(), id)
	require.NoError(t, err)
	return v
}

func TestLaw11_AfterADropTheResourceGoesOnInOrderWithoutTheRecord(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "a", start), event(poison, "a", start+1), event("OFF", "b", start+1), event("OFF", "a", start+2),
		event(poison, "a", start+3), event("ON", "a", start+4), drop("a", 2), event("STRANGE", "b", start+5), drop("a", 5), event("OFF", "a", start+6))
	for _, cuts := range [][]int{{1}, {2}, {3}, {5, 1}, {100}} {
		s := &flaky{NewMemoryStore(), &faults{}}
		w := &witness{}
		project(t, Config{Log: newTape(recs[:7], cuts...), Store: s, Models: both, Observe: w})
		assert.Equal(t, Seq(5), of(t, s, "a").Parked.Seq, "at the next one that cannot be folded")
		assert.Equal(t, "OFF", of(t, s, "a").Value.Status)
		project(t, Config{Log: newTape(recs, cuts...), Store: s, Models: both, Observe: w}) // a restart
		a := of(t, s, "a")
		assert.Nil(t, a.Parked)
		same(t, fresh(t, recs), s, "batches of %v", cuts)

		want := Fold(diaries, a.Ref, ofDiary(recs, "a"), AsOf{})
		a.Seq, want.Seq = 0, 0
		assert.Equal(t, document(t, diaries, want), document(t, diaries, a), "and is the pure fold of the rest")
		assert.Equal(t, 2, w.fates[Decided])
		assert.Equal(t, []Transition{
			{Ref: a.Ref, Machine: "status", Seq: 1, From: "", To: "ON"}, {Ref: a.Ref, Machine: "status", Seq: 7, From: "ON", To: "OFF"},
			{Ref: a.Ref, Machine: "status", Seq: 9, From: "OFF", To: "ON"}, {Ref: a.Ref, Machine: "status", Seq: 10, From: "ON", To: "OFF"},
		}, movesOf(w, a.Ref), "each change is told once, at the record that made it")
	}
}

// ofDiary are the records of one.
func ofDiary(recs []Record, id string) (out []Record) {
	for _, rec := range recs {
		if rec.Event.Ref.ID == id {
			out = append(out, rec)
		}
	}
	return out
}

func movesOf(w *witness, ref events.Ref) (out []Transition) {
	for _, m := range w.moved {
		if m.Ref == ref {
			out = append(out, m)
		}
	}
	return out
}

// Law 10 with decisions anywhere: of what is parked, of what was folded, of what was never there, twice, too early.
func TestLaw10_ARebuildDecidesWhatTheLiveFoldDecided(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		recs := decidedTraffic(rt)
		want := NewMemoryStore()
		project(rt, Config{Log: newTape(recs), Store: want, Models: both})
		got := &flaky{NewMemoryStore(), &faults{}}
		for from := 0; from < len(recs); {
			from += rapid.IntRange(1, 20).Draw(rt, "run")
			project(rt, Config{Log: newTape(recs[:min(from, len(recs))], rapid.IntRange(1, 9).Draw(rt, "cut")), Store: got, Models: both})
		}
		same(rt, want, got)
	})
}

// decidedTraffic draws records of a few diaries with decisions about them.
func decidedTraffic(t *rapid.T) (recs []Record) {
	for i := range rapid.IntRange(1, 60).Draw(t, "records") {
		id := fmt.Sprintf("d_%d", rapid.IntRange(0, 1).Draw(t, "diary"))
		var e events.Event
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			e = event(poison, id, start+int64(i))
		case 1, 2:
			e = drop(id, Seq(rapid.IntRange(0, i+2).Draw(t, "seq")))
		case 3:
			e = retry(id, 0)
		default:
			e = event(rapid.SampledFrom(claimTypes).Draw(t, "type"), id, start+int64(i)+rapid.Int64Range(-30, 5).Draw(t, "late"))
			if rapid.IntRange(0, 15).Draw(t, "leap") == 0 {
				e.Date += 150
			}
		}
		rec := logged(e)[0]
		rec.Seq, rec.Time = Seq(i+1), rec.Time.Add(0)
		recs = append(recs, rec)
	}
	return recs
}

func TestLaw10_AMendedModelThatIsRetriedEqualsItsFreshFold(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "a", start), event(poison, "a", start+1), event("OFF", "a", start+2), event(poison, "a", start+3),
		event("ON", "a", start+4), drop("a", 4), retry("a", 2), event("STRANGE", "a", start+5))
	for _, cuts := range [][]int{{1}, {3}, {100}} {
		live := &flaky{NewMemoryStore(), &faults{}}
		project(t, Config{Log: newTape(recs[:6], cuts...), Store: live, Models: []AnyModel{diaries}})
		assert.Equal(t, Seq(2), of(t, live, "a").Parked.Seq)
		project(t, Config{Log: newTape(recs, cuts...), Store: live, Models: []AnyModel{mended}})
		anew := NewMemoryStore()
		project(t, Config{Log: newTape(recs), Store: anew, Models: []AnyModel{mended}})
		require.Equal(t, rows(t, anew, mended), rows(t, live, mended), "the record that was dropped is left out there too")
		v, err := Read(live, mended, "test").Get(context.Background(), "a")
		require.NoError(t, err)
		assert.Nil(t, v.Parked)
		assert.Equal(t, "STRANGE", v.Value.Status)
	}
}

func TestRetry_OfWhatIsNotMendedStandsWhereItStood(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "a", start), event(poison, "a", start+1), event("OFF", "a", start+2), retry("a", 2))
	s := NewMemoryStore()
	project(t, Config{Log: newTape(recs, 1), Store: s, Models: both})
	assert.Equal(t, &Parked{Seq: 2, Why: "the model failed on the record: it is poisoned"}, of(t, s, "a").Parked)
}

func TestAsOf_AMomentBetweenARecordAndItsDropIsNotToldWrong(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "a", start), event(poison, "a", start+1), event("OFF", "a", start+2), drop("a", 2))
	s := NewMemoryStore()
	project(t, Config{Log: newTape(recs), Store: s, Models: both})
	for seq, want := range map[Seq]string{1: "ON", 4: "OFF"} {
		v, err := Read(s, diaries, "test").At(context.Background(), "a", AtSeq(seq))
		require.NoError(t, err)
		assert.Equal(t, want, v.Value.Status)
	}
	_, err := Read(s, diaries, "test").At(context.Background(), "a", AtSeq(3))
	assert.ErrorIs(t, err, ErrArchived)
}
