package idv

import "time"

// State is the Status of a session. Its zero value says that nothing is known.
type State uint8

// The states, in the order of the machine's definition. Their names are the provider's Status literals.
const (
	None      State = iota // nothing known
	Pending                // PENDING: not opened, opened or in progress; S3 cannot tell them apart
	Review                 // REVIEW: manual review, Legal users only
	Validated              // VALIDATED: the user became KYC/KYB verified
	Refused                // REFUSED: final; a retry is a new session
	OutOfDate              // OUT_OF_DATE: the user's verification was downgraded
	Expired                // EXPIRED: the link ran out (2026, not in S3)
)

// String returns the provider's literal, "" for None.
func (s State) String() string { return Machine.Name(s) }

// Facts is what the guards look at. It holds what stood before the event in the order of the fold (fold rule 9).
type Facts struct {
	Natural bool // an earlier observation said that the user's PersonType is NATURAL
}

// LinkValidity is how long a HostedUrl can be used, counted from the session's creation (S3: 24 hours).
const LinkValidity = 24 * time.Hour

// Rank orders the events of a session that carry one Date, which is whole seconds: PENDING 0, INCONCLUSIVE 1, an
// outcome (VALIDATED, FAILED, EXPIRED) 2, OUTDATED 3. An event that is none of the machine's ranks 0.
func Rank(event string) int {
	switch event {
	case inconclusive:
		return 1
	case validated, failed, expired:
		return 2
	case outdated:
		return 3
	default:
		return 0
	}
}
