package projections

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

func TestLaw10_ARebuildEqualsTheLiveRowsWhereverBatchesWereCut(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		recs := traffic(200, seed)
		want := fresh(t, recs)
		rng := rand.New(rand.NewPCG(seed, 1))
		for _, cuts := range [][]int{{1}, {2, 1}, {7}, {1 + rng.IntN(50), 1 + rng.IntN(50)}} {
			got := &flaky{NewMemoryStore(), &faults{}}
			project(t, Config{Log: newTape(recs, cuts...), Store: got, Models: both})
			same(t, want, got, "seed %d, batches of %v", seed, cuts)
		}
	}
}

func TestLaw10_TheLiveRowsAreThoseOfTheNaiveFold(t *testing.T) {
	t.Parallel()
	recs := traffic(400, 99)
	kept := make([]Record, 0, len(recs))
	for _, rec := range recs {
		if rec.Event.Type != poison {
			rec.Seq = Seq(len(kept) + 1)
			kept = append(kept, rec)
		}
	}
	s := fresh(t, kept)
	naives := map[events.Ref]*pair{}
	for _, rec := range kept {
		if ref, ok := diaries.Key(rec); ok {
			if naives[ref] == nil {
				naives[ref] = newPair(diaries, ref.ID)
			}
			naives[ref].naive.admit(rec)
		}
	}
	require.Len(t, naives, 6)
	for ref, p := range naives {
		got, err := Read(s, diaries, "test").Get(context.Background(), ref.ID)
		require.NoError(t, err)
		p.agree(t, got, p.naive.view(p.naive.admitted))
	}
}

func TestSlots_TwoWorkersOverOneStoreGiveTheRowsOfOne(t *testing.T) {
	t.Parallel()
	recs := traffic(300, 3)
	got := NewMemoryStore()
	var workers sync.WaitGroup
	for slot := range 2 {
		workers.Go(func() {
			project(t, Config{Log: newTape(recs, 1+slot*6), Store: got, Models: both, Slots: 2, Hold: []int{slot}})
		})
	}
	workers.Wait()
	same(t, fresh(t, recs), got)
	for slot := range 2 {
		c, err := got.Checkpoint(context.Background(), diaries.ID(), slot)
		require.NoError(t, err)
		assert.Equal(t, Seq(300), c.Position.Seq, "every slot sees the whole log")
	}
}

// witness notes what it is told.
type witness struct {
	mu        sync.Mutex
	folded    map[string][]Seq
	fates     map[Fate]int
	ignored   []Seq
	committed []Commit
	parked    []Parked
	moved     []Transition
	verdicts  []Verdicts
}

func (w *witness) Folded(model string, rec Record, did Effect) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.folded == nil {
		w.folded, w.fates = map[string][]Seq{}, map[Fate]int{}
	}
	w.folded[model] = append(w.folded[model], rec.Seq)
	w.fates[did.Fate]++
	w.moved = append(w.moved, did.Transitions...)
	w.verdicts = append(w.verdicts, did.Verdicts)
}

func (w *witness) Ignored(rec Record) { w.ignored = append(w.ignored, rec.Seq) }
func (w *witness) Committed(c Commit) { w.committed = append(w.committed, c) }
func (w *witness) Parked(_ string, _ events.Ref, p Parked) {
	w.parked = append(w.parked, p)
}

func TestModels_OneAddedLaterCatchesUpAndTheOthersDoNotFoldAgain(t *testing.T) {
	t.Parallel()
	recs := traffic(200, 4)
	got := NewMemoryStore()
	project(t, Config{Log: newTape(recs[:120], 10), Store: got, Models: []AnyModel{diaries}})
	w := &witness{}
	project(t, Config{Log: newTape(recs, 7), Store: got, Models: both, Observe: w}) // a batch ends beyond 120
	same(t, fresh(t, recs), got)
	for _, seq := range w.folded[diaries.ID()] {
		require.Greater(t, seq, Seq(120))
	}
	require.NotEmpty(t, w.folded[lights.ID()])
	assert.Less(t, w.folded[lights.ID()][0], Seq(20))
}

func TestObserver_IsToldEverythingOnce(t *testing.T) {
	t.Parallel()
	of := func(kind string, typ events.Type, date int64) events.Event {
		e := event(typ, "d", date)
		e.Ref.Kind = kind
		return e
	}
	recs := logged(
		of("diary", "ON", start), of("diary", "ON", start), of("stranger", "ON", start), of("diary", "OFF", start+200),
		of("diary", "ON", start+50), of("diary", poison, start+201), of("diary", "ON", start+202), of("diary", "ON", start+5_000_000))
	w := &witness{}
	project(t, Config{Log: newTape(recs, 3), Store: NewMemoryStore(), Models: []AnyModel{diaries}, Observe: w})
	assert.Equal(t, map[string][]Seq{"diaries_v1": {1, 2, 4, 5, 6, 7, 8}}, w.folded)
	assert.Equal(t, map[Fate]int{Admitted: 2, Copy: 1, TooOld: 1, Waiting: 3}, w.fates)
	assert.Equal(t, []Seq{3}, w.ignored)
	require.Len(t, w.parked, 1)
	assert.Equal(t, Seq(6), w.parked[0].Seq)
	require.Len(t, w.committed, 3)
	for i, want := range []struct {
		to   Seq
		rows int
	}{{3, 1}, {6, 1}, {8, 0}} {
		c := w.committed[i]
		assert.Equal(t, want.to, c.To.Position.Seq)
		assert.Len(t, c.Rows, want.rows, "only rows that changed are written")
	}
	ref := recs[0].Event.Ref
	assert.Equal(t, []Transition{
		{Ref: ref, Machine: "status", Seq: 1, From: "", To: "ON"}, {Ref: ref, Machine: "status", Seq: 4, From: "ON", To: "OFF"},
	}, w.moved)
}

