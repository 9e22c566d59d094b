package user

import "github.com/hookfold/hookfold/fsm"

// Status is the UserStatus of a user. It cycles between ACTIVE and PENDING_USER_ACTION, so only dates order it.
type Status uint8

// The states, in the order of the machine's definition.
const (
	StatusNone              Status = iota // nothing known
	StatusPendingUserAction               // PENDING_USER_ACTION: the user must enrol in SCA
	StatusActive                          // ACTIVE; does not imply that the user is enrolled
	StatusClosed                          // CLOSED: permanent
)

// String returns the provider's literal, "" for nothing known.
func (s Status) String() string { return StatusMachine.Name(s) }

// StatusRestrictive lists the states from the most restrictive one (fold rule 6).
var StatusRestrictive = []string{"CLOSED", "PENDING_USER_ACTION", "ACTIVE"}

const (
	validationAsked = "USER_ACCOUNT_VALIDATION_ASKED"
	activated       = "USER_ACCOUNT_ACTIVATED"
	closed          = "USER_ACCOUNT_CLOSED"
)

// StatusMachine is the table of UserStatus.
var StatusMachine = fsm.Must[Status](fsm.Spec[struct{}]{
	Name:    "status",
	Version: 1,
	States:  []string{"PENDING_USER_ACTION", "ACTIVE", "CLOSED"},
	Events:  []string{validationAsked, activated, closed},
	Cells:   statusCells,
})

var statusCells = []fsm.Cell{
	{From: "", Event: validationAsked, Verdict: fsm.First, Next: "PENDING_USER_ACTION",
		Reason: "The user's first word: created as, or made, an OWNER on an SCA endpoint, which sets PENDING_USER_ACTION (S4)."},
	{From: "", Event: activated, Verdict: fsm.First, Next: "ACTIVE",
		Reason: "Nothing was known of the status; a finished SCA session (S4) is taken as it is."},
	{From: "", Event: closed, Verdict: fsm.First, Next: "CLOSED",
		Reason: "Nothing was known of the status, since accounts of Payers and legacy users start silently; the closure is taken as it is."},

	{From: "PENDING_USER_ACTION", Event: validationAsked, Verdict: fsm.Duplicate, Next: "PENDING_USER_ACTION",
		Reason: "The user's action is already awaited; a second enrolment request changes nothing about that."},
	{From: "PENDING_USER_ACTION", Event: activated, Verdict: fsm.Applied, Next: "ACTIVE",
		Reason: "S4: when the user completes the SCA session, UserStatus changes to ACTIVE and this event is triggered."},
	{From: "PENDING_USER_ACTION", Event: closed, Verdict: fsm.Applied, Next: "CLOSED",
		Reason: "An account may be closed, by the platform or by the provider, before its user ever acted."},

	{From: "ACTIVE", Event: validationAsked, Verdict: fsm.Applied, Next: "PENDING_USER_ACTION",
		Reason: "An active user became OWNER on an SCA endpoint, or an enrolled one changed contact data, and must act again."},
	{From: "ACTIVE", Event: activated, Verdict: fsm.Duplicate, Next: "ACTIVE",
		Reason: "The account is already active."},
	{From: "ACTIVE", Event: closed, Verdict: fsm.Applied, Next: "CLOSED",
		Reason: "The platform or the provider closed the account; both blocks should follow with events of their own."},

	{From: "CLOSED", Event: validationAsked, Verdict: fsm.Conflict, Next: "CLOSED",
		Reason: "The provider's guide calls closure permanent, so nobody can be asked to act on a closed account."},
	{From: "CLOSED", Event: activated, Verdict: fsm.Conflict, Next: "CLOSED",
		Reason: "Not even the provider can open a closed account again, by its own guide; only the API's word would do."},
	{From: "CLOSED", Event: closed, Verdict: fsm.Duplicate, Next: "CLOSED",
		Reason: "The account is already closed."},
}
