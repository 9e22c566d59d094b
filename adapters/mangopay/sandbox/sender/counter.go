package sender

import "time"

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
