package sandbox

import (
	"slices"
	"strconv"
	"time"
)

// The checks of a session.
const (
	documentCheck = "IDENTITY_DOCUMENT_VERIFICATION"
	nameCheck     = "IDV_NAME_MATCH_CHECK"
	ageCheck      = "IDV_AGE_CHECK"
	businessCheck = "BUSINESS_VERIFICATION"
	insightsCheck = "BUSINESS_INSIGHTS_MATCH"
	// businessNameCheck is called BUSINESS_NAME_CHECK in one place of S3; everywhere else it is this.
	businessNameCheck = "BUSINESS_NAME_MATCH"
)

// check is one check of a session, in the provider's shape.
type check struct {
	ID           string   `json:"CheckId"`
	Type         string   `json:"Type"`
	CheckStatus  string   `json:"CheckStatus"` // VALIDATED or REFUSED
	CreationDate int64    `json:"CreationDate"`
	LastUpdate   int64    `json:"LastUpdate"`
	Data         []datum  `json:"Data"`
	Reasons      []reason `json:"Reasons"`
}

// datum is a verified value: a birth date is Unix seconds, as a string.
type datum struct {
	Type  string  `json:"Type"`
	Value *string `json:"Value"`
}

// reason is why a check was refused. Value is preset where the check is automatic, and a reviewer's own words where not.
type reason struct {
	Type  string `json:"Type"`
	Value string `json:"Value"`
}

// checksOf are those that a user's session runs, in their order. Names are compared for whoever is the user in person.
func checksOf(u user) []string {
	if u.person == personNatural {
		return []string{documentCheck, nameCheck, ageCheck}
	}
	switch u.legal.LegalPersonType {
	case soletrader:
		return []string{documentCheck, nameCheck, ageCheck, businessCheck, businessNameCheck}
	case business:
		return []string{documentCheck, ageCheck, businessCheck, insightsCheck}
	}
	return []string{documentCheck, ageCheck, businessCheck}
}

// decides tells the checks whose refusal refuses the session at once (S3: Refusal, automated). The refusal of any other
// sends it to review.
func decides(kind string) bool { return kind == documentCheck || kind == nameCheck || kind == ageCheck }

// reasons are the types of reasons that a check is refused for, the usual one first, with the preset value of each.
var reasons = map[string][]reason{
	documentCheck: {
		{"DOCUMENT_UNREADABLE", "The document could not be read."}, {"DOCUMENT_NOT_ACCEPTED", "The document is not of an accepted type."},
		{"FACE_MATCH_FAIL", "The face does not match the document."}, {"DOCUMENT_FALSIFIED", "The document is not authentic."},
		{"DOCUMENT_HAS_EXPIRED", "The document has expired."},
	},
	nameCheck: {{"DOCUMENT_NOT_ACCEPTED", "The name on the document does not match the user's."}},
	ageCheck:  {{"DOCUMENT_NOT_ACCEPTED", "The person is younger than 18."}},
	businessCheck: {
		{"DOCUMENT_NOT_ACCEPTED", "The registry has no match, or a partial one."}, {"DOCUMENT_TYPE_NOT_SUPPORTED", "The document is of no supported type."},
		{"DOCUMENT_HAS_EXPIRED", "The document has expired."}, {"DOCUMENT_UNREADABLE", "The document could not be read."},
		{"DOCUMENT_INCOMPLETE", "The document is not complete."},
	},
	insightsCheck:     {{"BUSINESS_INSIGHTS_MATCH_FAILED", "The data of the business could not be matched."}},
	businessNameCheck: {{"BUSINESS_NAME_MATCH_FAILED", "The name of the business could not be matched."}},
}

// ran makes the checks of a session of which one was refused; "" is none. What follows a refused document is not run.
func (s *Sandbox) ran(u user, refused string, why reason, read map[string]string) []check {
	var out []check
	now := s.now()
	for _, kind := range checksOf(u) {
		c := check{
			ID: s.ids.ulid("idnchc_", now), Type: kind, CheckStatus: validated, CreationDate: unix(now), LastUpdate: unix(now),
			Data: dataOf(kind, u, read), Reasons: []reason{},
		}
		if kind == refused {
			c.CheckStatus, c.Reasons = denied, []reason{why}
		}
		out = append(out, c)
		if kind == refused && decides(kind) {
			break
		}
	}
	return out
}

