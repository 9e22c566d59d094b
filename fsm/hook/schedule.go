package hook

import "time"

// S4: "every 10 minutes for the first hour", then "every 8 hours […] for the next 3 days".
const (
	earlyRetries = 6
	earlyEvery   = 10 * time.Minute
	lateRetries  = 9
	lateEvery    = 8 * time.Hour
)

// Attempts is how often the provider tries one notification that always fails: once, 6 times in the first hour, and 9
// times in the three days after it (S4).
const Attempts = 1 + earlyRetries + lateRetries

// Schedule returns the times of all [Attempts] of one notification whose first attempt is at first: then every 10
// minutes until one hour later, then every 8 hours counted from that hour, the last one 73 hours after the first. An
// attempt that succeeds ends the schedule, and so does a hook that has become INVALID.
func Schedule(first time.Time) []time.Time {
	times := make([]time.Time, 1, Attempts)
	times[0] = first
	for i := 1; i <= earlyRetries; i++ {
		times = append(times, first.Add(time.Duration(i)*earlyEvery))
	}
	hour := times[earlyRetries]
	for i := 1; i <= lateRetries; i++ {
		times = append(times, hour.Add(time.Duration(i)*lateEvery))
	}
	return times
}
