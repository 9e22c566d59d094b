package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// userRoutes are the endpoints of users, with SCA and without.
var userRoutes = []route{
	{"POST /users/natural", createUser(personNatural, false)},
	{"POST /users/legal", createUser(personLegal, false)},
	{"POST /sca/users/natural", createUser(personNatural, true)},
	{"POST /sca/users/legal", createUser(personLegal, true)},
	{"PUT /users/natural/{user}", updateUser(personNatural, false)},
	{"PUT /users/legal/{user}", updateUser(personLegal, false)},
	{"PUT /sca/users/natural/{user}", updateUser(personNatural, true)},
	{"PUT /sca/users/legal/{user}", updateUser(personLegal, true)},
	{"GET /users/{user}", viewUser("", false)},
	{"GET /users/natural/{user}", viewUser(personNatural, false)},
	{"GET /users/legal/{user}", viewUser(personLegal, false)},
	{"GET /sca/users/{user}", viewUser("", true)},
	{"GET /sca/users/natural/{user}", viewUser(personNatural, true)},
	{"GET /sca/users/legal/{user}", viewUser(personLegal, true)},
	{"GET /users", (*call).listUsers},
	{"DELETE /users/natural/{user}", closeUser(personNatural)},
	{"DELETE /users/legal/{user}", closeUser(personLegal)},
	{"GET /users/{user}/regulatory", (*call).viewRegulatory},
	{"GET /users/{user}/blockstatus", (*call).viewRegulatory},
}

// wish is what a request about a user says beside the user's data.
type wish struct {
	UserCategory               string `json:"UserCategory"`
	TermsAndConditionsAccepted *flag  `json:"TermsAndConditionsAccepted"`
	ScaContext                 string `json:"ScaContext"`
}

// readUser reads a request's body over a user's data.
func (c *call) readUser(u user, sca bool) (user, wish, error) {
	var w wish
	if err := c.read(&w); err != nil {
		return u, w, err
	}
	if u.person == personNatural {
		u.natural = copied(u.natural)
		return u, w, c.read(&u.natural)
	}
	u.legal = copied(u.legal)
	if sca {
		return u, w, c.read(&u.legal)
	}
	flat := u.legal.flat()
	err := c.read(&flat)
	u.legal = flat.over(u.legal)
	return u, w, err
}

// createUser makes the endpoint that creates a user.
func createUser(person string, sca bool) handler {
	return func(c *call) (reply, error) {
		u, w, err := c.readUser(user{created: unix(c.at), person: person, status: active, level: light}, sca)
		if err != nil {
			return reply{}, err
		}
		u.accept(w, unix(c.at))
		u.category = w.UserCategory
		if u.category == "" && !sca {
			u.category = payer // without a category, terms make an owner
			if u.terms {
				u.category = owner
			}
		}
		if err := c.check(u, w, sca); err != nil {
			return reply{}, err
		}
		u.id = c.ids.ulid("user_m_", c.at)
		c.users.add(u.id, c.at, u)
		if !sca || u.category != owner || w.ScaContext == userNotPresent {
			return c.shown(u.id, sca, nil)
		}
		return c.shown(u.id, sca, c.triggerSCA(u.id))
	}
}

// accept notes that the terms are accepted, and when.
func (u *user) accept(w wish, now int64) {
	accepted := bool(value(w.TermsAndConditionsAccepted))
	if w.TermsAndConditionsAccepted == nil || accepted == u.terms {
		return
	}
	u.terms, u.termsAt = accepted, nil
	if u.terms {
		u.termsAt = &now
	}
}

// shown answers with a user as it is now.
func (c *call) shown(id string, sca bool, pending *pendingAction) (reply, error) {
	u := c.users.by[id].now()
	if sca {
		return ok(u.sca(pending))
	}
	return ok(u.plain())
}

// updateUser makes the endpoint that changes a user: what the body does not name stays.
func updateUser(person string, sca bool) handler {
	return func(c *call) (reply, error) {
		was, err := c.userOf(person)
		if err != nil {
			return reply{}, err
		}
		if was.status == closed {
			return reply{}, isClosed()
		}
		u, w, err := c.readUser(was, sca)
		if err != nil {
			return reply{}, err
		}
		u.accept(w, unix(c.at))
		if err := c.mayBecome(&w, was, sca); err != nil {
			return reply{}, err
		}
		u.category = w.UserCategory
		if err := c.check(u, w, sca); err != nil {
			return reply{}, err
		}
		u.category = was.category
		enrols, err := enrolsAnew(was, u, w, sca)
		if err != nil {
			return reply{}, err
		}
		c.users.by[u.id].put(c.at, u)
		c.setCategory(u.id, w.UserCategory)
		if renamed(was, u) {
			c.downgrade(u.id)
		}
		if !enrols {
			return c.shown(u.id, sca, nil)
		}
		return c.shown(u.id, sca, c.triggerSCA(u.id))
	}
}

// enrolsAnew tells whether an update asks an enrolled owner to act: for new contact data, at the endpoints with SCA, unless the
// owner has consented to that without being present.
func enrolsAnew(was, is user, w wish, sca bool) (bool, error) {
	if !sca || is.category != owner || !was.enrolled || was.contact() == is.contact() {
		return false, nil
	}
	if w.ScaContext == userNotPresent && was.consent == nil {
		return false, scaProxyMissing()
	}
	return w.ScaContext != userNotPresent, nil
}

