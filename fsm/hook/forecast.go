package hook

import "time"

// Forecast tells how many more consecutive failures switch the hook off, and after how long that is at the present
// rate of failures per hour. A hook that is INVALID needs none. ok is false where the rate leads nowhere: it is zero,
// negative, or so small that the time has no meaning (over 100 years).
func Forecast(c Counter, perHour float64) (failures int, after time.Duration, ok bool) {
	failures = Limit - c.Failures
	if c.Validity == Invalid {
		return 0, 0, true
	}
	hours := float64(failures) / perHour
	if !(perHour > 0) || hours > 100*365*24 {
		return failures, 0, false
	}
	return failures, time.Duration(hours * float64(time.Hour)), true
}
