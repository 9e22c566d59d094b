package views

import (
	"fmt"

	"github.com/hookfold/hookfold/projections"
)

// Basis says what a decision rests on.
type Basis string

// What decisions rest on. Only Confirmed may unlock money: a claim can be forged (law 8).
const (
	Unknown   Basis = "unknown"   // something that the decision needs was never heard of
	Claimed   Basis = "claimed"   // at least one value that was read rests on a notification alone
	Confirmed Basis = "confirmed" // the provider's API said all that was read
)

// Decision is the answer to one question about a resource.
type Decision struct {
	Allowed bool
	Basis   Basis
	Code    string // the provider's error code or type for what is refused, e.g. "002702"; "" where it has none
	Field   string // which field of a request is at fault, where the provider would not tell
	Reason  string // one plain sentence
}

// The provider's error codes and types that decisions carry (S2 and the provider's reference).
const (
	CodePayerAction   = "002701"         // a PAYER cannot transfer to a PAYER, nor pay out
	CodePayerReceives = "002702"         // a PAYER cannot receive a transfer from an OWNER (S2)
	CodeUserBlocked   = "008700"         // the user is blocked
	CodeInvalidAction = "invalid_action" // an identity session for a user who cannot have one
	CodeFraudPolicy   = "fraud_policy"   // a name that the fake-name rule refuses (S2)
)

// read is what a decision has looked at so far.
type read struct{ basis Basis }

// value reads a region and lowers the basis accordingly.
func (r *read) value(region projections.Region, published string) string {
	switch {
	case published == "":
		r.basis = Unknown
	case r.basis == "":
		r.basis = Confirmed
	}
	if r.basis == Confirmed && !region.Backed {
		r.basis = Claimed
	}
	return published
}

func (r *read) no(code, reason string) Decision {
	return Decision{Basis: r.basis, Code: code, Reason: reason}
}

func (r *read) yes(reason string) Decision {
	return Decision{Allowed: true, Basis: r.basis, Reason: reason}
}

// only makes a decision that one region settles by itself: the others need not be known.
func only(region projections.Region, code, reason string) Decision {
	r := read{}
	r.value(region, "known")
	return r.no(code, reason)
}

// MayReceiveFromOwner tells whether the user's wallets may receive a transfer from an OWNER: a PAYER may not (S2:
// 002702), a closed user and one with blocked inflows neither. What is unknown is refused: creation is silent, so no
// category follows from the absence of events. PENDING_USER_ACTION does not stand in the way.
func MayReceiveFromOwner(u User) Decision {
	k := u.Known()
	switch {
	case k.Status == "CLOSED":
		return only(u.Status, CodeUserBlocked, "The user is CLOSED, which is final and blocks inflows.")
	case k.Inflows == "BLOCKED":
		return only(u.Inflows, CodeUserBlocked, "The user's inflows are blocked.")
	case k.Category == "PAYER":
		return only(u.Category, CodePayerReceives, "The user is a PAYER, who cannot receive transfers from an OWNER.")
	}
	var r read
	if r.value(u.Category, k.Category) == "" {
		return r.no("", "The user's category is unknown: no event tells it at creation, so read the user.")
	}
	r.known(u.Status, k.Status)
	r.known(u.Inflows, k.Inflows)
	return r.yes(fmt.Sprintf("The user is %s, and nothing known stands in the way.", k.Category))
}

// known reads a region that may be unknown without changing what is allowed, because its default is silent.
func (r *read) known(region projections.Region, published string) {
	if published != "" {
		r.value(region, published)
	}
}

