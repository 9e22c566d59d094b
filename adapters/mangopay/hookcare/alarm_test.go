package hookcare_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

var models = views.All()

// observer hands commits to the care.
type observer struct{ care *hookcare.Care }

func (observer) Folded(string, projections.Record, projections.Effect) {}
func (observer) Ignored(projections.Record)                            {}
func (o observer) Committed(c projections.Commit)                      { o.care.Committed(c) }
func (observer) Parked(string, events.Ref, projections.Parked)         {}

// count is how often a text stands in another.
func count(in, what string) int { return strings.Count(in, what) }

// failure is n failures of a hook at one time.
func failure(t events.Type, at time.Time, number uint64, n int) events.Event {
	data, err := events.Canonical(events.Attempt{At: at.UnixMilli(), First: at.UnixMilli(), Count: n, N: number})
	if err != nil {
		panic(err)
	}
	return events.Event{Type: events.DeliveryFailed, Ref: events.Ref{Source: "mangopay", Kind: "hook", ID: string(t)}, Date: at.Unix(), Data: data}
}

func TestLevelsAreSharesOfTheHundred(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]int{0: 0, 24: 0, 25: 25, 49: 25, 50: 50, 74: 50, 75: 75, 89: 75, 90: 90, 99: 90, 100: 100} {
		assert.Equal(t, want, hookcare.Level(failures, "VALID"), failures)
	}
	assert.Equal(t, hookcare.Exhausted, hookcare.Level(3, "INVALID"))
}

// levels are the levels of which was warned.
func (h *house) levels() []int {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []int
	for _, a := range h.alerts {
		list = append(list, a.Level)
	}
	return list
}

func TestEachRunOfFailuresWarnsOnceAtEachLevelAlsoAcrossRestarts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	step := func(do func(), want ...int) {
		t.Helper()
		h.later(time.Second)
		do()
		for range 2 { // the second care is another process
			care := h.care(h.config(gone{}))
			for range 2 {
				require.NoError(t, hookcare.Check(care, t.Context(), kyc))
			}
			h.settle()
		}
		assert.Equal(t, want, h.levels())
	}
	step(func() { h.fails(kyc, 24) })
	step(func() { h.fails(kyc, 1) }, 25)
	step(func() { h.fails(kyc, 54) }, 25, 75)
	step(func() { h.succeeds(kyc) }, 25, 75)
	step(func() { h.fails(kyc, 51) }, 25, 75, 50)
	step(func() { h.fails(kyc, 60) }, 25, 75, 50, 100)
	assert.Len(t, h.told(events.HookAlerted), 4)
	assert.Equal(t, 100, h.view(kyc).Value.Alerted)
	assert.Equal(t, 4, count(h.said.String(), "event_type=USER_KYC_REGULAR"))
}

// away is a log and a store that can both be away.
type away struct {
	projections.Log
	projections.Store
	mu   sync.Mutex
	gone bool
}

func (a *away) set(gone bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone = gone
}

func (a *away) err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone {
		return projections.ErrAway
	}
	return nil
}

func (a *away) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if err := a.err(); err != nil {
		return 0, err
	}
	return a.Log.Append(ctx, es...)
}

func (a *away) Load(ctx context.Context, model string, refs []events.Ref) ([]projections.Row, error) {
	if err := a.err(); err != nil {
		return nil, err
	}
	return a.Store.Load(ctx, model, refs)
}

