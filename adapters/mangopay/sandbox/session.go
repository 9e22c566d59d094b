package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// The statuses of a session, and some of a document.
const (
	pending   = "PENDING"
	review    = "REVIEW"
	validated = "VALIDATED"
	denied    = "REFUSED"
	outOfDate = "OUT_OF_DATE"
)

// linkLife is how long the page of a session can be opened, from its creation (S3). That it cannot be opened any more
// changes no status and fires no event.
const linkLife = 24 * time.Hour

// session is an IDV Session, in the provider's shape.
type session struct {
	ID           string  `json:"Id"`
	Tag          *string `json:"Tag"`
	UserID       string  `json:"UserId"`
	Status       string  `json:"Status"`
	HostedURL    string  `json:"HostedUrl"`
	ReturnURL    string  `json:"ReturnUrl"`
	CreationDate int64   `json:"CreationDate"`
	LastUpdate   *int64  `json:"LastUpdate"`
	Checks       []check `json:"Checks"`

	token     string
	created   time.Time
	submitted bool // by the user, whose outcome is still to come
}

// sessionRow is a session in a user's list.
type sessionRow struct {
	ID           string `json:"Id"`
	Status       string `json:"Status"`
	CreationDate int64  `json:"CreationDate"`
	LastUpdate   *int64 `json:"LastUpdate"`
}

// sessionRoutes are the endpoints of identity verification. There is none that cancels a session.
var sessionRoutes = []route{
	{"POST /users/{user}/identity-verifications", (*call).createSession},
	{"GET /users/{user}/identity-verifications", (*call).listSessions},
	{"GET /identity-verifications/{session}", (*call).viewSession},
}

// createSession begins an identity verification: for an OWNER of a type that the hosted solution is available for (S3).
func (c *call) createSession() (reply, error) {
	if c.faults.NoVerification {
		return reply{}, refused(http.StatusForbidden, problem, "Forbidden")
	}
	u, err := c.userOf("")
	if err != nil {
		return reply{}, badParam("UserId", "The user does not exist.")
	}
	back, tag, err := c.readSession()
	if err != nil {
		return reply{}, err
	}
	switch {
	case u.status == closed:
		return reply{}, refused(http.StatusBadRequest, "invalid_action", "The user's account is closed")
	case u.category != owner:
		return reply{}, refused(http.StatusBadRequest, "invalid_action", "The user's category must be OWNER")
	case u.person == personLegal && u.legal.LegalPersonType == partnership:
		return reply{}, refused(http.StatusBadRequest, "invalid_action", "The user's LegalPersonType is not supported")
	}
	v := session{
		ID: c.ids.ulid("idnver_", c.at), Tag: tag, UserID: u.id, Status: pending, ReturnURL: back,
		CreationDate: unix(c.at), LastUpdate: at(c.at), Checks: []check{}, token: c.ids.secret(), created: c.at,
	}
	v.HostedURL = c.link("/idv/" + v.token + "?redirectURL=" + url.QueryEscape(v.ReturnURL))
	c.sessions.add(v.ID, c.at, v)
	c.emit(mangopay.IdentityVerificationPending, v.ID)
	return ok(v)
}

// readSession reads what a session is created from.
func (c *call) readSession() (back string, tag *string, err error) {
	var w struct {
		ReturnURL *string `json:"ReturnUrl"`
		Tag       *string `json:"Tag"`
	}
	if err := c.read(&w); err != nil {
		return "", nil, err
	}
	back = value(w.ReturnURL)
	switch {
	case back == "":
		return "", nil, badParam("ReturnUrl", "The ReturnUrl field is required.")
	case utf8.RuneCountInString(back) > 500 || !web(back):
		return "", nil, badParam("ReturnUrl", "The value must be an http or https URL of at most 500 characters.")
	case utf8.RuneCountInString(value(w.Tag)) > 255:
		return "", nil, badParam("Tag", "The value must have at most 255 characters.")
	}
	return back, w.Tag, nil
}

// web tells whether a browser can be sent to an address.
func web(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func (c *call) viewSession() (reply, error) {
	v, err := find(c, c.sessions, "IdentityVerification", c.r.PathValue("session"))
	if err != nil {
		return reply{}, err
	}
	return ok(v)
}

func (c *call) listSessions() (reply, error) {
	u, err := c.userOf("")
	if err != nil {
		return reply{}, err
	}
	newest, err := c.newestFirst(false)
	if err != nil {
		return reply{}, err
	}
	rows := []sessionRow{}
	for _, v := range c.sessions.all(c.asOf, func(v session) bool { return v.UserID == u.id }) {
		rows = append(rows, sessionRow{v.ID, v.Status, v.CreationDate, v.LastUpdate})
	}
	if newest {
		slices.Reverse(rows)
	}
	return list(c, rows)
}

// sessionEvents are fired when a session comes to a status. Their names are not those of the statuses (S3).
var sessionEvents = map[string]events.Type{
	review: mangopay.IdentityVerificationInconclusive, validated: mangopay.IdentityVerificationValidated,
	denied: mangopay.IdentityVerificationFailed, outOfDate: mangopay.IdentityVerificationOutdated,
}

// moveSession brings a session to a status, and changes what else put says.
func (s *Sandbox) moveSession(id, status string, put ...func(*session)) {
	k, now := s.sessions.by[id], s.now()
	v := k.now()
	v.Status, v.LastUpdate, v.submitted = status, at(now), false
	for _, do := range put {
		do(&v)
	}
	k.put(now, v)
	s.emit(sessionEvents[status], id)
}
