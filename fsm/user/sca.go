package user

import "github.com/hookfold/hookfold/fsm"

// SCA is the product of two things: whether the user is enrolled in strong customer authentication, and how the last
// enrolment attempt ended (fold rule 12). Enrolment is sticky: several sessions may be open at once, so a failed one
// after a successful one takes nothing away. Whether the user must act is [Status], not this.
type SCA uint8

// The states, in the order of the machine's definition.
const (
	SCANone                        SCA = iota // nothing known
	SCAAttemptFailed                          // enrolment unknown, last attempt FAILED
	SCAAttemptExpired                         // enrolment unknown, last attempt EXPIRED
	SCAEnrolledSucceeded                      // ENROLLED: enrolled, last attempt SUCCEEDED
	SCAEnrolledFailed                         // enrolled, last attempt FAILED
	SCAEnrolledExpired                        // enrolled, last attempt EXPIRED
	SCAEnrolledNoAttempt                      // observed as enrolled, no attempt known
	SCANotEnrolledNoAttempt                   // observed as not enrolled, no attempt known
	SCANotEnrolledAttemptSucceeded            // observed as not enrolled after a SUCCEEDED attempt
	SCANotEnrolledAttemptFailed               // observed as not enrolled, last attempt FAILED
	SCANotEnrolledAttemptExpired              // observed as not enrolled, last attempt EXPIRED
)

// String returns the state's name, "" for nothing known.
func (s SCA) String() string { return SCAMachine.Name(s) }

const (
	scaSucceeded = "SCA_ENROLLMENT_SUCCEEDED"
	scaExpired   = "SCA_ENROLLMENT_EXPIRED"
	scaFailed    = "SCA_ENROLLMENT_FAILED"
)

// scaValues splits each state into its two values; "" is unknown, or no attempt.
var scaValues = [...]struct{ enrolled, last string }{
	SCANone:                        {"", ""},
	SCAAttemptFailed:               {"", "FAILED"},
	SCAAttemptExpired:              {"", "EXPIRED"},
	SCAEnrolledSucceeded:           {"true", "SUCCEEDED"},
	SCAEnrolledFailed:              {"true", "FAILED"},
	SCAEnrolledExpired:             {"true", "EXPIRED"},
	SCAEnrolledNoAttempt:           {"true", ""},
	SCANotEnrolledNoAttempt:        {"false", ""},
	SCANotEnrolledAttemptSucceeded: {"false", "SUCCEEDED"},
	SCANotEnrolledAttemptFailed:    {"false", "FAILED"},
	SCANotEnrolledAttemptExpired:   {"false", "EXPIRED"},
}

// SCAEnrolled returns the published value of a state: "true", "false", or "" where enrolment is unknown. A failed
// attempt alone does not say that the user is not enrolled.
func SCAEnrolled(s SCA) string { return scaValues[s].enrolled }

// SCALastAttempt returns how the last known attempt ended: "SUCCEEDED", "FAILED", "EXPIRED", or "" for none.
func SCALastAttempt(s SCA) string { return scaValues[s].last }

// ObserveSCA returns the state after the API has said that the user is enrolled ("true") or not ("false"). The last
// attempt is kept, so a value that was already published leaves the state alone. Any other value is not ours to map:
// the state stays and ok is false.
func ObserveSCA(s SCA, enrolled string) (next SCA, ok bool) {
	if enrolled != "true" && enrolled != "false" {
		return s, false
	}
	for i, v := range scaValues { // every enrolment has a state for every last attempt
		if v.enrolled == enrolled && v.last == SCALastAttempt(s) {
			next = SCA(i)
		}
	}
	return next, true
}

// SCAMachine is the table of SCA enrolment and its last attempt.
var SCAMachine = fsm.Must[SCA](fsm.Spec[struct{}]{
	Name:    "sca",
	Version: 1,
	States: []string{
		"ATTEMPT_FAILED", "ATTEMPT_EXPIRED",
		"ENROLLED", "ENROLLED+ATTEMPT_FAILED", "ENROLLED+ATTEMPT_EXPIRED", "ENROLLED+NO_ATTEMPT",
		"NOT_ENROLLED+NO_ATTEMPT", "NOT_ENROLLED+ATTEMPT_SUCCEEDED", "NOT_ENROLLED+ATTEMPT_FAILED", "NOT_ENROLLED+ATTEMPT_EXPIRED",
	},
	Observed: []string{
		"ENROLLED+NO_ATTEMPT",
		"NOT_ENROLLED+NO_ATTEMPT", "NOT_ENROLLED+ATTEMPT_SUCCEEDED", "NOT_ENROLLED+ATTEMPT_FAILED", "NOT_ENROLLED+ATTEMPT_EXPIRED",
	},
	Events: []string{scaSucceeded, scaExpired, scaFailed},
	Cells:  scaCells,
})