// mayBecome completes the category of an update. Only the endpoints without SCA take another one there: OWNER of a PAYER.
func (c *call) mayBecome(w *wish, was user, sca bool) error {
	if sca || w.UserCategory == "" || w.UserCategory == was.category {
		w.UserCategory = was.category
		return nil
	}
	if was.category == payer && w.UserCategory == owner {
		return nil
	}
	return badParam("UserCategory", "The value can be changed from PAYER to OWNER only.")
}

// renamed tells whether a change makes a verification void.
func renamed(was, is user) bool {
	key := func(u user) string {
		who := u.identity()
		return fmt.Sprintf("%q", []string{
			who.FirstName, who.LastName, fmt.Sprint(value(who.Birthday)), value(who.Nationality), u.legal.LegalPersonType,
		})
	}
	return key(was) != key(is)
}

// userOf finds the user that a path names, of a person type where the path has one.
func (c *call) userOf(person string) (user, error) {
	id := c.r.PathValue("user")
	u, err := find(c, c.users, "User", id)
	if err == nil && person != "" && u.person != person {
		err = notFound(map[string]string{personNatural: "UserNatural", personLegal: "UserLegal"}[person], id)
	}
	return u, err
}

// viewUser makes the endpoint that shows a user.
func viewUser(person string, sca bool) handler {
	return func(c *call) (reply, error) {
		u, err := c.userOf(person)
		if err != nil {
			return reply{}, err
		}
		if sca {
			return ok(u.sca(nil))
		}
		return ok(u.plain())
	}
}

func (c *call) listUsers() (reply, error) {
	newest, err := c.newestFirst(false)
	if err != nil {
		return reply{}, err
	}
	rows := []row{}
	for _, u := range c.users.all(c.asOf, func(user) bool { return true }) {
		rows = append(rows, u.row())
	}
	if newest {
		slices.Reverse(rows)
	}
	return list(c, rows)
}

// isClosed refuses whatever would change a closed user: that is permanent.
func isClosed() *refusal {
	return refused(http.StatusBadRequest, "user_closed", "The user's account is closed")
}

// closeUser makes the endpoint that closes a user for good. Wallets must be empty.
func closeUser(person string) handler {
	return func(c *call) (reply, error) {
		u, err := c.userOf(person)
		if err != nil {
			return reply{}, err
		}
		if u.status == closed {
			return reply{}, refused(http.StatusBadRequest, "user_closure_failed", "The user is closed already")
		}
		for _, w := range c.wallets.all(c.at, func(w wallet) bool { return slices.Contains(w.Owners, u.id) }) {
			if w.Balance.Amount != 0 {
				return reply{}, refused(http.StatusBadRequest, "user_closure_not_possible", "The user cannot be closed: there is money in its wallets")
			}
		}
		c.shut(u.id)
		return none()
	}
}

// shut closes a user, which also blocks its flows: three events.
func (s *Sandbox) shut(id string) {
	s.setStatus(id, closed)
	s.block(id, true, true, s.users.by[id].now().action)
}

// check refuses what a user must not be.
func (c *call) check(u user, w wish, sca bool) error {
	if missing := u.missing(sca, w.UserCategory != ""); len(missing) > 0 {
		pairs := []string{}
		for _, field := range missing {
			pairs = append(pairs, field, "The "+field+" field is required.")
		}
		return badParam(pairs...)
	}
	switch {
	case u.category != payer && u.category != owner && u.category != platform || u.id == "" && u.category == platform:
		return badParam("UserCategory", "The value must be PAYER or OWNER.")
	case u.person == personLegal && !slices.Contains([]string{business, organization, soletrader, partnership}, u.legal.LegalPersonType):
		return badParam("LegalPersonType", "The value must be BUSINESS, ORGANIZATION, SOLETRADER or PARTNERSHIP.")
	case w.ScaContext != "" && w.ScaContext != userPresent && w.ScaContext != userNotPresent:
		return badParam("ScaContext", "The value must be USER_PRESENT or USER_NOT_PRESENT.")
	case u.category == owner && w.UserCategory != "" && !u.terms:
		return refused(http.StatusForbidden, "user_hasnt_accepted_terms_and_conditions", "The user has not accepted the terms and conditions")
	case c.cfg.Production && (fakeName(u.identity().FirstName, u.identity().LastName)):
		return refused(http.StatusBadRequest, "fraud_policy", "The data you provided does not comply with our anti-fraud policy")
	}
	return nil
}

// missing names the required fields that a user lacks.
func (u user) missing(sca, categorised bool) []string {
	var out []string
	need := func(field string, has bool) {
		if !has {
			out = append(out, field)
		}
	}
	who, prefix := u.identity(), ""
	if u.person == personLegal {
		prefix = "LegalRepresentative"
		if sca {
			prefix += "."
		}
		need("Name", u.legal.Name != "")
		need("LegalPersonType", u.legal.LegalPersonType != "")
		need("Email", u.legal.Email != "")
	}
	need(prefix+"FirstName", strings.TrimSpace(who.FirstName) != "")
	need(prefix+"LastName", strings.TrimSpace(who.LastName) != "")
	if u.person == personNatural || sca {
		need(prefix+"Email", who.Email != "")
	}
	if sca {
		need("UserCategory", u.category != "")
	}
	if u.category != owner || !categorised {
		return out
	}
	need(prefix+"Birthday", who.Birthday != nil)
	need(prefix+"Nationality", value(who.Nationality) != "")
	need(prefix+"CountryOfResidence", value(who.CountryOfResidence) != "")
	if u.person == personLegal {
		need("HeadquartersAddress", u.legal.HeadquartersAddress.known())
		need("CompanyNumber", u.legal.LegalPersonType != business || value(u.legal.CompanyNumber) != "")
	}
	return out
}
