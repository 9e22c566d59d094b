package projections

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

// twin is a store with sides, as real ones are: it keeps bytes, and fails where it is told to.
type twin struct {
	*Generations
	inner *bytesStore
}

// bytesStore is flaky, and can forget.
type bytesStore struct {
	*flaky
	page   int                                // rows in a page at most; 0: as many as are asked for
	listed func(model string)                 // hears of lists
	loaded func(model string, n []events.Ref) // and of loads
}

func (s *bytesStore) List(ctx context.Context, q Query) (Page, error) {
	if s.page > 0 {
		q.Limit = min(q.Limit, s.page)
	}
	if s.listed != nil {
		s.listed(q.Model)
	}
	return s.flaky.List(ctx, q)
}

func (s *bytesStore) Load(ctx context.Context, model string, refs []events.Ref) ([]Row, error) {
	if s.loaded != nil {
		s.loaded(model, refs)
	}
	return s.flaky.Load(ctx, model, refs)
}

func (s *bytesStore) Forget(ctx context.Context, models ...string) error {
	if err := s.faults.next("forget"); err != nil {
		return err
	}
	return s.Store.(*MemoryStore).Forget(ctx, models...)
}

func newTwin() twin {
	inner := &bytesStore{flaky: &flaky{Store: NewMemoryStore(), faults: &faults{}}}
	return twin{NewGenerations(inner, both...), inner}
}

// green is the side that is folded first.
func green(model string) string { return sidesOf(model)[1] }

// both lists everything that a store holds of the first two sides of a model.
func (w twin) both(t require.TestingT, m AnyModel) (first, second map[events.Ref]string) {
	return rows(t, w.inner, m), rows(t, w.inner, named{m, green(m.ID())})
}

// liveSide is which side is live.
func (w twin) liveSide(t require.TestingT, m AnyModel) string {
	side, err := w.side(context.Background(), m.ID())
	require.NoError(t, err)
	return side
}

func TestLaw10_ARebuildEqualsTheLiveModelByteForByteAndIsSwapped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		recs := traffic(rapid.IntRange(1, 300).Draw(t, "records"), rapid.Uint64().Draw(t, "seed"))
		cuts := rapid.SliceOfN(rapid.IntRange(1, 40), 0, 4).Draw(t, "cuts")
		slots := rapid.IntRange(1, 3).Draw(t, "slots")
		w := newTwin()
		log := newTape(recs, cuts...)
		project(t, Config{Log: log, Store: w, Models: both, Slots: slots})
		for _, m := range both {
			report, err := w.Rebuild(context.Background(), RebuildConfig{
				Log: newTape(recs, 7), Model: m.Plural(), Slots: slots, Rows: rapid.IntRange(1, 12).Draw(t, "held"),
			})
			require.NoError(t, err)
			live, rebuilt := w.both(t, m)
			require.Equal(t, live, rebuilt)
			require.True(t, report.Compared && report.Swapped)
			require.Equal(t, report.LiveDigest, report.RebuiltDigest)
			require.Equal(t, len(live), report.LiveRows)
			require.Equal(t, Seq(len(recs)), report.Seq)
			require.Equal(t, green(m.ID()), w.liveSide(t, m))
			require.Equal(t, rebuilt, rows(t, w, m), "readers follow")
		}
	})
}

// forgetful is diaries with a bug: it does not hear of the second state.
func forgetful() Model[diary] {
	m := diaries
	m.Apply = func(d diary, at Moment, h *History) diary {
		before := d.Status
		d = write(d, at, h)
		if d.Status == "OFF" {
			d.Status = before
		}
		return d
	}
	return m
}

func TestLaw10_ABugInApplyMakesTheProofFailAndBlocksTheSwap(t *testing.T) {
	t.Parallel()
	w := newTwin()
	recs := traffic(400, 1)
	project(t, Config{Log: newTape(recs, 9), Store: w, Models: both})
	before := rows(t, w, diaries)
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", As: forgetful(), Differences: 2})
	require.ErrorIs(t, err, ErrDifferent)
	assert.ErrorContains(t, err, "its Version was not raised")
	assert.False(t, report.Swapped)
	assert.NotEqual(t, report.LiveDigest, report.RebuiltDigest)
	assert.Len(t, report.Differences, 2, "as many as were asked for")
	assert.Greater(t, report.Different, 2)
	d := report.Differences[0]
	assert.Equal(t, "document", d.What)
	assert.Regexp(t, `^(History\.\d+\.from|Value\.\w+)$`, d.Field)
	assert.NotEqual(t, d.Live, d.Rebuilt)
	assert.Equal(t, before, rows(t, w, diaries), "the live side is as it was")
	assert.Equal(t, "diaries_v1", w.liveSide(t, diaries))
	_, rebuilt := w.both(t, diaries)
	assert.Empty(t, rebuilt, "what is not live is dropped")
}

