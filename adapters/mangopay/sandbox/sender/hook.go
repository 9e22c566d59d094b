package sender

import (
	"errors"
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
