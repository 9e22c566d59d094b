package projections

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
)

func TestLaw6_WhicheverCallFailsTheRowsAreThoseOfAFoldWithoutTrouble(t *testing.T) {
	t.Parallel()
	recs := traffic(60, 5)
	want := fresh(t, recs)
	run := func(fails func(int, string) bool) int {
		f := &faults{fails: fails}
		log, store := newTape(recs, 7), &flaky{NewMemoryStore(), f}
		log.faults = f
		project(t, Config{Log: log, Store: store, Models: both, Retry: again})
		same(t, want, store.Store)
		return f.calls
	}
	total := run(nil)
	require.Greater(t, total, 40)
	for k := 1; k <= total; k++ {
		run(func(call int, _ string) bool { return call == k })
	}
	for k := 2; k < 12; k++ {
		run(func(call int, _ string) bool { return call%k == 0 && call < 3*total })
	}
	for seed := range uint64(15) {
		rng := rand.New(rand.NewPCG(seed, 2))
		run(func(int, string) bool { return rng.IntN(10) == 0 })
	}
	for _, site := range []string{"open", "next", "checkpoint", "load", "commit", "committed"} {
		n := 0
		run(func(_ int, at string) bool {
			if at == site {
				n++
			}
			return at == site && n%2 == 1 && n < 20
		})
		require.Positive(t, n, site)
	}
}

// torn is a store whose commits fail after some of their rows were kept, as one that writes row by row may.
type torn struct {
	*flaky
	rng *rand.Rand
}

func (s *torn) Commit(ctx context.Context, c Commit) error {
	if len(c.Rows) == 0 || s.rng.IntN(2) == 0 {
		return s.flaky.Commit(ctx, c)
	}
	stands, err := s.flaky.Store.Checkpoint(ctx, c.Model, c.Slot)
	if err != nil {
		return err
	}
	some := Commit{Model: c.Model, Slot: c.Slot, From: stands, To: stands, Rows: c.Rows[:s.rng.IntN(len(c.Rows)+1)]}
	return errors.Join(errFault, s.flaky.Commit(ctx, some))
}

func TestLaw6_RowsAheadOfTheirCheckpointMakeRedeliveryHarmless(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		recs := traffic(150, seed)
		store := &torn{&flaky{NewMemoryStore(), &faults{}}, rand.New(rand.NewPCG(seed, 3))}
		w := &witness{}
		project(t, Config{Log: newTape(recs, 9), Store: store, Models: both, Retry: again, Observe: w})
		same(t, fresh(t, recs), store, "seed %d", seed)
		require.Positive(t, w.fates[Copy])
	}
}

func TestRetry_CountsFailuresWithoutASuccessInBetween(t *testing.T) {
	t.Parallel()
	f := &faults{fails: func(call int, site string) bool { return site == "load" && call < 22 || call == 50 }}
	log, store := newTape(traffic(60, 5), 7), &flaky{NewMemoryStore(), f}
	var attempts []int
	project(t, Config{Log: log, Store: store, Models: both, Retry: func(_ context.Context, err error, attempt int) bool {
		assert.ErrorIs(t, err, errFault)
		attempts = append(attempts, attempt)
		return true
	}})
	assert.Equal(t, []int{1, 2, 3, 1}, attempts)
}

func TestRetry_WithoutOneOrWhenItDoesNotWantToRunReturnsTheError(t *testing.T) {
	t.Parallel()
	for _, retry := range []func(context.Context, error, int) bool{nil, func(_ context.Context, _ error, n int) bool { return n < 3 }} {
		f := &faults{fails: func(_ int, site string) bool { return site == "commit" }}
		p, err := New(Config{Log: newTape(traffic(5, 1)), Store: &flaky{NewMemoryStore(), f}, Models: both, Retry: retry})
		require.NoError(t, err)
		err = p.Run(context.Background())
		assert.ErrorIs(t, err, errFault)
		assert.ErrorContains(t, err, "taking over diaries_v1")
		assert.Zero(t, p.Applied())
	}
}

func TestRun_DoesNotRetryWhatTryingAgainCannotMend(t *testing.T) {
	t.Parallel()
	recs := traffic(20, 6)
	for _, final := range []error{ErrRewound, ErrRecreated, ErrHole} {
		log := newTape(recs)
		p, err := New(Config{Log: failing{log, fmt.Errorf("log: %w", final)}, Store: NewMemoryStore(), Models: both, Retry: again})
		require.NoError(t, err)
		assert.ErrorIs(t, p.Run(context.Background()), final)
	}
}

// failing is a log that cannot be opened.
type failing struct {
	Log
	err error
}

func (l failing) Open(context.Context, Position) (Cursor, error) { return nil, l.err }

func TestRun_NoticesALogThatWasMadeAnewOrLostItsTail(t *testing.T) {
	t.Parallel()
	recs := traffic(20, 6)
	anew := newTape(recs)
	anew.created = anew.created.Add(time.Hour)
	for _, c := range []struct {
		log  *tape
		want error
	}{{anew, ErrRecreated}, {newTape(recs[:10]), ErrRewound}} {
		for _, models := range [][]AnyModel{{diaries}, {diaries, lights}, {lights, diaries}} {
			s := NewMemoryStore()
			project(t, Config{Log: newTape(recs), Store: s, Models: []AnyModel{diaries}})
			p, err := New(Config{Log: c.log, Store: s, Models: models, Retry: again})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(context.Background())
			c.log.ended = cancel
			before, err := s.Checkpoint(t.Context(), diaries.ID(), 0)
			require.NoError(t, err)
			assert.ErrorIs(t, p.Run(ctx), c.want, "with %d models, of which one is new and would begin at the beginning", len(models))
			cancel()
			after, err := s.Checkpoint(t.Context(), diaries.ID(), 0)
			require.NoError(t, err)
			assert.Equal(t, before, after, "who has another log fences nobody")
		}
	}
}