func TestDifferencesAreAcceptedByWordOnly(t *testing.T) {
	t.Parallel()
	w := newTwin()
	recs := traffic(100, 2)
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	next := forgetful()
	next.Version = 2
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", As: next})
	require.ErrorIs(t, err, ErrDifferent)
	assert.ErrorContains(t, err, "accept the differences if they are meant")
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", As: next, AcceptDifferences: true, DryRun: true})
	require.NoError(t, err)
	assert.False(t, report.Swapped)
	report, err = w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", As: next, AcceptDifferences: true})
	require.NoError(t, err)
	assert.True(t, report.Swapped)
	assert.Equal(t, "diaries_v2", report.Rebuilt)

	old, err := w.Live(t.Context(), "diaries_v1")
	require.NoError(t, err)
	assert.False(t, old, "the version before tells nobody any more")
	assert.Equal(t, "diaries_v1", w.liveSide(t, diaries), "and serves what it left")
	successor := NewGenerations(w.inner, next, lights)
	is, err := successor.Live(t.Context(), "diaries_v2")
	require.NoError(t, err)
	assert.True(t, is)
	report, err = w.Rollback(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err, "the program of the version before takes over again")
	assert.True(t, report.Swapped)
	old, err = w.Live(t.Context(), "diaries_v1")
	require.NoError(t, err)
	assert.True(t, old)
}

func TestADamagedRowIsFoundWhateverIsDamaged(t *testing.T) {
	t.Parallel()
	recs := traffic(200, 3)
	for what, damage := range map[string]func(*Row){
		"unreadable": func(r *Row) { r.State = Bytes("nonsense") },
		"keys":       func(r *Row) { r.Index = map[string]string{"status": "none of them"} },
		"seq":        func(r *Row) { r.Seq-- },
	} {
		w := newTwin()
		project(t, Config{Log: newTape(recs), Store: w, Models: both})
		page, err := w.List(t.Context(), Query{Model: "diaries_v1", Limit: 1})
		require.NoError(t, err)
		stands, err := w.Checkpoint(t.Context(), "diaries_v1", 0)
		require.NoError(t, err)
		damage(&page.Rows[0])
		require.NoError(t, w.Commit(t.Context(), Commit{Model: "diaries_v1", From: stands, To: stands, Rows: page.Rows}))
		report, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
		require.ErrorIs(t, err, ErrDifferent, what)
		require.Len(t, report.Differences, 1, what)
		assert.Equal(t, what, report.Differences[0].What)
		assert.Equal(t, page.Rows[0].Ref, report.Differences[0].Ref)
	}
}

func TestARowTooManyOrTooFewIsFound(t *testing.T) {
	t.Parallel()
	recs := traffic(200, 4)
	w := newTwin()
	project(t, Config{Log: newTape(recs[:150]), Store: w, Models: both})
	page, err := w.List(t.Context(), Query{Model: "diaries_v1", Limit: 1})
	require.NoError(t, err)
	stands, err := w.Checkpoint(t.Context(), "diaries_v1", 0)
	require.NoError(t, err)
	stray := page.Rows[0]
	stray.Ref.ID, stray.Revision = "nobody", Revision{}
	require.NoError(t, w.Commit(t.Context(), Commit{Model: "diaries_v1", From: stands, To: stands, Rows: []Row{stray}}))
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.ErrorIs(t, err, ErrDifferent)
	assert.Equal(t, []Difference{{Ref: stray.Ref, What: "missing"}}, report.Differences)

	require.NoError(t, w.inner.Forget(t.Context(), "diaries_v1"))
	require.NoError(t, w.inner.Commit(t.Context(), Commit{Model: "diaries_v1", To: stands}))
	report, err = w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.ErrorIs(t, err, ErrDifferent)
	assert.Equal(t, "extra", report.Differences[0].What)
	assert.Equal(t, len(report.Differences), report.Different)
}