// MayTransfer tells whether one user may transfer to another: a PAYER not to a PAYER (002701), an OWNER not to a PAYER
// (S2: 002702), nobody from a closed user or one with blocked outflows.
func MayTransfer(from, to User) Decision {
	a, b := from.Known(), to.Known()
	switch {
	case a.Status == "CLOSED":
		return only(from.Status, CodeUserBlocked, "The sender is CLOSED, which is final and blocks outflows.")
	case a.Outflows == "BLOCKED":
		return only(from.Outflows, CodeUserBlocked, "The sender's outflows are blocked.")
	case a.Category == "PAYER" && b.Category == "PAYER":
		return both(only(from.Category, CodePayerAction, "A PAYER cannot transfer to a PAYER."), only(to.Category, "", ""))
	}
	var r read
	r.value(from.Category, a.Category)
	if a.Category == "" {
		return r.no("", "The sender's category is unknown: read the user.")
	}
	r.known(from.Status, a.Status)
	r.known(from.Outflows, a.Outflows)
	if a.Category == "PAYER" && b.Category != "" && b.Status != "CLOSED" && b.Inflows != "BLOCKED" {
		r.value(to.Category, b.Category)
		return r.yes("A PAYER may transfer to a user who is not one.")
	}
	return both(MayReceiveFromOwner(to), r.yes(""))
}

// both lowers the basis of a decision to that of another one.
func both(d, other Decision) Decision {
	if other.Basis == Unknown || other.Basis == Claimed && d.Basis == Confirmed {
		d.Basis = other.Basis
	}
	return d
}

// MayPayOut tells whether the user may pay out: a PAYER may not (002701), nor a closed user, nor one with blocked
// outflows. What is unknown is refused.
func MayPayOut(u User) Decision {
	k := u.Known()
	switch {
	case k.Status == "CLOSED":
		return only(u.Status, CodeUserBlocked, "The user is CLOSED, which is final and blocks outflows.")
	case k.Outflows == "BLOCKED":
		return only(u.Outflows, CodeUserBlocked, "The user's outflows are blocked.")
	case k.Category == "PAYER":
		return only(u.Category, CodePayerAction, "The user is a PAYER, who cannot pay out.")
	}
	var r read
	if r.value(u.Category, k.Category) == "" {
		return r.no("", "The user's category is unknown: no event tells it at creation, so read the user.")
	}
	r.known(u.Status, k.Status)
	r.known(u.Outflows, k.Outflows)
	return r.yes(fmt.Sprintf("The user is %s, and nothing known stands in the way.", k.Category))
}

// supported lists the legal person types that may have an identity session (S3).
var supported = map[string]bool{"BUSINESS": true, "SOLETRADER": true, "ORGANIZATION": true}

// MayStartVerification tells whether an identity session may be created for the user. S3: the category must be OWNER,
// which requires SCA enrolment, and the type Natural, or Legal and BUSINESS, SOLETRADER or ORGANIZATION. Person types
// come from observations only.
func MayStartVerification(u User) Decision {
	k := u.Known()
	switch {
	case k.Status == "CLOSED":
		return only(u.Status, CodeInvalidAction, "The user is CLOSED, which is final.")
	case k.Category != "" && k.Category != "OWNER":
		return only(u.Category, CodeInvalidAction, fmt.Sprintf("The user is %s; identity verification is for OWNERs (S3).", k.Category))
	}
	var r read
	if r.value(u.Category, k.Category) == "" {
		return r.no("", "The user's category is unknown: no event tells it at creation, so read the user.")
	}
	r.known(u.Status, k.Status)
	if k.Status == "PENDING_USER_ACTION" && k.Enrolled != "true" {
		return r.no("", "The user has yet to enroll in SCA, which S3 asks for before a session in Production.")
	}
	return verifiable(u, &r)
}

// verifiable judges the person type.
func verifiable(u User, r *read) Decision {
	switch {
	case u.PersonType == natural:
		return r.yes("The user is a natural person and OWNER.")
	case u.PersonType == "" || u.LegalType == "":
		r.basis = Unknown
		return r.no("", "The user's person type is unknown: read the user.")
	case !supported[u.LegalType]:
		return r.no(CodeInvalidAction, fmt.Sprintf("Hosted verification does not support the legal type %s (S3).", u.LegalType))
	}
	return r.yes(fmt.Sprintf("The user is a legal person of type %s and OWNER.", u.LegalType))
}
