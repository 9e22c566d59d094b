package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hosted finds the session of a page.
func (s *Sandbox) hosted(token string) (session, user, bool) {
	for _, v := range s.sessions.all(s.now(), func(v session) bool { return v.token == token }) {
		if u, is := s.users.by[v.UserID]; is {
			return v, u.now(), true
		}
	}
	return session{}, user{}, false
}

// showSession shows the page of a session.
func (s *Sandbox) showSession(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	v, u, is := s.hosted(r.PathValue("token"))
	s.mu.Unlock()
	if !is {
		noSuchPage().show(w)
		return
	}
	sessionPage(v, u, s.now()).show(w)
}

func noSuchPage() page {
	return page{status: http.StatusNotFound, Title: "There is no such page", Lead: "The link is not complete, or the sandbox was started anew."}
}

// sessionPage is the page of a session as it stands.
func sessionPage(v session, u user, now time.Time) page {
	p := page{
		status: http.StatusOK, Title: "Identity verification", Lead: "Choose what the checks find. The platform hears of it a little later.",
		Facts: []fact{{"Session", v.ID}, {"Status", v.Status}, {"User", u.person + " " + u.legal.LegalPersonType}}, Back: v.ReturnURL,
	}
	switch {
	case v.Status == review:
		p.Title, p.Lead, p.Comment = "Manual review", "You are the provider's reviewer now: the automatic checks did not decide.", true
		p.Groups = []group{{"Decide", []choice{
			{validated, "Validate the session", "The checks stay as they are", "good"},
			{denied, "Refuse the session", "The refused checks get your words", "bad"},
		}}}
	case v.Status != pending || v.submitted:
		p.Title, p.Lead = "This session is completed", "There is nothing left to do here. Another attempt needs a new session."
	case now.Sub(v.created) >= linkLife:
		p.status, p.Title = http.StatusGone, "This link has expired"
		p.Lead = "It could be opened for 24 hours. The session's status does not change by that; another attempt needs a new session."
	default:
		p.Groups, p.Fields = choices(u), fields(u)
		p.Notes = []string{"The link can be opened for 24 hours from the creation of the session."}
	}
	return p
}

// choices are the outcomes that a user's session can have.
func choices(u user) []group {
	all := []group{
		{"All checks pass", []choice{{validated, "Validated", "The user becomes REGULAR, with the data above", "good"}}},
		{"Refused at once", nil},
	}
	doubt := group{Title: "Sent to manual review"}
	for _, kind := range checksOf(u) {
		for _, r := range reasons[kind] {
			if decides(kind) {
				all[1].Choices = append(all[1].Choices, choice{denied + ":" + kind + ":" + r.Type, r.Value, kind + " · " + r.Type, "bad"})
			} else {
				doubt.Choices = append(doubt.Choices, choice{review + ":" + kind + ":" + r.Type, r.Value, kind + " · " + r.Type, "wait"})
			}
		}
	}
	if len(doubt.Choices) > 0 {
		all = append(all, doubt)
	}
	return all
}

// fields are the data that will be verified, as the user was registered with them.
func fields(u user) []field {
	var out []field
	for name, v := range known(u) {
		words := strings.ToLower(strings.ReplaceAll(name, "_", " "))
		f := field{name, strings.ToUpper(words[:1]) + words[1:], "text", v}
		if born, err := strconv.ParseInt(v, 10, 64); err == nil && strings.HasSuffix(name, birthdate) {
			f.Type, f.Value = "date", time.Unix(born, 0).UTC().Format(time.DateOnly)
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// birthdate ends the names of data that are seconds, and a date on the page.
const birthdate = "BIRTHDATE"

// playSession takes what was chosen on the page of a session, and sends the user back before the outcome is known (S3).
func (s *Sandbox) playSession(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		page{status: http.StatusBadRequest, Title: "The form cannot be read", Lead: "Go back and try again."}.show(w)
		return
	}
	s.mu.Lock()
	v, u, is := s.hosted(r.PathValue("token"))
	open := is && len(sessionPage(v, u, s.now()).Groups) > 0
	var err error
	if open {
		err = s.play(v, u, chosen(r, u))
	}
	s.mu.Unlock()
	switch {
	case !is:
		noSuchPage().show(w)
	case !open:
		sessionPage(v, u, s.now()).show(w)
	case err != nil:
		page{status: http.StatusBadRequest, Title: "That cannot be chosen", Lead: "Go back and choose one of the buttons.", Back: v.ReturnURL}.show(w)
	default:
		goBack(w, v.ReturnURL)
	}
}

// chosen reads the form of a session's page. What was not changed on it is as the user was registered.
func chosen(r *http.Request, u user) outcome {
	parts := append(strings.SplitN(r.PostForm.Get("choice"), ":", 3), "", "")
	o := outcome{Outcome: parts[0], Check: parts[1], Reason: parts[2], Comment: r.PostForm.Get("comment"), Data: map[string]string{}}
	for _, f := range fields(u) {
		v := r.PostForm.Get(f.Name)
		if !r.PostForm.Has(f.Name) || v == f.Value {
			continue
		}
		o.Data[f.Name] = v
		if day, err := time.Parse(time.DateOnly, v); err == nil && f.Type == "date" {
			o.Data[f.Name] = strconv.FormatInt(day.Unix(), 10)
		}
	}
	return o
}

// play lets a choice happen: a reviewer's at once, the checks' a little later.
func (s *Sandbox) play(v session, u user, o outcome) error {
	if v.Status == review {
		return s.decide(v.ID, o)
	}
	if o.Outcome != validated {
		if _, _, err := refusedCheck(u, o); err != nil {
			return err
		}
	}
	s.submit(v, o)
	return nil
}