func TestARebuildThatFailsAnywhereLeavesTheLiveSideAndCanBeBegunAgain(t *testing.T) {
	t.Parallel()
	recs := traffic(120, 5)
	want := rows(t, fresh(t, recs), diaries)
	failed := 0
	for call := 1; ; call++ {
		w := newTwin()
		project(t, Config{Log: newTape(recs, 50), Store: w, Models: both})
		w.inner.faults.calls = 0
		w.inner.faults.fails = func(n int, _ string) bool { return n >= call } // from here on nothing works: it is dead
		_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs, 13), Model: "diaries", Rows: 3})
		w.inner.faults.fails = nil
		again := NewGenerations(w.inner, both...) // another process
		require.Equal(t, want, rows(t, again, diaries), "call %d", call)
		report, errAgain := again.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
		require.NoError(t, errAgain, "call %d", call)
		require.True(t, report.Swapped)
		require.Equal(t, want, rows(t, again, diaries), "call %d", call)
		if err == nil {
			break
		}
		require.ErrorIs(t, err, errFault)
		failed++
	}
	assert.Greater(t, failed, 10)
}

// running is a projector at work on a log that grows.
type running struct {
	*Projector
	ended chan error
}

func run(t testing.TB, c Config) running {
	t.Helper()
	p, err := New(c)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	r := running{p, make(chan error, 1)}
	go func() { r.ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.ErrorIs(t, <-r.ended, context.Canceled)
	})
	return r
}

// grown makes a log that stamps every record with the next second.
func grown() *MemoryLog {
	second := int64(start)
	return NewMemoryLog("grown", func() time.Time { second++; return time.Unix(second, 0).UTC() }, 0)
}

func TestASwapWhileNotificationsFlowLosesNothing(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"memory", "bytes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTwin()
			if name == "memory" {
				w.Generations = NewGenerations(NewMemoryStore(), both...)
			}
			log := grown()
			var swaps int
			p := run(t, Config{Log: log, Store: w, Models: both, Retry: func(_ context.Context, err error, _ int) bool {
				swaps++
				return errors.Is(err, ErrSwapped) && errors.Is(err, ErrFenced)
			}})
			first, err := log.Append(t.Context(), event("ON", "d_0", start-1))
			require.NoError(t, err)
			require.NoError(t, p.Wait(t.Context(), first))
			done := make(chan struct{})
			go func() { // notifications flow
				defer close(done)
				for i := range 1000 {
					id := fmt.Sprint("d_", i%37)
					seq, err := log.Append(t.Context(), event("ON", id, start+int64(i)))
					if !assert.NoError(t, err) || !assert.NoError(t, p.Wait(t.Context(), seq)) {
						return
					}
					doc, err := ReadDocument(t.Context(), w, diaries, "test", id, AsOf{})
					if !assert.NoError(t, err) || !assert.Equal(t, seq, doc.Seq, "what was readable once stays so") {
						return
					}
				}
			}()
			all := sidesOf("diaries_v1")
			for _, want := range []string{all[1], all[2], all[1], all[0], all[2], all[0], all[1]} {
				ask := w.Rebuild
				if p, err := w.points(t.Context(), w.byName["diaries"]); assert.NoError(t, err) && p.previous == want {
					ask = w.Rollback
				}
				report, err := ask(t.Context(), RebuildConfig{Log: log, Model: "diaries", Rows: 10})
				require.NoError(t, err)
				require.True(t, report.Swapped)
				require.Equal(t, want, w.liveSide(t, diaries))
			}
			<-done
			head, err := log.Head(t.Context())
			require.NoError(t, err)
			last, err := log.Append(t.Context(), event("OFF", "d_0", start+9999))
			require.NoError(t, err)
			require.Equal(t, head.Seq+1, last)
			require.NoError(t, p.Wait(t.Context(), last))
			assert.Equal(t, rows(t, fresh(t, log.records), diaries), rows(t, w, diaries))
		})
	}
}

