package projections

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// linesAt counts the verdicts of the lines that the admitted records give at one time.
func (n *naive) linesAt(when int64) (out Verdicts) {
	var v diary
	for _, moment := range n.moments(n.sorted(n.admitted)) {
		h := History{keep: all}
		v = n.model.Apply(v, moment, &h)
		for _, l := range h.Lines {
			if moment.Time == when {
				out[l.Verdict] += uint32(max(l.Count, 1))
			}
		}
	}
	return out
}

func TestEffect_VerdictsAreThoseOfTheRecordsOwnInstantAlsoWhenItComesLate(t *testing.T) {
	t.Parallel()
	eachToy(t, func(rt *rapid.T, m Model[diary]) {
		p := newPair(m, "d")
		var past []Record
		for range rapid.IntRange(1, 20).Draw(rt, "records") {
			rec := drawRecord(rt, past)
			past = append(past, rec)
			want := Verdicts{}
			if p.add(rt, rec) == Admitted {
				kept := p.naive.model.Keep(rec)
				want = p.naive.linesAt(p.naive.model.When(kept))
			}
			require.Equal(rt, want, p.owned.told(), "sequence %d", rec.Seq)
		}
	})
}

func TestEffect_APoisonedRecordHasNoVerdicts(t *testing.T) {
	t.Parallel()
	p := newPair(diaries, "d")
	p.add(t, nth(1, event("ON", "d", start)))
	assert.Equal(t, Verdicts{fsm.Gap: 1}, p.owned.told())
	fold(p.owned, nth(2, event(poison, "d", start)))
	assert.Zero(t, p.owned.told())
	fold(p.owned, nth(3, event("ON", "d", start+1)))
	assert.Zero(t, p.owned.told(), "it waits")
}

func TestEffect_TheObserverHearsOfVerdicts(t *testing.T) {
	t.Parallel()
	w := &witness{}
	recs := logged(event("ON", "d", start), event("STRANGE", "d", start+9), event(events.Observed, "d", start+5))
	project(t, Config{Log: newTape(recs), Store: NewMemoryStore(), Models: []AnyModel{diaries}, Observe: w})
	assert.Equal(t, []Verdicts{{fsm.Gap: 1}, {fsm.Conflict: 1}, {fsm.Noted: 1}}, w.verdicts)
}
