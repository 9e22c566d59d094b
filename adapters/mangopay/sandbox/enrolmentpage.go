package sandbox

import (
	"net/http"
	"net/url"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// enrolmentPage is the page of an SCA session as it stands. back is where the platform wants the user; "" nowhere.
func enrolmentPage(e *enrolment, now time.Time, back string) page {
	switch {
	case e == nil:
		return noSuchPage()
	case e.over || !e.until.After(now):
		return page{
			status: http.StatusGone, Title: "This session is over", Lead: "It was completed, or its ten minutes have passed. The platform can begin another one.", Back: back,
		}
	}
	return page{
		status: http.StatusOK, Title: "Strong customer authentication", Lead: leads[e.why], Facts: []fact{{"User", e.user}, {"Open until", e.until.UTC().Format(time.DateTime + " UTC")}},
		Groups: []group{{"Outcome", []choice{
			{"succeeded", "The user gets through", e.hint(mangopay.SCAEnrollmentSucceeded), "good"},
			{"failed", "A factor fails too often", e.hint(mangopay.SCAEnrollmentFailed), "bad"},
		}}},
		Back: back, Notes: []string{"A session that nobody completes expires after ten minutes."},
	}
}

// leads say what a session is for.
var leads = map[purpose]string{
	toEnrol:   "The user enrols a phone and a code here. Choose how it goes.",
	toConsent: "The user lets the platform act without asking each time. Choose how it goes.",
	toLook:    "The user authenticates to show money. Choose how it goes.",
}

// hint is the event that a choice fires.
func (e *enrolment) hint(t events.Type) string {
	if e.challenge {
		return "A challenge of an enrolled user: no event"
	}
	return string(t)
}

// returnURL is where the platform, which adds it to the link, wants the user to come back to.
func returnURL(r *http.Request) string {
	if to := r.URL.Query().Get("returnUrl"); web(to) {
		return to
	}
	return ""
}

func (s *Sandbox) showEnrolment(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p := enrolmentPage(s.enrolling[r.URL.Query().Get("token")], s.now(), returnURL(r))
	s.mu.Unlock()
	p.show(w)
}

// playEnrolment takes what was chosen on the page, and sends the user back with how it went. That is only an indication.
func (s *Sandbox) playEnrolment(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	choice, token, back := r.PostFormValue("choice"), r.URL.Query().Get("token"), returnURL(r)
	s.mu.Lock()
	p := enrolmentPage(s.enrolling[token], s.now(), back)
	open := len(p.Groups) > 0
	status := map[string]string{"succeeded": "VALIDATED", "failed": "FAILED"}[choice]
	switch {
	case open && status == "VALIDATED":
		s.endEnrolment(token, mangopay.SCAEnrollmentSucceeded)
	case open && status == "FAILED":
		s.endEnrolment(token, mangopay.SCAEnrollmentFailed)
	}
	s.mu.Unlock()
	switch {
	case !open || status == "":
		p.show(w)
	case back == "":
		page{status: http.StatusOK, Title: "Done", Lead: "The session is over: " + status + "."}.show(w)
	default:
		goBack(w, withStatus(back, status))
	}
}

// withStatus adds controlStatus to an address.
func withStatus(to, status string) string {
	u, err := url.Parse(to)
	if err != nil {
		return to // web has read it already
	}
	q := u.Query()
	q.Set("controlStatus", status)
	u.RawQuery = q.Encode()
	return u.String()
}
