package views

import (
	"fmt"
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/projections"
)

// applyHook folds the facts of one millisecond (fold rules 23 to 25).
func applyHook(h Hook, m projections.Moment, out *projections.History) Hook {
	if len(m.Records) == 1 {
		return h.take(factOf(m.Records[0]), out)
	}
	facts := make([]fact, len(m.Records))
	for i, r := range m.Records {
		facts[i] = factOf(r)
	}
	slices.SortFunc(facts, fact.compare)
	for _, f := range facts {
		h = h.take(f, out)
	}
	return h
}

// take folds one fact.
func (h Hook) take(f fact, out *projections.History) Hook {
	switch f.event {
	case events.DeliverySucceeded:
		return h.delivered(f, out)
	case events.DeliveryFailed:
		return h.failed(f, out)
	case events.HookUpdated:
		return h.updated(f, out)
	case events.HookAlerted:
		return h.alerted(f, out)
	}
	return h
}

// alerted notes that somebody was warned. It moves nothing, and is forgotten with the run of failures that it was about.
func (h Hook) alerted(f fact, out *projections.History) Hook {
	out.Add(projections.Line{
		Date: f.at / 1000, Event: string(f.event), Verdict: fsm.Noted, From: h.Validity(), To: h.Validity(),
		Why: fmt.Sprintf("Somebody was warned: %d %% of the budget of failures is spent, at %d failures in a row.", f.alert.Level, f.alert.Failures),
	})
	if h.Counter.Failures > 0 {
		h.Alerted = max(h.Alerted, f.alert.Level)
	}
	return h
}

func (h Hook) delivered(f fact, out *projections.History) Hook {
	next, o := h.Counter.Succeeded()
	out.AddRun(h.line(f, o, next), 1)
	h.Counter, h.Unknown, h.Newest = next, "", max(h.Newest, f.at)
	return h.counted()
}

// failed counts each failure of an aggregate by itself: they are so many failures at one instant, capped at 100 (fold
// rule 23).
func (h Hook) failed(f fact, out *projections.History) Hook {
	switch {
	case h.Counter.Validity == hook.Invalid: // what straggles in belongs to no run
	case h.Counter.Failures == 0:
		// A success of another receiver may lie inside of an aggregate; the run begins after it.
		h.FirstFailure, h.LastFailure = max(f.first, h.Newest), f.at
	default:
		h.LastFailure = f.at
	}
	for range min(f.count, hook.Limit) {
		next, o := h.Counter.Failed(1)
		out.AddRun(h.line(f, o, next), 1)
		h.Counter, h.Unknown = next, ""
	}
	return h
}

// counted forgets what belongs to a run of failures that is over.
func (h Hook) counted() Hook {
	if h.Counter.Failures == 0 {
		h.FirstFailure, h.LastFailure, h.Alerted = 0, 0, 0
	}
	return h
}

// updated takes what the API said of the hook. Url and Status never touch the counter (S4: changing the Url does not
// reset it); the Url is not kept, because it holds the secret token of the ingress.
func (h Hook) updated(f fact, out *projections.History) Hook {
	r := f.reading
	if r.HookID != "" {
		h.HookID = r.HookID
	}
	if r.Validity != "" || r.Status == "" {
		out.Add(h.validity(f))
	}
	if r.Status != "" {
		out.Add(h.status(f))
	}
	return h.counted()
}

// validity steps the counter by a reading, and says so.
func (h *Hook) validity(f fact) projections.Line {
	l := projections.Line{Date: f.at / 1000, Event: string(f.event), Machine: "hook", From: h.Validity()}
	switch f.reading.Validity {
	case hook.Valid.String():
		l.Verdict, l.Why = h.read(hook.Counter.Revived)
	case hook.Invalid.String():
		l.Verdict, l.Why = h.read(hook.Counter.Invalidated)
	case "":
		l.Verdict, l.Why = fsm.Noted, "The API told the hook's attributes, which leave validity and counter as they are."
	case "UNKNOWN":
		l.Verdict, l.Why = fsm.Noted, "The API told that it does not know the Validity; what was known is kept."
	default:
		l.Verdict, l.Why = h.strange(f.reading.Validity)
	}
	l.To = h.Validity()
	return l
}

// status steps the switch by a reading, and says so. A Status that the machine does not know is kept verbatim.
func (h *Hook) status(f fact) projections.Line {
	l := projections.Line{Date: f.at / 1000, Event: string(f.event), Machine: "hook_status", From: h.Status, To: f.reading.Status}
	state, _ := hook.StatusMachine.State(h.Status) // an unknown one is read as nothing known
	column, known := hook.ReadStatus(f.reading.Status)
	switch {
	case known:
		o := hook.StatusMachine.Step(state, column, struct{}{})
		l.Verdict, l.Why = o.Verdict, hook.StatusMachine.Definition().Reason(o.Cell)
	case h.Status == f.reading.Status:
		l.Verdict, l.Why = fsm.Duplicate, "The API tells the same Status again, which is not known here."
	case h.Status == "":
		l.Verdict, l.Why = fsm.First, "The API tells a Status that is not known here; it is kept verbatim."
	default:
		l.Verdict, l.Why = fsm.Conflict, "The API tells a Status that is not known here; it is kept verbatim."
	}
	h.Status = f.reading.Status
	return l
}

// read steps the counter by a reading of the Validity.
func (h *Hook) read(step func(hook.Counter) (hook.Counter, fsm.Outcome[hook.State])) (fsm.Verdict, string) {
	next, o := step(h.Counter)
	h.Counter, h.Unknown = next, ""
	return o.Verdict, hook.Machine.Definition().Reason(o.Cell)
}

// strange keeps a Validity that the machine does not know, verbatim (law 7). What follows is read as if nothing had been
// known before, as fold rule 10 has it for other machines.
func (h *Hook) strange(validity string) (fsm.Verdict, string) {
	before := h.Validity()
	if before == validity {
		return fsm.Duplicate, "The API tells the same Validity again, which is not known here."
	}
	if h.Counter.Validity == hook.Invalid {
		h.Counter.Failures = 0
	}
	h.Counter.Validity, h.Counter.Estimate, h.Unknown = hook.None, true, validity
	if before == "" {
		return fsm.First, "The API tells a Validity that is not known here; it is kept verbatim."
	}
	return fsm.Conflict, "The API tells a Validity that is not known here; it is kept verbatim, and what the counter means is open."
}

// line says what a delivery did.
func (h Hook) line(f fact, o fsm.Outcome[hook.State], next hook.Counter) projections.Line {
	return projections.Line{
		Date: f.at / 1000, Event: string(f.event), Machine: "hook", Verdict: o.Verdict,
		From: h.Validity(), To: next.Validity.String(), Why: hook.Machine.Definition().Reason(o.Cell),
	}
}