func TestCommitsToTheLiveSideWaitOnlyForWhatWasWrittenSinceAllRowsWereRead(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(40, 11)
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	closed := map[string]bool{}
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", Progress: func(p RebuildProgress) {
		gate := &w.byName["diaries"].gate
		if closed[p.Phase] = !gate.TryRLock(); !closed[p.Phase] {
			gate.RUnlock()
		}
	}})
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"fold": false, "read": false, "compare": true, "swap": true}, closed)
	stands, err := w.inner.Checkpoint(t.Context(), "diaries_v1", 0)
	require.NoError(t, err)
	stands.Epoch-- // as it was before the swap
	err = w.Commit(t.Context(), Commit{Model: "diaries_v1", From: stands, To: stands})
	require.ErrorIs(t, err, ErrSwapped)
	require.ErrorIs(t, err, ErrFenced)
}

func TestWhoeverWritesInAnotherProcessIsNoticedOrFollows(t *testing.T) {
	t.Parallel()
	w := newTwin()
	log := grown()
	for i := range 50 {
		_, err := log.Append(t.Context(), event("ON", fmt.Sprint("d_", i%7), start+int64(i)))
		require.NoError(t, err)
	}
	elsewhere := NewGenerations(w.inner, both...)
	p := run(t, Config{Log: log, Store: elsewhere, Models: both, Retry: again})
	require.NoError(t, p.Wait(t.Context(), 50))

	moves := 0
	moving := &nudged{MemoryLog: log, from: 2, to: 3, do: func() { // the other process goes on before and while sides are compared
		moves++
		e := event("OFF", "d_1", start+int64(moves))
		if moves == 2 {
			e.Ref.Kind = "light" // only the checkpoint of the diaries moves
		}
		last, err := log.Append(t.Context(), e)
		require.NoError(t, err)
		require.NoError(t, p.Wait(t.Context(), last))
	}}
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: moving, Model: "diaries"})
	require.NoError(t, err, "it is tried again")
	assert.Equal(t, 2, moves)
	assert.True(t, report.Swapped)
	assert.Equal(t, Seq(52), report.Seq)
	moving = &nudged{MemoryLog: log, from: 1, to: 100, do: moving.do}
	_, err = w.Rebuild(t.Context(), RebuildConfig{Log: moving, Model: "diaries"})
	require.ErrorIs(t, err, ErrMoving, "but not for ever")
	last, err := log.Append(t.Context(), event("OFF", "d_2", start+100))
	require.NoError(t, err)
	require.NoError(t, p.Wait(t.Context(), last))
	require.NoError(t, elsewhere.Refresh(t.Context()))
	side, err := elsewhere.side(t.Context(), "diaries_v1")
	require.NoError(t, err)
	assert.Equal(t, green("diaries_v1"), side, "the other process follows")
	assert.Equal(t, rows(t, fresh(t, log.records), diaries), rows(t, elsewhere, diaries))
}

// nudged does something whenever it is opened for the n-th time, of some n.
type nudged struct {
	*MemoryLog
	opened, from, to int
	do               func()
}

func (l *nudged) Open(ctx context.Context, from Position) (Cursor, error) {
	if l.opened++; l.from <= l.opened && l.opened <= l.to {
		l.do()
	}
	return l.MemoryLog.Open(ctx, from)
}

func TestARollbackBringsTheOldSideUpFirst(t *testing.T) {
	t.Parallel()
	w := newTwin()
	recs := traffic(200, 6)
	project(t, Config{Log: newTape(recs[:120]), Store: w, Models: both})
	_, err := w.Rollback(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.ErrorIs(t, err, ErrNoPrevious)
	_, err = w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err)
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	report, err := w.Rollback(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err)
	assert.Equal(t, Seq(200), report.Seq)
	assert.Equal(t, "diaries_v1", w.liveSide(t, diaries))
	assert.Equal(t, rows(t, fresh(t, recs), diaries), rows(t, w, diaries))
	require.NoError(t, w.Discard(t.Context(), "diaries"))
	_, err = w.Rollback(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.ErrorIs(t, err, ErrNoPrevious, "it was discarded")
}

func TestWhatSwapsNothingLeavesTheSideToGoBackToAndNothingElse(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(80, 10)
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	stored := func() (out []bool) {
		for _, side := range sidesOf("diaries_v1") {
			out = append(out, len(rows(t, w.inner, named{diaries, side})) > 0)
		}
		return out
	}
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, false}, stored())
	_, err = w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", DryRun: true})
	require.NoError(t, err)
	require.Equal(t, []bool{true, true, false}, stored())
	_, err = w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", As: forgetful()})
	require.ErrorIs(t, err, ErrDifferent)
	require.Equal(t, []bool{true, true, false}, stored())
	_, err = w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, true}, stored(), "two of them, at rest")
	_, err = w.Rollback(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err)
	require.Equal(t, green("diaries_v1"), w.liveSide(t, diaries))
	require.NoError(t, w.Forget(t.Context(), "diaries_v1"))
	require.Equal(t, []bool{false, false, false}, stored())
	require.Equal(t, "diaries_v1", w.liveSide(t, diaries))
}

