package timeline_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// run lets a line run in a bubble of fake time; end stops it and waits for it.
func run(t *testing.T, line *timeline.Timeline, speed float64) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- line.Run(ctx, speed) }()
	synctest.Wait()
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

func TestATimelineFollowsTheWallClockAtItsSpeed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		speed float64
		wall  time.Duration // until ten minutes have passed
	}{{1, 10 * time.Minute}, {60, 10 * time.Second}, {0.5, 20 * time.Minute}, {600_000, time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			line := timeline.New(start)
			began := time.Now()
			happened := make(chan time.Duration, 1)
			line.At(start.Add(10*time.Minute), func(now time.Time) {
				assert.WithinDuration(t, start.Add(10*time.Minute), now, time.Second)
				happened <- time.Since(began)
			})
			end := run(t, line, c.speed)
			assert.InDelta(t, c.wall, <-happened, float64(10*time.Microsecond))
			end()
			stands := line.Now()
			<-time.After(time.Hour)
			assert.Equal(t, stands, line.Now(), "it stands still once it is ended")
		})
	}
}

func TestAtSpeedZeroTheTimeStandsStillAndWhatIsDueHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		end := run(t, line, 0)
		defer end()
		<-time.After(time.Hour)
		assert.Equal(t, start, line.Now())
		happened := make(chan string, 2)
		line.At(start.Add(time.Minute), func(time.Time) { happened <- "later" })
		line.At(start, func(time.Time) { happened <- "now" })
		assert.Equal(t, "now", <-happened)
		synctest.Wait()
		assert.Empty(t, happened)
		line.Advance(time.Minute)
		assert.Equal(t, "later", <-happened)
		assert.Equal(t, start.Add(time.Minute), line.Now())
	})
}

func TestAStepOfARunningLineIsAddedToIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		end := run(t, line, 60)
		defer end()
		<-time.After(time.Minute) // an hour
		var at []time.Duration
		for _, wait := range []time.Duration{2 * time.Hour, 24*time.Hour + time.Hour, 26 * time.Hour} {
			line.At(start.Add(wait), func(now time.Time) {
				at = append(at, now.Sub(start))
				if wait == 2*time.Hour {
					line.Go(func() { <-time.After(time.Hour) }) // the wall clock does not count in a step
				}
			})
		}
		line.Advance(24 * time.Hour)
		assert.Equal(t, []time.Duration{2 * time.Hour, 25 * time.Hour}, at)
		assert.Equal(t, start.Add(25*time.Hour), line.Now())
		<-time.After(61 * time.Second)
		synctest.Wait()
		require.Len(t, at, 3, "it runs on from there")
		assert.InDelta(t, float64(26*time.Hour), float64(at[2]), float64(time.Second))
	})
}

func TestWorkOfARunningLineIsDoneSideBySideAndAwaitedAtItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		end := run(t, line, 1)
		release, done := make(chan struct{}), make(chan struct{})
		working := 0
		for range 3 {
			line.At(start, func(time.Time) {
				working++
				line.Go(func() { <-release })
			})
		}
		synctest.Wait()
		assert.Equal(t, 3, working)
		go func() { end(); close(done) }()
		synctest.Wait()
		select {
		case <-done:
			t.Error("Run ended before its work")
		default:
		}
		close(release)
		<-done
	})
}

func TestOneRunAtATimeAtASpeedThatCanBe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		for _, speed := range []float64{-1, math.NaN(), math.Inf(1), timeline.MaxSpeed * 1.01} {
			require.ErrorIs(t, line.Run(t.Context(), speed), timeline.ErrSpeed)
		}
		end := run(t, line, 1)
		require.ErrorIs(t, line.Run(t.Context(), 1), timeline.ErrRunning)
		end()
		run(t, line, 1)()
	})
}

// A day at a million times the speed of the wall clock is 2,700 years: more than a Duration holds.
func TestNoSpeedOverflows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := timeline.New(start)
		end := run(t, line, timeline.MaxSpeed)
		before := line.Now()
		for range 24 {
			<-time.After(time.Hour)
			assert.True(t, line.Now().After(before))
			before = line.Now()
		}
		end()
		assert.InDelta(t, 24*timeline.MaxSpeed/8766, float64(line.Now().Year()-start.Year()), 5)
	})
}

func TestTheTimeOfARunningLineNeverGoesBack(t *testing.T) {
	t.Parallel()
	line := timeline.New(start)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- line.Run(ctx, timeline.MaxSpeed) }()
	stepping := make(chan struct{})
	go func() {
		defer close(stepping)
		for range 200 {
			line.Advance(time.Second)
		}
	}()
	for last, i := line.Now(), 0; i < 20_000; i++ {
		now := line.Now()
		if now.Before(last) {
			t.Fatalf("%v came after %v", now, last)
		}
		last = now
	}
	<-stepping
	cancel()
	require.NoError(t, <-ended)
}
