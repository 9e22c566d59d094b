package projections

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

// narrow is a store that takes no large states.
type narrow struct {
	*flaky
	most int
}

func newNarrow(most int) *narrow { return &narrow{&flaky{NewMemoryStore(), &faults{}}, most} }

func (s *narrow) Features() Features {
	f := s.flaky.Features()
	f.StateBytes, f.Lends = s.most, false
	return f
}

func (s *narrow) Commit(ctx context.Context, c Commit) error {
	for _, row := range c.Rows {
		if b, err := row.State.MarshalBinary(); err != nil || len(b) > s.most {
			return fmt.Errorf("%w: %d bytes (%w)", ErrTooLarge, len(b), err)
		}
	}
	return s.flaky.Commit(ctx, c)
}

func TestLaw11_ARowThatOutgrowsTheStoreParksItsResourceAtTheSameRecordWhereverBatchesAreCut(t *testing.T) {
	t.Parallel()
	var es []events.Event
	for i := range int64(60) {
		es = append(es, event(claimTypes[i%3], "a", start+i))
		if i%20 == 0 {
			es = append(es, event("ON", "b", start+i))
		}
	}
	es = append(es, retry("a", 0), event("ON", "a", start+70), event("OFF", "b", start+70))
	recs := logged(es...)
	narrowly := func(cuts ...int) (*narrow, *witness) {
		s, w := newNarrow(roomToPark+150), &witness{}
		project(t, Config{Log: newTape(recs, cuts...), Store: s, Models: both, Observe: w})
		return s, w
	}
	want, _ := narrowly()
	a := of(t, want, "a")
	require.NotNil(t, a.Parked)
	assert.Equal(t, whyTooLarge, a.Parked.Why)
	assert.Equal(t, "OFF", of(t, want, "b").Value.Status, "the other goes on")
	for _, cuts := range [][]int{{1}, {7}, {13, 2}} {
		got, w := narrowly(cuts...)
		same(t, want, got, "batches of %v", cuts)
		require.NotEmpty(t, w.parked)
		assert.Equal(t, a.Parked.Seq, w.parked[0].Seq)
		assert.Equal(t, 1, w.fates[Decided])
		assert.Equal(t, len(es)-1, w.fates[Admitted]+w.fates[Waiting])
		for _, m := range movesOf(w, a.Ref) {
			assert.Less(t, m.Seq, a.Parked.Seq, "what was not kept is not told")
		}
	}

	q := Quarantine{Log: newTape(recs), Store: want, Models: []AnyModel{diaries}}
	trial, err := q.TryRetry(t.Context(), a.Ref)
	require.NoError(t, err)
	assert.Equal(t, whyTooLarge, trial.Again.Why)

	want.most = 1 << 20
	recs = append(recs, nth(len(recs)+1, retry("a", a.Parked.Seq)))
	project(t, Config{Log: newTape(recs), Store: want, Models: both})
	same(t, fresh(t, recs), want, "once the store takes more")
}

func TestLaw11_AFirstRecordThatIsTooLargeParksAResourceThatIsNotKnown(t *testing.T) {
	t.Parallel()
	big := event(events.Observed, "a", start)
	big.Data = append(append([]byte(`"`), make([]byte, 4000)...), '"')
	recs := logged(big, event("ON", "a", start+1), event("ON", "b", start), drop("a", 1))
	s := newNarrow(roomToPark + 150)
	project(t, Config{Log: newTape(recs[:3]), Store: s, Models: both})
	held, err := Quarantine{Store: s, Models: []AnyModel{diaries}}.Find(t.Context(), diaryRef("a"))
	require.NoError(t, err)
	assert.Equal(t, Parked{Seq: 1, Why: whyTooLarge}, held.Parked)
	project(t, Config{Log: newTape(recs), Store: s, Models: both})
	assert.Equal(t, "ON", of(t, s, "a").Value.Status)
	same(t, fresh(t, recs), s)
}

func TestRule22_AResourceThatIsParkedForItsSizeTellsWhatItHoldsWhereverBatchesAreCut(t *testing.T) {
	t.Parallel()
	var es []events.Event
	for i := range int64(60) {
		es = append(es, event(claimTypes[i%3], "a", start+i), event(claimTypes[i%2], "b", start+i%30))
	}
	recs := logged(es...)
	told := func(cuts ...int) (facts []string, stopped Seq) {
		s, b := newNarrow(roomToPark+150), newBook()
		project(t, Config{Log: newTape(recs, cuts...), Store: s, Models: []AnyModel{diaries}, Facts: b})
		for _, f := range b.facts {
			if f.Ref.ID == "a" {
				facts = append(facts, f.Identity()+" "+f.From+" "+f.To)
				stopped = max(stopped, f.Seq)
			}
		}
		require.NotNil(t, of(t, s, "a").Parked)
		assert.Less(t, stopped, of(t, s, "a").Parked.Seq)
		return facts, stopped
	}
	want, _ := told(1)
	require.NotEmpty(t, want)
	for _, cuts := range [][]int{nil, {7}, {13, 2}} {
		got, _ := told(cuts...)
		assert.Equal(t, want, got, "batches of %v: nothing twice, nothing of what was not kept", cuts)
	}
}
