package sender

import (
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookfold/hookfold/events"
)

// The values of a hook's Status and Validity.
const (
	Enabled  = "ENABLED"
	Disabled = "DISABLED"
	Valid    = "VALID"
	Invalid  = "INVALID"
)

// The bounds of what a hook holds, in characters.
const (
	mostURL       = 255
	mostTag       = 255
	mostEventType = 128
)

// Hook is a hook as it stands.
type Hook struct {
	ID        string
	URL       string
	Status    string // Enabled or Disabled
	Validity  string // Valid or Invalid
	EventType events.Type
	Tag       string
	Email     string // where the warnings go; "" for the account's own address
	Created   int64  // Unix seconds
	Failures  int    // consecutive ones; the provider shows them to nobody
}

// NewHook is what a hook is created from. EventType and URL are required.
type NewHook struct {
	EventType events.Type
	URL       string
	Tag       string
	Email     string
}

// validate reports all problems at once.
func (n NewHook) validate() error {
	var problems []error
	if n.EventType == "" || n.EventType.Own() || utf8.RuneCountInString(string(n.EventType)) > mostEventType {
		problems = append(problems, ErrEventType)
	}
	return errors.Join(append(problems, Change{URL: &n.URL, Tag: &n.Tag}.validate())...)
}

// Change is what an update changes: what is nil stays.
type Change struct {
	URL      *string
	Status   *string // Enabled or Disabled
	Validity *string // Valid
	Tag      *string
	Email    *string
}

// validate reports all problems at once.
func (c Change) validate() error {
	var problems []error
	if c.URL != nil && !notifiable(*c.URL) {
		problems = append(problems, ErrURL)
	}
	if c.Status != nil && *c.Status != Enabled && *c.Status != Disabled {
		problems = append(problems, ErrStatus)
	}
	if c.Validity != nil && *c.Validity != Valid {
		problems = append(problems, ErrValidity)
	}
	if c.Tag != nil && utf8.RuneCountInString(*c.Tag) > mostTag {
		problems = append(problems, ErrTag)
	}
	return errors.Join(problems...)
}

// notifiable tells whether a Url can be notified.
func notifiable(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && utf8.RuneCountInString(text) <= mostURL
}

// target is the address of one notification: what the Url's own query holds comes first, a fragment is not sent.
func target(hook string, e Event) (string, error) {
	u, err := url.Parse(hook)
	if err != nil {
		return "", ErrURL // the error of the parser shows the Url
	}
	query := e.query()
	if own := strings.TrimSuffix(u.RawQuery, "&"); own != "" {
		query = own + "&" + query
	}
	u.RawQuery, u.Fragment, u.RawFragment = query, "", ""
	return u.String(), nil
}

// registered is a hook with what its sender has to remember of it.
type registered struct {
	Hook
	// era rises when the hook becomes INVALID: notifications of an era that is over are never sent again.
	era int
}

// sends tells whether a notification of the era may be sent now.
func (h *registered) sends(era int) bool {
	return h.Status == Enabled && h.Validity == Valid && h.era == era
}

// change applies what has been validated.
func (h *registered) change(c Change) {
	for _, set := range []struct{ to, from *string }{
		{&h.URL, c.URL}, {&h.Status, c.Status}, {&h.Tag, c.Tag}, {&h.Email, c.Email},
	} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	if c.Validity != nil && h.Validity == Invalid {
		h.Validity, h.Failures = Valid, 0
	}
}

// count takes the result of one attempt, new or retry, and tells whether it is one at which a warning is sent.
func (h *registered) count(success bool) (warn bool) {
	if success {
		h.Failures = 0
		return false
	}
	h.Failures++
	if h.Failures == failuresToInvalid {
		h.Validity = Invalid
		h.era++
	}
	return h.Failures%failuresToWarning == 0
}

// S4: an e-mail after 10 consecutive failures and after every 10 more; INVALID at the 100th.
const (
	failuresToWarning = 10
	failuresToInvalid = 100
)

// S4: "every 10 minutes for the first hour", "every 8 hours once the first hour is passed, and for the next 3 days".
const (
	earlyRetries = 6
	earlyEvery   = 10 * time.Minute
	lateRetries  = 9
	lateEvery    = 8 * time.Hour
)

// after is how long after the first attempt of a notification comes the attempt that follows so many; false when none does.
func after(tried int) (time.Duration, bool) {
	if tried <= earlyRetries {
		return time.Duration(tried) * earlyEvery, true
	}
	late := tried - earlyRetries
	return earlyRetries*earlyEvery + time.Duration(late)*lateEvery, late <= lateRetries
}