func TestLaw11_APoisonedResourceStopsNoOther(t *testing.T) {
	t.Parallel()
	recs := logged(event("ON", "a", start), event(poison, "a", start+1), event("ON", "b", start+2), event("OFF", "a", start+3))
	s := NewMemoryStore()
	project(t, Config{Log: newTape(recs), Store: s, Models: []AnyModel{diaries}})
	a, err := Read(s, diaries, "test").Get(context.Background(), "a")
	require.NoError(t, err)
	assert.Equal(t, "ON", a.Value.Status)
	assert.Equal(t, &Parked{Seq: 2, Why: "the model failed on the record: it is poisoned"}, a.Parked)
	b, err := Read(s, diaries, "test").Get(context.Background(), "b")
	require.NoError(t, err)
	assert.Nil(t, b.Parked)
}

func TestNew_ReportsEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{})
	require.ErrorIs(t, err, ErrModel)
	for _, part := range []string{"Log and Store are needed", "at least one model is needed"} {
		assert.ErrorContains(t, err, part)
	}
	bad := Model[diary]{Name: "a b", Terms: Terms{Limit: -1, Future: -2}}
	_, err = New(Config{Models: []AnyModel{diaries, diaries, bad, nil}, Slots: 2, Hold: []int{0, 2, -1}})
	require.ErrorIs(t, err, ErrModel)
	for _, part := range []string{
		"Log and Store", `"diaries_v1" is given twice`, "needs a name", "needs a version", "needs a kind", "needs Key", "needs Apply",
		"needs Document", "has a negative term", "future bound, a spare or a window below -1", "slot 2 is not one of 2", "slot -1", "model 3 is nil",
	} {
		assert.ErrorContains(t, err, part)
	}
	_, err = New(Config{Log: newTape(nil), Store: NewMemoryStore(), Models: both, Slots: -1})
	assert.ErrorContains(t, err, "Slots is -1")
	_, err = New(Config{Log: newTape(nil), Store: NewMemoryStore(), Models: both, AtHand: -1})
	assert.ErrorContains(t, err, "AtHand is -1")
	_, err = New(Config{Log: newTape(nil), Store: NewMemoryStore(), Models: both, Hold: []int{}})
	assert.ErrorContains(t, err, "Hold is empty", "else it would read everything and fold nothing")
}

func TestFold_AndReadPanicOnAModelThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { Fold(Model[diary]{}, events.Ref{}, nil, AsOf{}) })
	assert.Panics(t, func() { Read(NewMemoryStore(), Model[diary]{}, "test") })
}

func TestWait_ReturnsWhenTheRecordIsAppliedAndAtNoOtherTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		log := NewMemoryLog("log", func() time.Time { return time.Unix(start, 0) }, 0)
		p, err := New(Config{Log: log, Store: NewMemoryStore(), Models: both})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		stopped := make(chan error, 1)
		go func() { stopped <- p.Run(ctx) }()

		before := time.Now()
		waited := make(chan error, 1)
		go func() { waited <- p.Wait(ctx, 2) }()
		_, err = log.Append(ctx, event("ON", "d", start))
		require.NoError(t, err)
		synctest.Wait()
		assert.Empty(t, waited, "one record is not two")
		assert.Equal(t, Seq(1), p.Applied())
		_, err = log.Append(ctx, event("OFF", "d", start+1))
		require.NoError(t, err)
		require.NoError(t, <-waited)
		assert.Equal(t, Seq(2), p.Applied())
		assert.Equal(t, before, time.Now(), "nobody slept")
		v, err := Read(p.cfg.Store, diaries, "test").Get(ctx, "d")
		require.NoError(t, err)
		assert.Equal(t, "OFF", v.Value.Status, "what was waited for can be read")

		cancel()
		assert.ErrorIs(t, <-stopped, context.Canceled)
	})
}

func TestWait_TellsTheLagWhenTheContextEnds(t *testing.T) {
	t.Parallel()
	recs := traffic(5, 1)
	s := NewMemoryStore()
	ctx, cancel := context.WithCancel(context.Background())
	log := newTape(recs)
	log.ended = cancel
	p, err := New(Config{Log: log, Store: s, Models: both})
	require.NoError(t, err)
	require.ErrorIs(t, p.Run(ctx), context.Canceled)
	assert.NoError(t, p.Wait(ctx, 5), "what is applied needs no waiting")
	var lag *LagError
	require.ErrorAs(t, p.Wait(ctx, 6), &lag)
	assert.Equal(t, LagError{Have: 5, Want: 6}, *lag)
	assert.ErrorContains(t, lag, "applied up to sequence 5, asked for 6")
}

func TestRun_GoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	recs := traffic(100, 8)
	s := NewMemoryStore()
	log := newTape(recs[:50], 9)
	p, err := New(Config{Log: log, Store: s, Models: both})
	require.NoError(t, err)
	for _, n := range []int{50, 100} {
		log.records = recs[:n]
		ctx, cancel := context.WithCancel(context.Background())
		log.ended = cancel
		require.ErrorIs(t, p.Run(ctx), context.Canceled)
		assert.Equal(t, Seq(n), p.Applied())
	}
	same(t, fresh(t, recs), s)
}
