package hook

import "github.com/hookfold/hookfold/fsm"

const (
	// Limit is the consecutive failure that sets a hook INVALID (S4: the counter reaches 100).
	Limit = 100
	// AlertEvery is the number of consecutive failures from one warning e-mail to the next (S4: every 10).
	AlertEvery = 10
)

// Counter is what is known of one hook: a value, stepped by returning its successor. The zero value knows nothing.
type Counter struct {
	Validity State
	Failures int  // consecutive failures, 0 to Limit
	Estimate bool // the provider may have counted otherwise
}

// Succeeded is the counter after a delivery that was answered with 200. It resets a valid hook to an exact zero (S4).
// An INVALID hook keeps its 100: nothing should have been delivered, and the conflict asks for a reading of the hook.
func (c Counter) Succeeded() (Counter, fsm.Outcome[State]) {
	out := c.step(columnSucceeded, 0)
	if out.Verdict == fsm.Conflict {
		return c, out
	}
	return Counter{Validity: out.To}, out
}

// Failed is the counter after count consecutive failures; a count below 1 is read as 1. The hundredth sets INVALID, and
// there the count stays (S4; fold rule 24).
func (c Counter) Failed(count int) (Counter, fsm.Outcome[State]) {
	count = min(max(count, 1), Limit)
	out := c.step(columnFailed, count)
	return Counter{Validity: out.To, Failures: min(c.Failures+count, Limit), Estimate: true}, out
}

// Revived is the counter after the API has read VALID. It revives an INVALID hook with a counter assumed to be zero; a
// hook that was not INVALID keeps its counter (fold rule 24).
func (c Counter) Revived() (Counter, fsm.Outcome[State]) {
	out := c.step(columnReadValid, 0)
	if out.From == Invalid {
		return Counter{Validity: out.To, Estimate: true}, out
	}
	c.Validity = out.To
	return c, out
}

// Invalidated is the counter after the API has read INVALID: the provider has counted to 100, whatever we counted.
func (c Counter) Invalidated() (Counter, fsm.Outcome[State]) {
	out := c.step(columnReadInvalid, 0)
	return Counter{Validity: out.To, Failures: Limit, Estimate: true}, out
}

// Alerts is the number of warning e-mails of the present run of failures.
func (c Counter) Alerts() int { return Alerts(c.Failures) }

// Alerts is the number of warning e-mails that n consecutive failures bring: one at every 10th (S4).
func Alerts(n int) int { return n / AlertEvery }

func (c Counter) step(event fsm.Column, count int) fsm.Outcome[State] {
	return Machine.Step(c.Validity, event, Facts{Failures: c.Failures, Count: count})
}

var (
	columnSucceeded   = column(Succeeded)
	columnFailed      = column(Failed)
	columnReadValid   = column(ReadValid)
	columnReadInvalid = column(ReadInvalid)
)

func column(event string) fsm.Column {
	c, ok := Machine.Column(event)
	if !ok {
		panic("hook: the machine has no event " + event)
	}
	return c
}
