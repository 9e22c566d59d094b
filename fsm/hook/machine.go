package hook

import (
	"strconv"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// State is the Validity of a hook.
type State uint8

// The states, in the order of the machine's definition.
const (
	None    State = iota // nothing known
	Valid                // VALID: the provider sends
	Invalid              // INVALID: the provider sends nothing more, retries included, until somebody revives the hook
)

// String returns the provider's literal, "" for None.
func (s State) String() string { return Machine.Name(s) }

// The events of the machine. Deliveries are Hookfold's own facts; the other two are the two values that a reading of
// the hook (events.HookUpdated) can give for its Validity.
const (
	Succeeded   = string(events.DeliverySucceeded)
	Failed      = string(events.DeliveryFailed)
	ReadValid   = "validity.valid"
	ReadInvalid = "validity.invalid"
)

// Facts is what the guards look at.
type Facts struct {
	Failures int // consecutive failures before this event
	Count    int // failures that this event adds: 1 for an attempt, more for an aggregate, 0 for what is no failure
}

// failing guards a success: it ends a run of failures or only repeats that all is well.
var failing = fsm.Guard[Facts]{
	Meaning: "at least one failure has been counted since the last success",
	Holds:   func(f Facts) bool { return f.Failures > 0 },
	Saw:     func(f Facts) string { return "failures=" + strconv.Itoa(f.Failures) },
}

// belowLimit guards a failure: S4 invalidates at the 100th.
var belowLimit = fsm.Guard[Facts]{
	Meaning: "with this event fewer than 100 consecutive failures have been counted",
	Holds:   func(f Facts) bool { return f.Failures+f.Count < Limit },
	Saw: func(f Facts) string {
		return "failures=" + strconv.Itoa(f.Failures) + " count=" + strconv.Itoa(f.Count)
	},
}

// Machine is the table of a hook's Validity. [Counter] steps it with the right facts.
var Machine = fsm.Must[State](fsm.Spec[Facts]{
	Name:    "hook",
	Version: 1,
	States:  []string{"VALID", "INVALID"},
	Events:  []string{Succeeded, Failed, ReadValid, ReadInvalid},
	Guards:  map[string]fsm.Guard[Facts]{"failing": failing, "below_limit": belowLimit},
	Cells:   cells,
})

var cells = []fsm.Cell{
	{From: "", Event: Succeeded, Verdict: fsm.First, Next: "VALID",
		Reason: "The provider sends to valid hooks only (S4), so the first delivery that we answered shows a valid one."},
	{From: "", Event: Failed, Guard: "below_limit", Verdict: fsm.First, Next: "VALID",
		Reason: "The first delivery that we know failed; the provider does send (S4), so the hook is valid and the run begins."},
	{From: "", Event: Failed, Guard: "!below_limit", Verdict: fsm.First, Next: "INVALID",
		Reason: "What we know begins with 100 or more failures in a row, and the 100th sets INVALID (S4)."},
	{From: "", Event: ReadValid, Verdict: fsm.First, Next: "VALID",
		Reason: "The API reads VALID before any delivery was seen, as it does for a hook that was just created (S4)."},
	{From: "", Event: ReadInvalid, Verdict: fsm.First, Next: "INVALID",
		Reason: "The API reads INVALID before any delivery was seen: 100 failures lie behind this hook (S4)."},

	{From: "VALID", Event: Succeeded, Guard: "failing", Verdict: fsm.Applied, Next: "VALID",
		Reason: "S4: the counter is reset as soon as there is one successful notification, new or retry."},
	{From: "VALID", Event: Succeeded, Guard: "!failing", Verdict: fsm.Duplicate, Next: "VALID",
		Reason: "The counter already stands at zero; one more success says nothing new."},
	{From: "VALID", Event: Failed, Guard: "below_limit", Verdict: fsm.Applied, Next: "VALID",
		Reason: "S4: one more consecutive failure, new or retry; every 10th brings an e-mail, and the hook goes on."},
	{From: "VALID", Event: Failed, Guard: "!below_limit", Verdict: fsm.Applied, Next: "INVALID",
		Reason: "S4: the 100th consecutive failure sets Validity to INVALID and ends all notifications, retries included."},
	{From: "VALID", Event: ReadValid, Verdict: fsm.Duplicate, Next: "VALID",
		Reason: "The API reads what was already so, and it tells nothing of the counter, which stays."},
	{From: "VALID", Event: ReadInvalid, Verdict: fsm.Gap, Next: "INVALID",
		Reason: "The provider has counted to 100 (S4) and we have not: it saw failures, such as timeouts, that never reached us."},

	{From: "INVALID", Event: Succeeded, Verdict: fsm.Conflict, Next: "INVALID",
		Reason: "S4: nothing is sent to an INVALID hook, so a delivery means that it was revived or was never sent by the provider."},
	{From: "INVALID", Event: Failed, Verdict: fsm.Noted, Next: "INVALID",
		Reason: "The hook is already INVALID and its counter at 100; a straggling failure moves neither (S4)."},
	{From: "INVALID", Event: ReadValid, Verdict: fsm.Applied, Next: "VALID",
		Reason: "S4: the hook was reset to VALID by an update or in the dashboard; its counter is assumed to be zero."},
	{From: "INVALID", Event: ReadInvalid, Verdict: fsm.Duplicate, Next: "INVALID",
		Reason: "The hook is already INVALID."},
}
