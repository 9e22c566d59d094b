package mangopay

import (
	"time"

	"github.com/hookfold/hookfold/events"
)

// Answer is what the API said, and when it said so.
type Answer[T any] struct {
	Value T
	// At is the instant at which the request started, by the provider's clock: the response's Date less the time that the
	// request took, rounded down to a second (fold rule 13). What is in Value was true then or later.
	At time.Time
}

// User is a natural or legal user, without personal data.
type User struct {
	ID              string
	Created         int64  // Unix seconds
	PersonType      string // NATURAL or LEGAL
	LegalPersonType string // BUSINESS, SOLETRADER, …; "" for a natural user
	Status          string // UserStatus: PENDING_USER_ACTION, ACTIVE, CLOSED
	Category        string // UserCategory: PAYER, OWNER, PLATFORM
	KYCLevel        string // LIGHT or REGULAR
}

// ScaStatus says how a user stands with strong customer authentication.
type ScaStatus struct {
	UserStatus     string
	IsEnrolled     bool  // false until the first success, then true, also during a re-enrolment
	LastEnrollment int64 // Unix seconds; 0 unknown
}

// Regulatory is a user's regulatory status.
type Regulatory struct {
	ActionCode      string // why the user is blocked, such as "008701"; "" when not blocked
	InflowsBlocked  bool
	OutflowsBlocked bool
	RenewalDeadline int64 // Unix seconds of KycRenewalDeadline; 0 unknown
}

// Session is an identity verification session (IDV Session).
type Session struct {
	ID      string
	UserID  string
	Status  string // PENDING, REVIEW, VALIDATED, REFUSED, OUT_OF_DATE, EXPIRED, or what else the provider says
	Created int64  // Unix seconds
	Updated int64  // Unix seconds; 0 unknown
	Checks  []Check
}

// Check is one check of a session. The outcome of a session is its Status alone: after a manual approval its checks may
// still be REFUSED (S3).
type Check struct {
	ID      string
	Type    string   // IDENTITY_DOCUMENT_VERIFICATION, IDV_NAME_MATCH_CHECK, …
	Status  string   // CheckStatus: VALIDATED, REFUSED
	Reasons []string // types of the reasons; their values may be a reviewer's free text and are left out
}

// SessionRow is one row of a user's list of sessions.
type SessionRow struct {
	ID      string
	Status  string
	Created int64 // Unix seconds
	Updated int64 // Unix seconds; 0 unknown
}

// KYCDocument is a document that was submitted for a user, without its content.
type KYCDocument struct {
	ID     string
	UserID string
	Type   string // IDENTITY_PROOF, ADDRESS_PROOF, …
	Status string // CREATED, VALIDATION_ASKED, VALIDATED, REFUSED, OUT_OF_DATE
	Reason string // RefusedReasonType
}

// PastEvent is one row of the provider's list of events, which goes back 45 days.
type PastEvent struct {
	Type       events.Type
	ResourceID string
	Date       int64 // Unix seconds
}

// Hook is one of our hooks as the provider holds it. Its URL holds the secret token of our ingress: it belongs in no log,
// message or read model.
type Hook struct {
	ID        string
	URL       string
	Status    string // ENABLED or DISABLED
	Validity  string // VALID or INVALID
	EventType events.Type
	Tag       string
	Created   int64 // Unix seconds
}

// HookChange is what an update of a hook sends. Empty fields are not sent.
type HookChange struct {
	URL      string
	Status   string
	Validity string
	Tag      string
}

// EventQuery is a question to the provider's list of events.
type EventQuery struct {
	Type          events.Type
	After, Before int64 // Unix seconds; 0: unbounded. Whether the bounds are part of the window is not documented
	Page          int   // from 1
	PerPage       int   // at most 100; 0: 100
}

// EventPage is one page of that list, in no order that can be relied on.
type EventPage struct {
	Events []PastEvent
	Pages  int // how many there are, by x-number-of-pages; 0 unknown
}