// dataOf is what a check verified: what is read on the document, or was entered of the company.
func dataOf(kind string, u user, read map[string]string) []datum {
	var names []string
	switch {
	case kind == documentCheck && u.person == personNatural:
		names = []string{"FIRST_NAME", "LAST_NAME", "BIRTHDATE"}
	case kind == documentCheck:
		names = []string{"LEGAL_REPRESENTATIVE_FIRST_NAME", "LEGAL_REPRESENTATIVE_LAST_NAME", "LEGAL_REPRESENTATIVE_BIRTHDATE"}
	case kind == businessCheck:
		names = []string{"COMPANY_NAME", "COMPANY_NUMBER"}
	}
	known := known(u)
	out := []datum{}
	for _, name := range names {
		v, given := read[name]
		if !given {
			v, given = known[name]
		}
		d := datum{Type: name}
		if given {
			d.Value = &v
		}
		out = append(out, d)
	}
	return out
}

// known are the values that the user was registered with: what is on the document, where nothing else is said.
func known(u user) map[string]string {
	who := u.identity()
	prefix, born := "", "BIRTHDATE"
	if u.person == personLegal {
		prefix, born = "LEGAL_REPRESENTATIVE_", "LEGAL_REPRESENTATIVE_BIRTHDATE"
	}
	out := map[string]string{prefix + "FIRST_NAME": who.FirstName, prefix + "LAST_NAME": who.LastName}
	if who.Birthday != nil {
		out[born] = strconv.FormatInt(int64(*who.Birthday), 10)
	}
	if u.person == personLegal {
		out["COMPANY_NAME"] = u.legal.Name
		if u.legal.CompanyNumber != nil {
			out["COMPANY_NUMBER"] = string(*u.legal.CompanyNumber)
		}
	}
	return out
}

// overwrite puts verified data in the place of what the user was registered with (S3: Verified data). Of a company this
// includes the representative, even where another one did the check.
func (s *Sandbox) overwrite(id string, checks []check) {
	s.change(id, func(u *user) {
		who := &u.natural.identity
		if u.person == personLegal {
			who = &u.legal.LegalRepresentative
		}
		for _, c := range checks {
			for _, d := range c.Data {
				if d.Value != nil {
					u.verified(who, d.Type, *d.Value)
				}
			}
		}
	})
}

// verified puts one verified value.
func (u *user) verified(who *identity, kind, v string) {
	switch kind {
	case "FIRST_NAME", "LEGAL_REPRESENTATIVE_FIRST_NAME":
		who.FirstName = v
	case "LAST_NAME", "LEGAL_REPRESENTATIVE_LAST_NAME":
		who.LastName = v
	case "BIRTHDATE", "LEGAL_REPRESENTATIVE_BIRTHDATE":
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			born := seconds(n)
			who.Birthday = &born
		}
	case "COMPANY_NAME":
		u.legal.Name = v // S3 calls the property CompanyName; the object has Name
	case "COMPANY_NUMBER":
		number := text(v)
		u.legal.CompanyNumber = &number
	}
}

// judged is a copy of checks with a reviewer's words for those that were refused: the first where none was.
func judged(checks []check, comment string, now time.Time) []check {
	out := slices.Clone(checks)
	found := false
	for i := range out {
		if out[i].CheckStatus == denied {
			found = true
			out[i] = out[i].refused(comment, now)
		}
	}
	if !found && len(out) > 0 {
		out[0] = out[0].refused(comment, now)
	}
	return out
}

// refused is the check after a reviewer refused it.
func (c check) refused(comment string, now time.Time) check {
	kind := reasons[c.Type][0].Type
	if len(c.Reasons) > 0 {
		kind = c.Reasons[0].Type
	}
	c.CheckStatus, c.LastUpdate, c.Reasons = denied, unix(now), []reason{{kind, comment}}
	return c
}
