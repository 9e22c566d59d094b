package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// outcome is what becomes of a session.
type outcome struct {
	// Outcome is VALIDATED or REFUSED; REVIEW, of a legal user's session that is PENDING; OUT_OF_DATE of one that was
	// VALIDATED. Of a session in REVIEW, VALIDATED and REFUSED are the decision of Mangopay's team.
	Outcome string `json:"outcome"`
	// Check is the check that was refused: by default IDENTITY_DOCUMENT_VERIFICATION, and BUSINESS_VERIFICATION for REVIEW.
	Check string `json:"check"`
	// Reason is the type of the reason that it was refused for; by default the usual one.
	Reason string `json:"reason"`
	// Comment is what a reviewer says who refuses.
	Comment string `json:"comment"`
	// Data are values that were verified and differ from the user's, by Data.Type, such as "FIRST_NAME".
	Data map[string]string `json:"data"`
}

// errOutcome says that a session cannot come out so.
var errOutcome = errors.New("the session cannot come out so")

// decide lets a session come out.
func (s *Sandbox) decide(id string, o outcome) error {
	k, is := s.sessions.by[id]
	if !is {
		return fmt.Errorf("%w: there is no such session", errOutcome)
	}
	v := k.now()
	u, is := s.users.by[v.UserID]
	switch {
	case !is:
		return fmt.Errorf("%w: its user is gone", errOutcome)
	case o.Outcome == outOfDate && v.Status == validated:
		return s.outdate(v)
	case v.Status == review && o.Outcome == validated:
		s.validate(v, v.Checks)
		return nil
	case v.Status == review && o.Outcome == denied:
		comment := o.Comment
		if comment == "" {
			comment = "Refused after manual review."
		}
		s.moveSession(id, denied, func(v *session) { v.Checks = judged(v.Checks, comment, s.now()) })
		return nil
	case v.Status != pending:
		return fmt.Errorf("%w: it is %s, which does not lead there", errOutcome, v.Status)
	}
	return s.process(v, u.now(), o)
}

// process is the automatic part: the checks, and where they lead.
func (s *Sandbox) process(v session, u user, o outcome) error {
	if o.Outcome == validated {
		s.validate(v, s.ran(u, "", reason{}, o.Data))
		return nil
	}
	kind, why, err := refusedCheck(u, o)
	if err != nil {
		return err
	}
	checks := s.ran(u, kind, why, o.Data)
	s.moveSession(v.ID, o.Outcome, func(v *session) { v.Checks = checks })
	return nil
}

// validate makes the user verified, with the data of the checks.
func (s *Sandbox) validate(v session, checks []check) {
	s.moveSession(v.ID, validated, func(v *session) { v.Checks = checks })
	if s.users.by[v.UserID].now().status == closed {
		return
	}
	s.overwrite(v.UserID, checks)
	s.upgrade(v.UserID)
}

// outdate takes a verification back. S3: OUT_OF_DATE says that the user was downgraded.
func (s *Sandbox) outdate(v session) error {
	if s.users.by[v.UserID].now().level == regular {
		s.downgrade(v.UserID) // takes its sessions along
		return nil
	}
	s.moveSession(v.ID, outOfDate)
	return nil
}

// refusedCheck finds the check and the reason of a refusal or a review.
func refusedCheck(u user, o outcome) (kind string, why reason, err error) {
	kind = o.Check
	switch {
	case o.Outcome == review && u.person != personLegal:
		return "", reason{}, fmt.Errorf("%w: REVIEW is only applicable to legal users", errOutcome)
	case o.Outcome == review && kind == "":
		kind = businessCheck
	case o.Outcome == denied && kind == "":
		kind = documentCheck
	case o.Outcome != review && o.Outcome != denied:
		return "", reason{}, fmt.Errorf("%w: outcome must be VALIDATED, REFUSED, REVIEW or OUT_OF_DATE", errOutcome)
	}
	if !slices.Contains(checksOf(u), kind) || decides(kind) != (o.Outcome == denied) {
		return "", reason{}, fmt.Errorf("%w: that check does not lead there for this user", errOutcome)
	}
	for _, r := range reasons[kind] {
		if o.Reason == "" || r.Type == o.Reason {
			return kind, r, nil
		}
	}
	return "", reason{}, fmt.Errorf("%w: that check is not refused for this reason", errOutcome)
}

// submit takes a completed session in. S3: its outcome is not returned immediately.
func (s *Sandbox) submit(v session, o outcome) {
	v.submitted = true
	s.sessions.by[v.ID].put(s.now(), v)
	s.later(s.cfg.Verdict, func(time.Time) { _ = s.decide(v.ID, o) }) // whoever steps in before has decided
}
