package projections

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// window is a store that shows documents by other means, and fails to where it is told to.
type window struct {
	*bytesStore
	shows map[string]string // ID by plural name
}

func (w window) Prepare(_ context.Context, m AnyModel) error {
	if w.shows[m.Plural()] == "" {
		w.shows[m.Plural()] = m.ID()
	}
	return nil
}

func (w window) Publish(_ context.Context, m AnyModel) error {
	if err := w.faults.next("show"); err != nil {
		return err
	}
	w.shows[m.Plural()] = m.ID()
	return nil
}

func (w window) Published(_ context.Context, m AnyModel) (string, error) {
	return w.shows[m.Plural()], w.faults.next("shown")
}

// newWindow shows the first side of every model, which have folded some records.
func newWindow(t *testing.T, recs []Record) window {
	w := window{newTwin().inner, map[string]string{}}
	for _, m := range both {
		require.NoError(t, w.Prepare(t.Context(), m))
	}
	project(t, Config{Log: newTape(recs), Store: NewGenerations(w, both...), Models: both})
	return w
}

func (w window) failing(site string) {
	w.faults.fails = func(_ int, s string) bool { return s == site }
}

func TestWhatAStoreDidNotShowWhenSidesWereSwappedIsShownAtTheNextRefresh(t *testing.T) {
	t.Parallel()
	recs := traffic(60, 21)
	w := newWindow(t, recs)
	w.failing("show")
	report, err := NewGenerations(w, both...).Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.ErrorIs(t, err, ErrNotShown)
	require.True(t, report.Swapped)
	require.Equal(t, "diaries_v1", w.shows["diaries"])

	next := NewGenerations(w, both...) // the process that swapped has ended
	require.ErrorIs(t, next.Refresh(t.Context()), ErrNotShown)
	assert.NotEmpty(t, rows(t, next, diaries), "everything else goes on")
	w.faults.fails = nil
	require.NoError(t, next.Refresh(t.Context()))
	assert.Equal(t, green("diaries_v1"), w.shows["diaries"])
	assert.Equal(t, "lights_v1", w.shows["lights"])
	w.failing("shown")
	require.NoError(t, next.Refresh(t.Context()), "it is not asked again")
}

func TestWhatIsForgottenIsShownUnderItsFirstName(t *testing.T) {
	t.Parallel()
	recs := traffic(60, 22)
	w := newWindow(t, recs)
	gens := NewGenerations(w, both...)
	_, err := gens.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries"})
	require.NoError(t, err)
	require.Equal(t, green("diaries_v1"), w.shows["diaries"])
	require.NoError(t, gens.Forget(t.Context(), "diaries_v1"))
	for _, g := range []*Generations{gens, NewGenerations(w, both...)} {
		w.shows["diaries"] = green("diaries_v1")
		require.NoError(t, g.Refresh(t.Context()))
		assert.Equal(t, "diaries_v1", w.shows["diaries"])
	}
}

func TestARefreshShowsNothingInPlaceOfAnotherVersion(t *testing.T) {
	t.Parallel()
	recs := traffic(60, 23)
	w := newWindow(t, recs)
	next := diaries
	next.Version = 2
	newer := NewGenerations(w, next)
	project(t, Config{Log: newTape(recs), Store: newer, Models: []AnyModel{next}})
	require.NoError(t, newer.Refresh(t.Context()))
	assert.Equal(t, "diaries_v1", w.shows["diaries"], "nobody made the new version live")

	older := NewGenerations(w, both...)
	_, err := older.Rebuild(t.Context(), RebuildConfig{Log: newTape(recs), Model: "diaries", As: next})
	require.NoError(t, err)
	require.NoError(t, older.Refresh(t.Context()))
	require.NoError(t, NewGenerations(w, both...).Refresh(t.Context()))
	live := w.shows["diaries"]
	assert.True(t, isSideOf(live, "diaries_v2"), live)
	w.shows["diaries"] = "diaries_v1"
	require.NoError(t, newer.Refresh(t.Context()))
	assert.Equal(t, live, w.shows["diaries"], "the program of the live version shows it")
}

// deaf is a store that tells when it is asked for a checkpoint, and does not answer until it is let.
type deaf struct {
	Store
	asked, let chan struct{}
}

func (s deaf) Checkpoint(ctx context.Context, model string, slot int) (Checkpoint, error) {
	s.asked <- struct{}{}
	<-s.let
	return s.Store.Checkpoint(ctx, model, slot)
}

func TestWhoAsksForTheLiveSideWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	s := deaf{NewMemoryStore(), make(chan struct{}), make(chan struct{})}
	gens := NewGenerations(s, diaries)
	done := make(chan error)
	go func() { done <- gens.Refresh(t.Context()) }()
	<-s.asked // by one who does not get an answer
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := gens.Checkpoint(ctx, "diaries_v1", 0)
	require.ErrorIs(t, err, context.Canceled)
	_, err = gens.Load(ctx, "diaries_v1", nil)
	require.ErrorIs(t, err, context.Canceled)
	close(s.let)
	require.NoError(t, <-done)
}

func TestFactsAreToldByTheLiveVersionOnly(t *testing.T) {
	t.Parallel()
	w, recs := newTwin(), traffic(120, 24)
	next := diaries
	next.Version = 2
	told := func(m Model[diary], n int) []Fact {
		b, g := newBook(), NewGenerations(w.inner, m)
		project(t, Config{Log: newTape(recs[:n]), Store: g, Models: []AnyModel{m}, Facts: b})
		return b.facts
	}
	require.NotEmpty(t, told(diaries, 40))
	_, err := NewGenerations(w.inner, diaries).Rebuild(t.Context(), RebuildConfig{Log: newTape(recs[:40]), Model: "diaries"})
	require.NoError(t, err)
	require.Empty(t, told(next, 40), "it folds beside the live one")
	require.NotEmpty(t, told(diaries, 80), "who is live goes on")
	_, err = NewGenerations(w.inner, diaries).Rebuild(t.Context(), RebuildConfig{Log: newTape(recs[:80]), Model: "diaries", As: next})
	require.NoError(t, err)
	require.Empty(t, told(diaries, 120), "who is live no more is silent")
	require.NotEmpty(t, told(next, 120), "and the other goes on from there")
}