// rival lets another worker run to its end before a commit.
type rival struct {
	Store
	before int
	other  func()
}

func (s *rival) Commit(ctx context.Context, c Commit) error {
	if s.before--; s.before == 0 {
		s.other()
	}
	return s.Store.Commit(ctx, c)
}

func TestLaw6_AWorkerThatIsFencedBeginsAgainAndLosesOrDoublesNothing(t *testing.T) {
	t.Parallel()
	recs := traffic(80, 7)
	want := fresh(t, recs)
	for k := 1; k <= 20; k++ {
		base := NewMemoryStore()
		fenced, far := 0, 60
		if k > 12 {
			far = 80 // the other cannot have read less than is done already
		}
		store := &rival{Store: base, before: k, other: func() {
			project(t, Config{Log: newTape(recs[:far], 5), Store: base, Models: both, Retry: again})
		}}
		w := &witness{}
		project(t, Config{Log: newTape(recs, 9), Store: store, Models: both, Observe: w, Retry: func(_ context.Context, err error, _ int) bool {
			assert.ErrorIs(t, err, ErrFenced)
			fenced++
			return true
		}})
		same(t, want, base, "fenced at commit %d", k)
		committed := map[string]Seq{}
		for _, c := range w.committed {
			assert.Greater(t, c.To.Position.Seq, committed[c.Model], "each commit goes on")
			committed[c.Model] = c.To.Position.Seq
			assert.GreaterOrEqual(t, c.To.Epoch, c.From.Epoch)
		}
		if k <= 18 {
			assert.Equal(t, 1, fenced, "at commit %d of 18", k)
		}
	}
}

func TestFence_AnOlderEpochIsRefused(t *testing.T) {
	t.Parallel()
	s := NewMemoryStore()
	ctx := context.Background()
	to := Checkpoint{Position: Position{Seq: 1}, Epoch: 5}
	require.NoError(t, s.Commit(ctx, Commit{Model: "m", To: to}))
	require.ErrorIs(t, s.Commit(ctx, Commit{Model: "m", From: to, To: Checkpoint{Position: Position{Seq: 2}, Epoch: 4}}), ErrFenced)
}

func TestLaw11_ARowThatCannotBeReadParksItsResourceAndARetryFoldsItAnew(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	ref := events.Ref{Source: "test", Kind: "diary", ID: "d"}
	recs := logged(event("ON", "d", start), event("ON", "e", start), event("OFF", "d", start+1), decided(events.Retried, "d", events.Retry{}))
	for _, row := range []Row{{Ref: ref, State: Bytes{rowVersion, 0xff}}, {Ref: ref}, {Ref: ref, State: broken{}}} {
		s := NewMemoryStore()
		project(t, Config{Log: newTape(recs[:1]), Store: s, Models: both})
		c, err := s.Checkpoint(ctx, diaries.ID(), 0)
		require.NoError(t, err)
		require.NoError(t, s.Commit(ctx, Commit{Model: diaries.ID(), From: c, To: c, Rows: []Row{row}}))
		for range 2 { // before and after a record came for it
			_, err = Read(s, diaries, "test").Get(ctx, "d")
			require.ErrorContains(t, err, `diary "d"`)
			_, err = ReadDocument(ctx, s, diaries, "test", "d", AsOf{})
			require.ErrorContains(t, err, `diary "d"`)
			project(t, Config{Log: newTape(recs[:3]), Store: s, Models: both})
		}
		require.ErrorIs(t, err, ErrUnreadable)
		v, err := Read(s, diaries, "test").Get(ctx, "e")
		require.NoError(t, err)
		require.Equal(t, "ON", v.Value.Status, "the other goes on")
		project(t, Config{Log: newTape(recs), Store: s, Models: both})
		same(t, fresh(t, recs), s)
	}
}

func TestRun_ARowOfANewerLayoutStopsTheModel(t *testing.T) {
	t.Parallel()
	s := NewMemoryStore()
	row := Row{Ref: events.Ref{Source: "test", Kind: "diary", ID: "d"}, State: Bytes{rowVersion + 1}}
	require.NoError(t, s.Commit(context.Background(), Commit{Model: diaries.ID(), Rows: []Row{row}}))
	p, err := New(Config{Log: newTape(logged(event("ON", "d", start))), Store: s, Models: both})
	require.NoError(t, err)
	assert.ErrorContains(t, p.Run(context.Background()), "a newer Hookfold wrote it", "else an older one would park everything")
}

// broken is a state that does not render.
type broken struct{}

func (broken) MarshalBinary() ([]byte, error) { return nil, errors.New("no bytes") }

func TestResumed_IsToldOfEveryTakeOverAlsoWhereNoRecordIsThere(t *testing.T) {
	t.Parallel()
	for _, site := range []string{"open", "checkpoint", "commit", "committed", "next"} {
		var told []string
		failed := false
		f := &faults{fails: func(_ int, at string) bool { first := at == site && !failed; failed = failed || first; return first }}
		log := newTape(nil)
		log.faults = f
		project(t, Config{
			Log: log, Store: &flaky{NewMemoryStore(), f}, Models: both,
			Retry:   func(context.Context, error, int) bool { told = append(told, "waits"); return true },
			Resumed: func() { told = append(told, "reads on") },
		})
		want := []string{"waits", "reads on"}
		if site == "next" {
			want = append([]string{"reads on"}, want...)
		}
		assert.Equal(t, want, told, site)
	}
}
