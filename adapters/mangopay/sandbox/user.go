package sandbox

import (
	"time"

	"github.com/hookfold/hookfold/events/mangopay"
)

// The values of a user's PersonType, LegalPersonType, UserCategory, UserStatus and KYCLevel.
const (
	personNatural, personLegal = "NATURAL", "LEGAL"

	business, organization, soletrader, partnership = "BUSINESS", "ORGANIZATION", "SOLETRADER", "PARTNERSHIP"

	payer, owner, platform = "PAYER", "OWNER", "PLATFORM"

	pendingUserAction, active, closed = "PENDING_USER_ACTION", "ACTIVE", "CLOSED"

	light, regular = "LIGHT", "REGULAR"
)

// user is a user as the provider holds one.
type user struct {
	id       string
	created  int64
	person   string
	natural  natural // of a natural user
	legal    legal   // of a legal one
	category string
	status   string
	level    string
	terms    bool
	termsAt  *int64

	asked      bool // an enrolment was asked for, once at least
	enrolled   bool // sticky: a re-enrolment does not end it
	lastSCA    *int64
	consent    *int64    // when consent was given
	looksUntil time.Time // at its money, since it has authenticated

	inflows, outflows bool // blocked
	action            string
	lastKYC           *int64
	renewal           *int64 // KycRenewalDeadline
}

// contact is what an enrolled owner must enrol anew for, once it changes.
func (u user) contact() [3]string {
	who := u.identity()
	return [3]string{who.Email, value(who.PhoneNumber), value(who.PhoneNumberCountry)}
}

// identity is the human being: the user or its representative.
func (u user) identity() identity {
	if u.person == personLegal {
		return u.legal.LegalRepresentative
	}
	return u.natural.identity
}

// value is what a pointer points at, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// at is an instant as a nullable date.
func at(t time.Time) *int64 {
	n := unix(t)
	return &n
}

// change puts a user's new state, if it is still known.
func (s *Sandbox) change(id string, do func(*user)) {
	k, known := s.users.by[id]
	if !known {
		return
	}
	u := k.now()
	do(&u)
	k.put(s.now(), u)
}

// setStatus moves UserStatus, which fires an event, and only where it changes.
func (s *Sandbox) setStatus(id, status string) {
	if s.users.by[id].now().status == status {
		return
	}
	s.change(id, func(u *user) { u.status = status })
	switch status {
	case pendingUserAction:
		s.emit(mangopay.UserAccountValidationAsked, id)
	case active:
		s.emit(mangopay.UserAccountActivated, id)
	case closed:
		s.emit(mangopay.UserAccountClosed, id)
	}
}

// setCategory moves UserCategory. S2: the event is fired when the value changes.
func (s *Sandbox) setCategory(id, category string) {
	if s.users.by[id].now().category == category {
		return
	}
	s.change(id, func(u *user) { u.category = category })
	switch category {
	case owner:
		s.emit(mangopay.UserCategoryUpdatedToOwner, id)
	case payer:
		s.emit(mangopay.UserCategoryUpdatedToPayer, id)
	case platform:
		s.emit(mangopay.UserCategoryUpdatedToPlatform, id)
	}
}

// block sets the two flags, each of which fires its own event where it changes.
func (s *Sandbox) block(id string, inflows, outflows bool, action string) {
	was := s.users.by[id].now()
	s.change(id, func(u *user) { u.inflows, u.outflows, u.action = inflows, outflows, action })
	switch {
	case inflows && !was.inflows:
		s.emit(mangopay.UserInflowsBlocked, id)
	case !inflows && was.inflows:
		s.emit(mangopay.UserInflowsUnblocked, id)
	}
	switch {
	case outflows && !was.outflows:
		s.emit(mangopay.UserOutflowsBlocked, id)
	case !outflows && was.outflows:
		s.emit(mangopay.UserOutflowsUnblocked, id)
	}
}
