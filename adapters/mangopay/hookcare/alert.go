package hookcare

import (
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// Levels are the shares of a hook's budget of failures at which is warned, in percent. The budget is 100 failures in a
// row (S4), so each is also a number of failures. Exhausted is warned of as well: the hook is INVALID.
var Levels = [...]int{25, 50, 75, 90}

// Exhausted is the level of a hook that is INVALID.
const Exhausted = 100

// Level is the greatest level that a number of consecutive failures has reached; 0 none.
func Level(failures int, validity string) int {
	if off(validity) || failures >= hook.Limit {
		return Exhausted
	}
	level := 0
	for _, l := range Levels {
		if failures*100 >= l*hook.Limit {
			level = l
		}
	}
	return level
}

// Alert is a warning of one hook. It is also a JSON document. Times are Unix seconds.
type Alert struct {
	Type      events.Type `json:"event_type"`
	Level     int         `json:"level"`    // percent of the budget of failures
	Failures  int         `json:"failures"` // consecutive ones that are known
	Left      int         `json:"left"`     // how many more until INVALID
	Validity  string      `json:"validity"`
	InvalidAt int64       `json:"invalid_at"` // when that is at the present rate; 0 where that cannot be told
	At        int64       `json:"at"`         // of the newest failure
	Estimate  bool        `json:"estimate"`   // the provider may have counted otherwise
}

// Untold are failures of one hook in a row that the log was not yet told of. Times are Unix milliseconds.
type Untold struct {
	Count       int
	First, Last int64
}

// judge is how far a hook has come on its way to INVALID, by the read model and what was not yet told. at is Unix
// milliseconds of the newest failure, 0 where only the API told of failures.
func judge(v projections.View[views.Hook], u Untold, now time.Time) (a Alert, first, at int64) {
	if u.Count > 0 {
		v.Value = with(v.Value, u)
	}
	f := views.ForecastHook(v, now)
	return Alert{
		Type: events.Type(v.Ref.ID), Level: Level(f.ConsecutiveFailures, f.Validity), Failures: f.ConsecutiveFailures,
		Left: f.FailuresLeft, Validity: f.Validity, InvalidAt: f.InvalidAt, At: v.Value.LastFailure / 1000, Estimate: f.Estimate,
	}, v.Value.FirstFailure, v.Value.LastFailure
}

// with is a hook with failures that the log does not know.
func with(h views.Hook, u Untold) views.Hook {
	if h.FirstFailure == 0 {
		h.FirstFailure = u.First
	}
	h.LastFailure = max(h.LastFailure, u.Last)
	if h.Counter.Validity != hook.Invalid {
		h.Counter, _ = h.Counter.Failed(u.Count)
	}
	return h
}