func TestWhereTheLogIsAwayTheLineAndTheMetricStillCome(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	broken := &away{Log: h.log, Store: h.store}
	untold := map[events.Type]hookcare.Untold{}
	c := h.config(gone{})
	c.Log, c.Store = broken, broken
	c.Untold = func() map[events.Type]hookcare.Untold { return untold }
	care := h.care(c)
	h.fails(kyc, 20)
	require.NoError(t, hookcare.Check(care, t.Context(), kyc))

	broken.set(true)
	h.later(time.Second)
	at := h.Now().UnixMilli()
	untold[kyc] = hookcare.Untold{Count: 35, First: at, Last: at}
	for range 3 {
		require.ErrorIs(t, hookcare.Check(care, t.Context()), projections.ErrAway)
	}
	assert.Equal(t, []int{50}, h.levels(), "20 that are known and 35 that could not be told")
	assert.Equal(t, 55, h.alerts[0].Failures)
	assert.Equal(t, 1, count(h.said.String(), "level=50"))
	assert.Empty(t, h.told(events.HookAlerted))

	had := untold[kyc]
	for _, known := range []bool{false, true} { // the failures are being told while the store cannot be read
		if delete(untold, kyc); known {
			untold[kyc] = had
		}
		require.Error(t, hookcare.Check(care, t.Context()))
	}
	assert.Equal(t, []int{50}, h.levels(), "what is not sure does not end a run")

	broken.set(false)
	clear(untold)
	h.fails(kyc, 35)
	require.NoError(t, hookcare.Check(care, t.Context()))
	require.NoError(t, hookcare.Check(care, t.Context()))
	assert.Equal(t, []int{50}, h.levels())
	assert.Len(t, h.told(events.HookAlerted), 1, "and the log hears of it once it is back")
	assert.Equal(t, 50, h.view(kyc).Value.Alerted)
}

func TestTypesThatAreMadeUpAreNotWarnedOf(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(closed, address) // not wanted, and ours
	c := h.config(p.client(t))
	c.Untold = func() map[events.Type]hookcare.Untold {
		return map[events.Type]hookcare.Untold{"MADE UP": {Count: 99}, closed: {Count: 30}}
	}
	care := h.care(c)
	_, err := care.Poll(t.Context())
	require.NoError(t, err)
	require.NoError(t, hookcare.Check(care, t.Context()))
	assert.Equal(t, []int{25}, h.levels())
	assert.NotContains(t, h.said.String(), "MADE UP")
}

func TestAWarningThatSomebodyElseHasToldIsNotToldAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	broken := &away{Log: h.log, Store: h.store}
	c := h.config(gone{})
	c.Log = broken
	one, other := h.care(c), h.care(h.config(gone{}))
	h.fails(kyc, 50)
	broken.set(true)
	require.Error(t, hookcare.Check(one, t.Context(), kyc))
	require.NoError(t, hookcare.Check(other, t.Context(), kyc))
	broken.set(false)
	h.later(time.Second)
	h.fails(kyc, 3)
	require.NoError(t, hookcare.Check(one, t.Context(), kyc))
	assert.Len(t, h.told(events.HookAlerted), 1)
}

// Whatever fails, succeeds and is told when, every run of failures is warned of at its greatest level, no level twice, and none
// that it did not reach.
func TestWarningsFollowTheRuns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := newHouse(t)
		care := h.care(h.config(gone{}))
		failures, reached := 0, map[int]bool{} // of this run
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			h.later(time.Second)
			before := len(h.levels())
			switch rapid.SampledFrom([]string{"fails", "fails", "fails", "succeeds", "restarts"}).Draw(rt, "step") {
			case "fails":
				n := rapid.IntRange(1, 30).Draw(rt, "failures")
				if failures+n < 100 { // the hundredth is another matter
					failures += n
					h.fails(kyc, n)
				}
			case "succeeds":
				h.succeeds(kyc)
				failures, reached = 0, map[int]bool{}
			case "restarts":
				care = h.care(h.config(gone{}))
			}
			if rapid.Bool().Draw(rt, "looks") {
				if err := hookcare.Check(care, context.Background(), kyc); err != nil {
					rt.Fatal(err)
				}
				h.settle()
				level := hookcare.Level(failures, "VALID")
				got := h.levels()[before:]
				if want := level != 0 && !reached[level]; want != (len(got) == 1) || want && got[0] != level {
					rt.Fatalf("%d failures, already warned of %v: %v", failures, reached, got)
				}
				reached[level] = true
			}
		}
	})
}
