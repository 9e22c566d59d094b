package sandbox

import (
	"time"

	"github.com/hookfold/hookfold/events/mangopay"
)

// renewalLife is how long a verification holds before it must be renewed.
const renewalLife = 365 * 24 * time.Hour

// upgrade makes a user KYC/KYB verified: REGULAR. Whoever had to be verified again has been.
func (s *Sandbox) upgrade(id string) {
	was := s.users.by[id].now()
	now := s.now()
	s.change(id, func(u *user) { u.level, u.lastKYC, u.renewal = regular, at(now), at(now.Add(renewalLife)) })
	switch {
	case was.level != regular:
		s.emit(mangopay.UserKYCRegular, id)
	case was.due(now):
		s.emit(mangopay.UserKYCRenewed, id)
	}
}

// due tells whether a verification must be renewed soon: 90 days before its deadline.
func (u user) due(now time.Time) bool {
	return u.renewal != nil && now.Add(renewalNotice).Unix() >= *u.renewal
}

// renewalNotice is how long before the deadline it is said that a verification must be renewed.
const renewalNotice = 90 * 24 * time.Hour

// requireRenewal says that a REGULAR user must be verified again in 90 days.
func (s *Sandbox) requireRenewal(id string) {
	s.change(id, func(u *user) { u.renewal = at(s.now().Add(renewalNotice)) })
	s.emit(mangopay.UserKYCRenewalRequired, id)
}

// downgrade takes a user's verification back: LIGHT, with all that it stood on out of date (S3: Downgrade). A user who is
// not verified has nothing to lose.
func (s *Sandbox) downgrade(id string) {
	if s.users.by[id].now().level != regular {
		return
	}
	for _, d := range s.documents.all(s.now(), func(d document) bool { return d.UserID == id && d.Status == validated }) {
		s.moveDocument(d.ID, outOfDate, "", "")
	}
	s.change(id, func(u *user) { u.level, u.renewal = light, nil })
	s.emit(mangopay.UserKYCLight, id)
	for _, v := range s.sessions.all(s.now(), func(v session) bool { return v.UserID == id && v.Status == validated }) {
		s.moveSession(v.ID, outOfDate)
	}
}