func TestARebuildIsRefusedWhereItMakesNoSense(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(20, 7)
	for name, c := range map[string]RebuildConfig{
		"no log":     {Model: "diaries"},
		"no model":   {Log: newTape(recs)},
		"a stranger": {Log: newTape(recs), Model: "strangers"},
		"negative":   {Log: newTape(recs), Model: "diaries", Rows: -1},
		"another":    {Log: newTape(recs), Model: "diaries", As: lights},
	} {
		_, err := w.Rebuild(t.Context(), c)
		require.ErrorIs(t, err, ErrModel, name)
	}
	busy := &nudged{MemoryLog: grown(), from: 1, to: 1}
	busy.do = func() {
		_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
		assert.ErrorIs(t, err, ErrRebuilding)
		assert.ErrorIs(t, w.Discard(t.Context(), "diaries"), ErrRebuilding)
	}
	_, err := busy.Append(t.Context(), event("ON", "d", start))
	require.NoError(t, err)
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: busy, Model: "diaries"})
	require.NoError(t, err)
	assert.True(t, report.Swapped)
	assert.False(t, report.Compared, "nothing was live")
	assert.Greater(t, busy.opened, 0)

	plain := NewGenerations(&flaky{Store: NewMemoryStore(), faults: &faults{}}, both...)
	_, err = plain.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.ErrorIs(t, err, ErrForget)
	assert.Panics(t, func() { NewGenerations(NewMemoryStore(), diaries, diaries) })
}

func TestALogThatIsNotTheOneOfTheLiveSideIsNoticed(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(60, 8)
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs[:40]), Model: "diaries"})
	require.ErrorIs(t, err, ErrRewound)
	other := newTape(recs)
	other.created = time.Unix(start+1, 0)
	_, err = w.Rebuild(t.Context(), RebuildConfig{Log: other, Model: "diaries"})
	require.ErrorIs(t, err, ErrRecreated)
	assert.Equal(t, rows(t, fresh(t, recs), diaries), rows(t, w, diaries))
}

func TestRebuildTellsHowFarItHasCome(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(60, 9)
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	var told []RebuildProgress
	_, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs, 25), Model: "diaries", Progress: func(p RebuildProgress) { told = append(told, p) }})
	require.NoError(t, err)
	assert.Equal(t, []RebuildProgress{
		{"diaries", "fold", 25, 60}, {"diaries", "fold", 50, 60}, {"diaries", "fold", 60, 60},
		{"diaries", "read", 0, 12}, {"diaries", "read", 6, 12}, {"diaries", "read", 12, 12},
		{"diaries", "compare", 60, 60}, {"diaries", "swap", 60, 60},
	}, told)
}

func TestRowsThatRecordsKeepComingForAreNotReadBack(t *testing.T) {
	t.Parallel()
	w := newTwin()
	var recs []Record
	say := func(id string) {
		ref := events.Ref{Source: "test", Kind: "diary", ID: id}
		recs = append(recs, Record{
			Seq: Seq(len(recs) + 1), Time: time.Unix(start+int64(len(recs)), 0),
			Event: events.Event{Type: "ON", Ref: ref, Date: start + int64(len(recs))},
		})
	}
	for i := range 50 { // one that comes again and again, and others that come once
		say("often")
		say(fmt.Sprint("once_", i))
	}
	say("once_0")
	project(t, Config{Log: newTape(recs), Store: w, Models: both})
	loaded := map[string]int{}
	w.inner.loaded = func(_ string, refs []events.Ref) {
		for _, ref := range refs {
			loaded[ref.ID]++
		}
	}
	report, err := w.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs, 2), Model: "diaries", Rows: 4, Progress: func(p RebuildProgress) {
		if p.Phase == "read" {
			w.inner.loaded = nil
		}
	}})
	require.NoError(t, err)
	require.Equal(t, 51, report.RebuiltRows)
	assert.Zero(t, loaded["often"])
	assert.Equal(t, 1, loaded["once_0"], "who was let go is read back, or the rest would be lost")
}
