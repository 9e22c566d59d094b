package user

import "github.com/hookfold/hookfold/fsm"

// Category is the UserCategory of a user. Its events fire on change only and never at creation (S2), so a user without
// them has an unknown category, not a default one.
type Category uint8

// The states, in the order of the machine's definition.
const (
	CategoryNone     Category = iota // nothing known; the provider's legacy literal UNKNOWN is read as this
	CategoryPayer                    // PAYER
	CategoryOwner                    // OWNER
	CategoryPlatform                 // PLATFORM
)

// String returns the provider's literal, "" for nothing known.
func (c Category) String() string { return CategoryMachine.Name(c) }

// CategoryRestrictive lists the states from the most restrictive one (fold rule 6).
var CategoryRestrictive = []string{"PAYER", "OWNER", "PLATFORM"}

const (
	toOwner    = "USER_CATEGORY_UPDATED_TO_OWNER"
	toPayer    = "USER_CATEGORY_UPDATED_TO_PAYER"
	toPlatform = "USER_CATEGORY_UPDATED_TO_PLATFORM"
)

// CategoryMachine is the table of UserCategory.
var CategoryMachine = fsm.Must[Category](fsm.Spec[struct{}]{
	Name:    "category",
	Version: 1,
	States:  []string{"PAYER", "OWNER", "PLATFORM"},
	Events:  []string{toOwner, toPayer, toPlatform},
	Cells:   categoryCells,
})

var categoryCells = []fsm.Cell{
	{From: "", Event: toOwner, Verdict: fsm.First, Next: "OWNER",
		Reason: "S2: creation says nothing, so the first change tells the category; it was most likely PAYER before."},
	{From: "", Event: toPayer, Verdict: fsm.First, Next: "PAYER",
		Reason: "S2: creation says nothing, so the first change tells the category; only the provider makes an OWNER a PAYER."},
	{From: "", Event: toPlatform, Verdict: fsm.First, Next: "PLATFORM",
		Reason: "S2: creation says nothing, so the first change tells the category; only the provider makes a PLATFORM."},

	{From: "PAYER", Event: toOwner, Verdict: fsm.Applied, Next: "OWNER",
		Reason: "The platform categorised the payer as OWNER, the only change of category that is the platform's own (S2)."},
	{From: "PAYER", Event: toPayer, Verdict: fsm.Duplicate, Next: "PAYER",
		Reason: "The user already is a PAYER."},
	{From: "PAYER", Event: toPlatform, Verdict: fsm.Gap, Next: "PLATFORM",
		Reason: "S2 knows OWNER to PLATFORM only, so the change from PAYER to OWNER in between was missed."},

	{From: "OWNER", Event: toOwner, Verdict: fsm.Duplicate, Next: "OWNER",
		Reason: "The user already is an OWNER."},
	{From: "OWNER", Event: toPayer, Verdict: fsm.Applied, Next: "PAYER",
		Reason: "S2: the provider sometimes makes an OWNER a PAYER, for instance an inactive account, after telling the platform."},
	{From: "OWNER", Event: toPlatform, Verdict: fsm.Applied, Next: "PLATFORM",
		Reason: "S2: the provider changes an OWNER to PLATFORM where the platform's approved workflow needs it."},

	{From: "PLATFORM", Event: toOwner, Verdict: fsm.Gap, Next: "OWNER",
		Reason: "No document has a way back from PLATFORM; the provider may do it, so it is accepted and flagged."},
	{From: "PLATFORM", Event: toPayer, Verdict: fsm.Gap, Next: "PAYER",
		Reason: "S2 makes PAYER from OWNER only, and PLATFORM to OWNER is in no document: accepted as a missed step, and flagged."},
	{From: "PLATFORM", Event: toPlatform, Verdict: fsm.Duplicate, Next: "PLATFORM",
		Reason: "The user already is a PLATFORM user."},
}
