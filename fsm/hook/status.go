package hook

import (
	"strings"

	"github.com/hookfold/hookfold/fsm"
)

// Status is whether the owner of a hook has switched it on.
type Status uint8

// The states, in the order of the status machine's definition.
const (
	StatusNone Status = iota // nothing known
	Enabled                  // ENABLED: the provider sends, as long as the hook is valid too
	Disabled                 // DISABLED: the provider sends nothing, by the owner's wish
)

// String returns the provider's literal, "" for StatusNone.
func (s Status) String() string { return StatusMachine.Name(s) }

// The events of the status machine: the two values that a reading of the hook (events.HookUpdated) can give.
const (
	ReadEnabled  = "status.enabled"
	ReadDisabled = "status.disabled"
)

// StatusMachine is the table of a hook's Status (S4: a hook can be disabled and re-enabled). It knows nothing of Validity:
// old documents let the 100th failure disable a hook as well, S4 does not, so each is taken as it is read.
var StatusMachine = fsm.Must[Status](fsm.Spec[struct{}]{
	Name:    "hook_status",
	Version: 1,
	States:  []string{"ENABLED", "DISABLED"},
	Events:  []string{ReadEnabled, ReadDisabled},
	Cells: []fsm.Cell{
		{From: "", Event: ReadEnabled, Verdict: fsm.First, Next: "ENABLED", Reason: "Nothing was known of the switch; a hook is created ENABLED (S4), and the API says that it is."},
		{From: "", Event: ReadDisabled, Verdict: fsm.First, Next: "DISABLED", Reason: "Nothing was known of the switch; the API says that the hook was switched off."},
		{From: "ENABLED", Event: ReadEnabled, Verdict: fsm.Duplicate, Next: "ENABLED", Reason: "The hook is already known to be switched on."},
		{From: "ENABLED", Event: ReadDisabled, Verdict: fsm.Applied, Next: "DISABLED", Reason: "S4: the owner disabled the hook to stop its notifications for a while; the counter stays."},
		{From: "DISABLED", Event: ReadEnabled, Verdict: fsm.Applied, Next: "ENABLED", Reason: "S4: the owner re-enabled the hook; what happened meanwhile is not sent by itself, and the counter stays."},
		{From: "DISABLED", Event: ReadDisabled, Verdict: fsm.Duplicate, Next: "DISABLED", Reason: "The hook is already known to be switched off."},
	},
})

// ReadStatus is the event of a reading that gives this Status; false where the machine does not know it.
func ReadStatus(status string) (fsm.Column, bool) {
	return StatusMachine.Column("status." + strings.ToLower(status))
}
