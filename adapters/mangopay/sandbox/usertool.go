package sandbox

import (
	"fmt"
	"net/http"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// userTool is what can be done to a user: one or more things, in this order.
type userTool struct {
	SCA      string `json:"sca"`      // succeeded, failed or expired: how the user's open enrolments end
	Category string `json:"category"` // PAYER or PLATFORM, which only Mangopay sets, or OWNER
	KYC      string `json:"kyc"`      // REGULAR or LIGHT
	Renewal  string `json:"renewal"`  // required or renewed
	Blocks   *struct {
		Inflows    bool   `json:"inflows"`
		Outflows   bool   `json:"outflows"`
		ActionCode string `json:"action_code"`
	} `json:"blocks"`
	Close bool `json:"close"` // by Mangopay
}

// setUser does what only the user or Mangopay can do.
func (s *Sandbox) setUser(r *http.Request, read func(any) error) (any, error) {
	var w userTool
	if err := read(&w); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id := r.PathValue("id")
	k, is := s.users.by[id]
	switch {
	case !is:
		return nil, fmt.Errorf("%w: there is no such user", errTool)
	case k.now().status == closed:
		return nil, fmt.Errorf("%w: the user is closed, for good", errTool)
	}
	for _, do := range []func(string, userTool) error{s.toolSCA, s.toolCategory, s.toolKYC, s.toolRenewal} {
		if err := do(id, w); err != nil {
			return nil, err
		}
	}
	if w.Blocks != nil {
		s.block(id, w.Blocks.Inflows, w.Blocks.Outflows, w.Blocks.ActionCode)
	}
	if w.Close {
		s.shut(id)
	}
	return k.now().sca(nil), nil
}

// makeUser makes a natural OWNER with an id that the caller chooses, enrolled and consenting: test suites know such users.
func (s *Sandbox) makeUser(r *http.Request, read func(any) error) (any, error) {
	var n natural
	if err := read(&n); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, now := r.PathValue("id"), s.now()
	if _, is := s.users.by[id]; is {
		return nil, fmt.Errorf("%w: there is a user with this id", errTool)
	}
	u := user{
		id: id, created: unix(now), person: personNatural, natural: n, category: owner, status: active, level: light,
		terms: true, termsAt: at(now), asked: true, enrolled: true, lastSCA: at(now), consent: at(now),
	}
	s.users.add(id, now, u)
	return u.sca(nil), nil
}

// enrolmentEnds are the ways in which an enrolment ends.
var enrolmentEnds = map[string]events.Type{
	"succeeded": mangopay.SCAEnrollmentSucceeded, "failed": mangopay.SCAEnrollmentFailed, "expired": mangopay.SCAEnrollmentExpired,
}

// toolSCA ends the newest of the user's open enrolments.
func (s *Sandbox) toolSCA(id string, w userTool) error {
	if w.SCA == "" {
		return nil
	}
	how, is := enrolmentEnds[w.SCA]
	if !is {
		return fmt.Errorf("%w: sca must be succeeded, failed or expired", errTool)
	}
	var newest *enrolment
	for _, e := range s.enrolling {
		if e.user == id && !e.over && (newest == nil || e.n > newest.n) {
			newest = e
		}
	}
	if newest == nil {
		return fmt.Errorf("%w: the user has no open enrolment", errTool)
	}
	s.endEnrolment(newest.token, how)
	return nil
}

// toolCategory sets the category by the ways that S2 names: PAYER and PLATFORM, which are only possible by Mangopay, of an
// OWNER; and OWNER of a PAYER.
func (s *Sandbox) toolCategory(id string, w userTool) error {
	u := s.users.by[id].now()
	switch {
	case w.Category == "" || w.Category == u.category:
	case w.Category == owner && u.category == payer, w.Category == platform && u.category == owner && u.level == regular:
		s.setCategory(id, w.Category)
	case w.Category == payer && u.category == owner:
		s.setCategory(id, payer)
		s.downgrade(id) // all PAYERs are LIGHT
	default:
		return fmt.Errorf("%w: the category can become PAYER of an OWNER, PLATFORM of an OWNER who is REGULAR, and OWNER of a PAYER", errTool)
	}
	return nil
}

// toolKYC sets the level. Only an OWNER can be verified.
func (s *Sandbox) toolKYC(id string, w userTool) error {
	switch w.KYC {
	case "":
	case regular:
		if s.users.by[id].now().category == payer {
			return fmt.Errorf("%w: a PAYER cannot be REGULAR", errTool)
		}
		s.upgrade(id)
	case light:
		s.downgrade(id)
	default:
		return fmt.Errorf("%w: kyc must be REGULAR or LIGHT", errTool)
	}
	return nil
}

// toolRenewal lets a verification come due, or be renewed.
func (s *Sandbox) toolRenewal(id string, w userTool) error {
	u := s.users.by[id].now()
	switch {
	case w.Renewal == "":
	case u.level != regular:
		return fmt.Errorf("%w: the user is not REGULAR", errTool)
	case w.Renewal == "required":
		s.requireRenewal(id)
	case w.Renewal == "renewed" && u.due(s.now()):
		s.upgrade(id)
	case w.Renewal == "renewed":
		return fmt.Errorf("%w: the user's renewal is not required", errTool)
	default:
		return fmt.Errorf("%w: renewal must be required or renewed", errTool)
	}
	return nil
}

// addMoney puts money on a wallet, or takes it off.
func (s *Sandbox) addMoney(r *http.Request, read func(any) error) (any, error) {
	var w struct {
		Add int64 `json:"add"` // in the smallest unit of the wallet's currency
	}
	if err := read(&w); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, is := s.wallets.by[r.PathValue("id")]
	switch {
	case !is:
		return nil, fmt.Errorf("%w: there is no such wallet", errTool)
	case k.now().Balance.Amount+w.Add < 0:
		return nil, fmt.Errorf("%w: there is not so much on the wallet", errTool)
	}
	s.deposit(k.now().ID, w.Add)
	return k.now(), nil
}
