package user

import "github.com/hookfold/hookfold/fsm"

// KYC is the KYCLevel of a user together with whether its renewal is due (fold rule 11).
type KYC uint8

// The states, in the order of the machine's definition.
const (
	KYCNone       KYC = iota // nothing known
	KYCLight                 // LIGHT
	KYCRegular               // REGULAR
	KYCRegularDue            // REGULAR+due: REGULAR, and the provider asked for a renewal
)

// String returns the state's name, "" for nothing known. [KYCLevel] returns what is published.
func (k KYC) String() string { return KYCMachine.Name(k) }

// KYCRestrictive lists the states from the most restrictive one (fold rule 6).
var KYCRestrictive = []string{"LIGHT", "REGULAR+due", "REGULAR"}

// KYCLevel returns the published values of a state: the provider's KYCLevel ("" for nothing known) and whether a
// renewal is due.
func KYCLevel(k KYC) (level string, due bool) {
	if k == KYCRegularDue {
		return "REGULAR", true
	}
	return k.String(), false
}

// ObserveKYC returns the state after the API has said that the level is "LIGHT" or "REGULAR". The API says nothing of
// a renewal, so REGULAR leaves a due one due. Any other value is not ours to map: ok is false, and nothing is known any more,
// a renewal least of all.
func ObserveKYC(k KYC, level string) (next KYC, ok bool) {
	switch {
	case level == "LIGHT":
		return KYCLight, true
	case level == "REGULAR" && k == KYCRegularDue:
		return k, true
	case level == "REGULAR":
		return KYCRegular, true
	default:
		return KYCNone, false
	}
}

const (
	kycRegular         = "USER_KYC_REGULAR"
	kycLight           = "USER_KYC_LIGHT"
	kycRenewalRequired = "USER_KYC_RENEWAL_REQUIRED"
	kycRenewed         = "USER_KYC_RENEWED"
)

// KYCMachine is the table of the KYC level and its renewal.
var KYCMachine = fsm.Must[KYC](fsm.Spec[struct{}]{
	Name:    "kyc",
	Version: 1,
	States:  []string{"LIGHT", "REGULAR", "REGULAR+due"},
	Events:  []string{kycRegular, kycLight, kycRenewalRequired, kycRenewed},
	Cells:   kycCells,
})

var kycCells = []fsm.Cell{
	{From: "", Event: kycRegular, Verdict: fsm.First, Next: "REGULAR",
		Reason: "Nothing was known of the level; a user starts LIGHT without any event, and this says that it became REGULAR (S3)."},
	{From: "", Event: kycLight, Verdict: fsm.First, Next: "LIGHT",
		Reason: "Nothing was known of the level; the event tells of a downgrade from a REGULAR that we never saw (S3)."},
	{From: "", Event: kycRenewalRequired, Verdict: fsm.First, Next: "REGULAR+due",
		Reason: "Nothing was known of the level; only a REGULAR user can be asked to renew, so the level is REGULAR and due."},
	{From: "", Event: kycRenewed, Verdict: fsm.First, Next: "REGULAR",
		Reason: "Nothing was known of the level; a renewed verification is a REGULAR one with nothing due."},

	{From: "LIGHT", Event: kycRegular, Verdict: fsm.Applied, Next: "REGULAR",
		Reason: "S3: the user became KYC/KYB verified, which changes KYCLevel from LIGHT to REGULAR."},
	{From: "LIGHT", Event: kycLight, Verdict: fsm.Duplicate, Next: "LIGHT",
		Reason: "The level is already LIGHT."},
	{From: "LIGHT", Event: kycRenewalRequired, Verdict: fsm.Gap, Next: "REGULAR+due",
		Reason: "A renewal presupposes REGULAR, so the notification that the user was verified has been missed."},
	{From: "LIGHT", Event: kycRenewed, Verdict: fsm.Gap, Next: "REGULAR",
		Reason: "Only a REGULAR level is renewed, so both its verification and the call for renewal have been missed."},

	{From: "REGULAR", Event: kycRegular, Verdict: fsm.Duplicate, Next: "REGULAR",
		Reason: "The level is already REGULAR."},
	{From: "REGULAR", Event: kycLight, Verdict: fsm.Applied, Next: "LIGHT",
		Reason: "S3: a downgrade changed KYCLevel from REGULAR to LIGHT, and the user's sessions become OUT_OF_DATE."},
	{From: "REGULAR", Event: kycRenewalRequired, Verdict: fsm.Applied, Next: "REGULAR+due",
		Reason: "The provider asks for a renewal, 90 days before its deadline; the level stays REGULAR until then."},
	{From: "REGULAR", Event: kycRenewed, Verdict: fsm.Noted, Next: "REGULAR",
		Reason: "The level was renewed although no renewal was known to be due; nothing changes by it."},

	{From: "REGULAR+due", Event: kycRegular, Verdict: fsm.Duplicate, Next: "REGULAR+due",
		Reason: "The level is already REGULAR; only USER_KYC_RENEWED says that the renewal was done, so it stays due."},
	{From: "REGULAR+due", Event: kycLight, Verdict: fsm.Applied, Next: "LIGHT",
		Reason: "A missed renewal or a change of identity data downgraded the user (S3); with LIGHT nothing is due any more."},
	{From: "REGULAR+due", Event: kycRenewalRequired, Verdict: fsm.Duplicate, Next: "REGULAR+due",
		Reason: "The renewal is already known to be due."},
	{From: "REGULAR+due", Event: kycRenewed, Verdict: fsm.Applied, Next: "REGULAR",
		Reason: "The renewal that was due has been done, and the level stays REGULAR."},
}
