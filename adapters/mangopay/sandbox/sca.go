package sandbox

import (
	"net/http"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// The values of ScaContext.
const userPresent, userNotPresent = "USER_PRESENT", "USER_NOT_PRESENT"

// enrolmentLife is how long the page of an enrolment is open, from the answer on that named it.
const enrolmentLife = 10 * time.Minute

// enrolment is one session on the pages of SCA. A user may have several open ones, and events do not tell them apart: what
// they name is the user.
type enrolment struct {
	n     int // rises with every session
	token string
	user  string
	until time.Time
	why   purpose
	// challenge is set where a user who is enrolled need only authenticate: that fires no event of an enrolment (S2).
	challenge bool
	over      bool
}

// purpose is why a session was begun.
type purpose int

const (
	toEnrol   purpose = iota
	toConsent         // to what the platform may do without asking each time
	toLook            // at the user's money
)

// scaRoutes are the endpoints of strong customer authentication (SCA).
var scaRoutes = []route{
	{"PUT /sca/users/natural/{user}/category", categorise(personNatural)},
	{"PUT /sca/users/legal/{user}/category", categorise(personLegal)},
	{"POST /sca/users/{user}/enrollment", (*call).enrol},
	{"POST /sca/users/{user}/consent", (*call).askConsent},
	{"GET /sca/users/{user}/sca-status", (*call).viewSCA},
}

// scaProxyMissing refuses what an enrolled user would have to consent to first.
func scaProxyMissing() *refusal {
	return refused(http.StatusForbidden, "sca_proxy_missing", "The user has not consented to this without being present")
}

// triggerSCA lets an owner act before the user is ACTIVE; nil where SCA is bypassed: S3, by "accept" in the e-mail address,
// though not in Production.
func (c *call) triggerSCA(id string) *pendingAction {
	if c.bypasses(c.users.by[id].now()) {
		c.change(id, func(u *user) { u.enrolled, u.asked, u.lastSCA = true, true, at(c.at) })
		return nil
	}
	c.setStatus(id, pendingUserAction)
	return c.openEnrolment(id, toEnrol)
}

// bypasses tells whether a user need not enrol.
func (c *call) bypasses(u user) bool {
	return !c.cfg.Production && strings.Contains(strings.ToLower(u.identity().Email), "accept")
}

// openEnrolment begins a session and says where its page is. A user who enrols anew does so in full; for anything else an
// earlier enrolment is enough, and the session is a challenge.
func (c *call) openEnrolment(id string, why purpose) *pendingAction {
	e := &enrolment{
		n: len(c.enrolling), token: "sca_" + c.ids.secret(), user: id, until: c.at.Add(enrolmentLife), why: why,
		challenge: why != toEnrol && c.users.by[id].now().enrolled,
	}
	c.enrolling[e.token] = e
	if !e.challenge {
		c.change(id, func(u *user) { u.asked = true })
	}
	s := c.Sandbox
	s.later(enrolmentLife, func(time.Time) { s.endEnrolment(e.token, mangopay.SCAEnrollmentExpired) })
	return &pendingAction{RedirectURL: c.link("/sca?token=" + e.token)}
}

// endEnrolment ends a session with one of the three events that say how, unless it is over. Only success changes anything: a
// session that failed or expired leaves the user as it was.
func (s *Sandbox) endEnrolment(token string, how events.Type) {
	e := s.enrolling[token]
	if e == nil || e.over {
		return
	}
	e.over = true
	if s.users.by[e.user].now().status == closed {
		return // there is nobody left to enrol
	}
	if how != mangopay.SCAEnrollmentSucceeded {
		if !e.challenge {
			s.emit(how, e.user)
		}
		return
	}
	if !e.challenge {
		s.succeed(e.user)
	}
	switch e.why {
	case toConsent:
		s.giveConsent(e.user)
	case toLook:
		s.change(e.user, func(u *user) { u.looksUntil = s.now().Add(lookLife) })
	}
}

// lookLife is how long a user who has authenticated to look at its money may do so.
const lookLife = 180 * 24 * time.Hour

// succeed enrols a user, who is ACTIVE then.
func (s *Sandbox) succeed(id string) {
	s.change(id, func(u *user) { u.enrolled, u.lastSCA = true, at(s.now()) })
	s.emit(mangopay.SCAEnrollmentSucceeded, id)
	if s.users.by[id].now().status == pendingUserAction {
		s.setStatus(id, active)
	}
}

// consentEvents are fired, one for each scope, when a user lets the platform act without asking each time.
var consentEvents = []events.Type{
	"SCA_CONTACT_INFORMATION_UPDATE_CONSENT_GIVEN", "SCA_RECIPIENT_REGISTRATION_CONSENT_GIVEN",
	"SCA_TRANSFER_CONSENT_GIVEN", "SCA_VIEW_ACCOUNT_INFORMATION_CONSENT_GIVEN",
}

func (s *Sandbox) giveConsent(id string) {
	s.change(id, func(u *user) { u.consent = at(s.now()) })
	for _, t := range consentEvents {
		s.emit(t, id)
	}
}

// enrol begins an enrolment. It does not change the user's status.
func (c *call) enrol() (reply, error) { return c.beginEnrolment(toEnrol) }

// askConsent begins a session in which the user consents, and enrols if need be.
func (c *call) askConsent() (reply, error) { return c.beginEnrolment(toConsent) }

func (c *call) beginEnrolment(why purpose) (reply, error) {
	u, err := c.userOf("")
	switch {
	case err != nil:
		return reply{}, err
	case u.status == closed:
		return reply{}, isClosed()
	case u.category == payer:
		return reply{}, refused(http.StatusBadRequest, "not_allowed_for_user_category_payer", "A user with the category PAYER cannot enroll")
	}
	return ok(map[string]*pendingAction{"PendingUserAction": c.openEnrolment(u.id, why)})
}

// categorise makes the endpoint by which a platform turns a PAYER into an OWNER, who must then enrol.
func categorise(person string) handler {
	return func(c *call) (reply, error) {
		was, err := c.userOf(person)
		switch {
		case err != nil:
			return reply{}, err
		case was.status == closed:
			return reply{}, isClosed()
		case was.category != payer:
			return reply{}, refused(http.StatusBadRequest, "not_allowed_for_user_category_owner", "The user's category is OWNER already")
		}
		u, w, err := c.readUser(was, true)
		if err != nil {
			return reply{}, err
		}
		if w.UserCategory != owner {
			return reply{}, badParam("UserCategory", "The value must be OWNER: PAYER and PLATFORM are set by Mangopay only.")
		}
		u.accept(w, unix(c.at))
		u.category = owner
		if err := c.check(u, w, true); err != nil {
			return reply{}, err
		}
		u.category = payer
		c.users.by[u.id].put(c.at, u)
		c.setCategory(u.id, owner)
		if w.ScaContext == userNotPresent {
			return c.shown(u.id, true, nil)
		}
		return c.shown(u.id, true, c.triggerSCA(u.id))
	}
}

// scaBody is how a user stands with SCA.
type scaBody struct {
	UserStatus                string `json:"UserStatus"`
	IsEnrolled                bool   `json:"IsEnrolled"`
	LastEnrollmentDate        *int64 `json:"LastEnrollmentDate"`
	LastConsentCollectionDate *int64 `json:"LastConsentCollectionDate"`
	ConsentScope              scopes `json:"ConsentScope"`
}

// scopes are what a user may consent to: ACTIVE, or null before any consent.
type scopes struct {
	ContactInformationUpdate *string `json:"ContactInformationUpdate"`
	RecipientRegistration    *string `json:"RecipientRegistration"`
	Transfer                 *string `json:"Transfer"`
	ViewAccountInformation   *string `json:"ViewAccountInformation"`
}

// viewSCA shows how a user stands with SCA; 404 where no enrolment was ever triggered.
func (c *call) viewSCA() (reply, error) {
	u, err := c.userOf("")
	if err != nil {
		return reply{}, err
	}
	if !u.asked {
		return reply{}, notFound("ScaStatus", u.id)
	}
	body := scaBody{UserStatus: u.status, IsEnrolled: u.enrolled, LastEnrollmentDate: u.lastSCA, LastConsentCollectionDate: u.consent}
	if u.consent != nil {
		given := "ACTIVE"
		body.ConsentScope = scopes{&given, &given, &given, &given}
	}
	return ok(body)
}
