package user

import "github.com/hookfold/hookfold/fsm"

// Block is one of a user's two flows of money: blocked or not. Inflows and outflows are independent, each ordered by
// its own dates. A new user is unblocked without any event.
type Block uint8

// The states, in the order of both machines' definitions.
const (
	BlockNone      Block = iota // nothing known
	BlockBlocked                // BLOCKED
	BlockUnblocked              // UNBLOCKED
)

var blockNames = [...]string{"", "BLOCKED", "UNBLOCKED"}

// String returns the state's name, "" for nothing known.
func (b Block) String() string {
	if int(b) < len(blockNames) {
		return blockNames[b]
	}
	return ""
}

// BlockRestrictive lists the states of both block machines from the most restrictive one (fold rule 6).
var BlockRestrictive = []string{"BLOCKED", "UNBLOCKED"}

const (
	inflowsBlocked    = "USER_INFLOWS_BLOCKED"
	inflowsUnblocked  = "USER_INFLOWS_UNBLOCKED"
	outflowsBlocked   = "USER_OUTFLOWS_BLOCKED"
	outflowsUnblocked = "USER_OUTFLOWS_UNBLOCKED"
)

// InflowsMachine is the table of the block of a user's inflows.
var InflowsMachine = fsm.Must[Block](fsm.Spec[struct{}]{
	Name:    "inflows",
	Version: 1,
	States:  []string{"BLOCKED", "UNBLOCKED"},
	Events:  []string{inflowsBlocked, inflowsUnblocked},
	Cells: []fsm.Cell{
		{From: "", Event: inflowsBlocked, Verdict: fsm.First, Next: "BLOCKED",
			Reason: "Nothing was known of the inflows, since unblocked is the silent default; the block is taken as it is."},
		{From: "", Event: inflowsUnblocked, Verdict: fsm.First, Next: "UNBLOCKED",
			Reason: "Nothing was known of the inflows; that they are free again implies a block that we never saw."},
		{From: "BLOCKED", Event: inflowsBlocked, Verdict: fsm.Duplicate, Next: "BLOCKED",
			Reason: "The inflows are already blocked."},
		{From: "BLOCKED", Event: inflowsUnblocked, Verdict: fsm.Applied, Next: "UNBLOCKED",
			Reason: "The provider lifted the block: money may come in again."},
		{From: "UNBLOCKED", Event: inflowsBlocked, Verdict: fsm.Applied, Next: "BLOCKED",
			Reason: "The provider blocked what comes in, by its own decision or because the account was closed."},
		{From: "UNBLOCKED", Event: inflowsUnblocked, Verdict: fsm.Duplicate, Next: "UNBLOCKED",
			Reason: "The inflows are already unblocked."},
	},
})

// OutflowsMachine is the table of the block of a user's outflows.
var OutflowsMachine = fsm.Must[Block](fsm.Spec[struct{}]{
	Name:    "outflows",
	Version: 1,
	States:  []string{"BLOCKED", "UNBLOCKED"},
	Events:  []string{outflowsBlocked, outflowsUnblocked},
	Cells: []fsm.Cell{
		{From: "", Event: outflowsBlocked, Verdict: fsm.First, Next: "BLOCKED",
			Reason: "Nothing was known of the outflows, since unblocked is the silent default; the block is taken as it is."},
		{From: "", Event: outflowsUnblocked, Verdict: fsm.First, Next: "UNBLOCKED",
			Reason: "Nothing was known of the outflows; that they are free again implies a block that we never saw."},
		{From: "BLOCKED", Event: outflowsBlocked, Verdict: fsm.Duplicate, Next: "BLOCKED",
			Reason: "The outflows are already blocked."},
		{From: "BLOCKED", Event: outflowsUnblocked, Verdict: fsm.Applied, Next: "UNBLOCKED",
			Reason: "The provider lifted the block: money may go out again."},
		{From: "UNBLOCKED", Event: outflowsBlocked, Verdict: fsm.Applied, Next: "BLOCKED",
			Reason: "The provider blocked what goes out, by its own decision or because the account was closed."},
		{From: "UNBLOCKED", Event: outflowsUnblocked, Verdict: fsm.Duplicate, Next: "UNBLOCKED",
			Reason: "The outflows are already unblocked."},
	},
})
