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

// stopped refuses what a closed user, a block, or a value that is not known here stands in the way of. way is "inflows" or
// "outflows"; who begins the sentences.
func stopped(u User, who, way string) (Decision, bool) {
	k := u.Known()
	region, block := u.Inflows, k.Inflows
	if way == "outflows" {
		region, block = u.Outflows, k.Outflows
	}
	switch {
	case k.Status == "CLOSED":
		return only(u.Status, CodeUserBlocked, who+" is CLOSED, which is final and blocks "+way+"."), true
	case block == "BLOCKED":
		return only(region, CodeUserBlocked, who+" has blocked "+way+"."), true
	case block != "" && block != "UNBLOCKED", k.Status != "" && k.Status != "ACTIVE" && k.Status != "PENDING_USER_ACTION":
		return Decision{Basis: Unknown, Reason: who + " has a status or a block that is not known here: read the user."}, true
	}
	return Decision{}, false
}

// category refuses what is no known category. Creation is silent, so none follows from the absence of events.
func (r *read) category(u User, who string) (string, Decision, bool) {
	c := u.Known().Category
	switch r.value(u.Category, c) {
	case "OWNER", "PAYER", "PLATFORM":
		return c, Decision{}, true
	}
	r.basis = Unknown
	return c, r.no("", who+" has no known category: no event tells it at creation, so read the user."), false
}

// MayReceiveFromOwner tells whether the user's wallets may receive a transfer from an OWNER: a PAYER may not (S2:
// 002702), a closed user and one with blocked inflows neither. What is unknown is refused. PENDING_USER_ACTION does not
// stand in the way.
func MayReceiveFromOwner(u User) Decision {
	if d, stop := stopped(u, "The user", "inflows"); stop {
		return d
	}
	return u.unlessPayer("inflows", CodePayerReceives, "The user is a PAYER, who cannot receive transfers from an OWNER.")
}

// MayPayOut tells whether the user may pay out: a PAYER may not (002701), nor a closed user, nor one with blocked
// outflows. What is unknown is refused.
func MayPayOut(u User) Decision {
	if d, stop := stopped(u, "The user", "outflows"); stop {
		return d
	}
	return u.unlessPayer("outflows", CodePayerAction, "The user is a PAYER, who cannot pay out.")
}

// unlessPayer allows what only a PAYER is refused.
func (u User) unlessPayer(way, code, refusal string) Decision {
	var r read
	category, d, known := r.category(u, "The user")
	switch {
	case !known:
		return d
	case category == "PAYER":
		return r.no(code, refusal)
	}
	r.also(u, way)
	return r.yes(fmt.Sprintf("The user is %s, and nothing known stands in the way.", category))
}

// also reads what may be unknown without changing what is allowed, because its default is silent.
func (r *read) also(u User, way string) {
	k := u.Known()
	region, block := u.Inflows, k.Inflows
	if way == "outflows" {
		region, block = u.Outflows, k.Outflows
	}
	r.known(u.Status, k.Status)
	r.known(region, block)
}

// known reads a region if it is known.
func (r *read) known(region projections.Region, published string) {
	if published != "" {
		r.value(region, published)
	}
}

// MayTransfer tells whether one user may transfer to another: a PAYER not to a PAYER (002701), an OWNER not to a PAYER
// (S2: 002702), nobody from a closed user or one with blocked outflows. What is unknown is refused.
func MayTransfer(from, to User) Decision {
	if d, stop := stopped(from, "The sender", "outflows"); stop {
		return d
	}
	var r read
	sender, d, known := r.category(from, "The sender")
	if !known {
		return d
	}
	r.also(from, "outflows")
	receive := MayReceiveFromOwner(to)
	if sender == "PAYER" && receive.Code == CodePayerReceives {
		receive.Code, receive.Reason = CodePayerAction, "A PAYER cannot transfer to a PAYER."
	}
	return both(receive, r.basis)
}

// both lowers the basis of a decision to that of what else it rests on.
func both(d Decision, other Basis) Decision {
	if other == Unknown || other == Claimed && d.Basis == Confirmed {
		d.Basis = other
	}
	return d
}

// supported lists the legal person types that may have an identity session (S3).
var supported = map[string]bool{"BUSINESS": true, "SOLETRADER": true, "ORGANIZATION": true}

// MayStartVerification tells whether an identity session may be created for the user. S3: the category must be OWNER,
// which requires SCA enrolment, and the type Natural, or Legal and BUSINESS, SOLETRADER or ORGANIZATION. Person types
// come from observations only.
func MayStartVerification(u User) Decision {
	k := u.Known()
	if k.Status == "CLOSED" {
		return only(u.Status, CodeInvalidAction, "The user is CLOSED, which is final.")
	}
	var r read
	category, d, known := r.category(u, "The user")
	switch {
	case !known:
		return d
	case category != "OWNER":
		return r.no(CodeInvalidAction, fmt.Sprintf("The user is %s; identity verification is for OWNERs (S3).", category))
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
