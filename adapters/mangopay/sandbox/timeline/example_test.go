package timeline_test

import (
	"context"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// Three days pass in a moment, and what was to happen meanwhile has happened.
func ExampleTimeline_Advance() {
	line := timeline.New(time.Date(2025, 4, 2, 20, 50, 0, 0, time.UTC))
	line.At(line.Now().Add(24*time.Hour), func(now time.Time) { fmt.Println("the link is no longer valid:", now.Format(time.DateTime)) })
	line.At(line.Now().Add(10*time.Minute), func(now time.Time) { fmt.Println("the first retry:", now.Format(time.DateTime)) })
	line.Advance(3 * 24 * time.Hour)
	fmt.Println("now:", line.Now().Format(time.DateTime))
	// Output:
	// the first retry: 2025-04-02 21:00:00
	// the link is no longer valid: 2025-04-03 20:50:00
	// now: 2025-04-05 20:50:00
}

// The time runs with the wall clock, here a quarter of an hour in a millisecond.
func ExampleTimeline_Run() {
	line := timeline.New(time.Date(2025, 4, 2, 20, 50, 0, 0, time.UTC))
	ctx, stop := context.WithCancel(context.Background())
	line.At(line.Now().Add(24*time.Hour), func(time.Time) {
		fmt.Println("a day has passed")
		stop()
	})
	fmt.Println(line.Run(ctx, 900*1000))
	fmt.Println(line.Run(context.Background(), -1))
	// Output:
	// a day has passed
	// <nil>
	// timeline: the speed must lie between 0 and 1,000,000: not -1
}
