package timeline_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

func TestThingsHappenOnceInTheOrderOfTheirInstantsAndThenOfTheirPlacing(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	var got []string
	put := func(name string, at time.Duration) {
		line.At(start.Add(at), func(now time.Time) {
			assert.Equal(t, start.Add(at), now, "its own instant")
			assert.Equal(t, now, line.Now())
			got = append(got, name)
		})
	}
	put("c", 2*time.Hour)
	put("a", time.Hour)
	put("d", 2*time.Hour)
	put("b", time.Hour)
	put("e", 2*time.Hour+1)
	assert.Empty(t, got, "nothing happens by itself")
	line.Advance(2 * time.Hour)
	assert.Equal(t, []string{"a", "b", "c", "d"}, got, "the end of a step is part of it")
	assert.Equal(t, start.Add(2*time.Hour), line.Now())
	line.Advance(time.Hour)
	line.Advance(time.Hour)
	assert.Equal(t, []string{"a", "b", "c", "d", "e"}, got, "each once")
	assert.Equal(t, start.Add(4*time.Hour), line.Now())
}

func TestWhatHasPassedHappensAtTheNextStepAtThePresentInstant(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	var seen []time.Time
	for _, ago := range []time.Duration{time.Minute, time.Hour, 0} {
		line.At(start.Add(-ago), func(now time.Time) { seen = append(seen, now) })
	}
	assert.Empty(t, seen)
	line.Advance(-time.Hour)
	assert.Equal(t, []time.Time{start, start, start}, seen, "the time never goes back")
	line.Advance(0)
	assert.Len(t, seen, 3)
}

func TestAThingMayPutFurtherThingsOnTheLine(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	var instants []time.Duration
	var tick func(now time.Time)
	tick = func(now time.Time) {
		instants = append(instants, now.Sub(start))
		line.At(now.Add(10*time.Minute), tick)
	}
	line.At(start, tick)
	line.Advance(time.Hour)
	assert.Equal(t, []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 40 * time.Minute, 50 * time.Minute, time.Hour}, instants)
}

// Every history of placings and steps is what a stable sort of the placings by time says.
func TestAnyHistoryRunsInTheOrderOfAStableSort(t *testing.T) {
	t.Parallel()
	type placed struct {
		at time.Time
		n  int
	}
	rapid.Check(t, func(t *rapid.T) {
		line := timeline.New(start)
		var waiting, want, got []placed
		for n := range rapid.IntRange(1, 60).Draw(t, "operations") {
			if rapid.Bool().Draw(t, "place") {
				p := placed{start.Add(time.Duration(rapid.IntRange(-5, 30).Draw(t, "minute")) * time.Minute), n}
				waiting = append(waiting, p)
				line.At(p.at, func(time.Time) { got = append(got, p) })
				continue
			}
			line.Advance(time.Duration(rapid.IntRange(0, 5).Draw(t, "step")) * time.Minute)
			slices.SortStableFunc(waiting, func(a, b placed) int { return a.at.Compare(b.at) })
			for len(waiting) > 0 && !waiting[0].at.After(line.Now()) {
				want, waiting = append(want, waiting[0]), waiting[1:]
			}
			require.Equal(t, want, got)
		}
	})
}

func TestAStepWaitsUntilWhatItStartedIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		release, stepped := make(chan struct{}), make(chan struct{})
		var order []string
		line.At(start.Add(time.Minute), func(time.Time) {
			line.Go(func() {
				<-release
				line.Go(func() { order = append(order, "work of work") })
				assert.Equal(t, start.Add(time.Minute), line.Now(), "the time stands still meanwhile")
			})
		})
		line.At(start.Add(time.Minute), func(time.Time) { order = append(order, "the next at that instant") })
		go func() { line.Advance(time.Hour); close(stepped) }()
		synctest.Wait()
		require.Empty(t, order)
		close(release)
		<-stepped
		assert.Equal(t, []string{"work of work", "the next at that instant"}, order)
		assert.Equal(t, start.Add(time.Hour), line.Now())
	})
}

func TestAStepWaitsForWorkThatWasStartedBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		release, stepped := make(chan struct{}), make(chan struct{})
		happened := false
		line.Go(func() {
			<-release
			line.At(start.Add(time.Minute), func(time.Time) { happened = true })
		})
		go func() { line.Advance(time.Hour); close(stepped) }()
		synctest.Wait()
		assert.Equal(t, start, line.Now())
		close(release)
		<-stepped
		assert.True(t, happened, "what it put on the line lay within the step")
	})
}

func TestStepsOfManyCallersAddUp(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	done := make(chan struct{})
	for range 8 {
		go func() {
			for range 50 {
				line.Advance(time.Second)
				line.At(line.Now().Add(time.Second), func(time.Time) {})
			}
			done <- struct{}{}
		}()
	}
	for range 8 {
		<-done
	}
	assert.Equal(t, start.Add(400*time.Second), line.Now())
}
