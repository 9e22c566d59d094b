// Package timeline is time that can be stepped, or run faster than the wall clock: three days of retries (S4) pass in a
// moment, in the same order every time.
//
// Things are put on a [Timeline] with At and happen once, ordered by their instants and, at one instant, by when they were
// put there. Nothing happens by itself: Advance steps the time and runs what comes due, each at its own instant and one after
// the other, so that equal calls have equal results; Run lets the time follow the wall clock, where what one thing has
// started with Go may still be at work when the next one happens. Both can be used together: while Advance steps, the wall
// clock does not count.
package timeline
