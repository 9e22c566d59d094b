package idv

import (
	"strconv"

	"github.com/hookfold/hookfold/fsm"
)

// The provider's EventType values, verbatim. Event names are not status names.
const (
	pending      = "IDENTITY_VERIFICATION_PENDING"
	inconclusive = "IDENTITY_VERIFICATION_INCONCLUSIVE" // REVIEW
	validated    = "IDENTITY_VERIFICATION_VALIDATED"
	failed       = "IDENTITY_VERIFICATION_FAILED"   // REFUSED
	outdated     = "IDENTITY_VERIFICATION_OUTDATED" // OUT_OF_DATE
	expired      = "IDENTITY_VERIFICATION_EXPIRED"
)

// notNatural guards REVIEW, which S3 knows for Legal users only.
var notNatural = fsm.Guard[Facts]{
	Meaning: "the user is not known to be a natural person",
	Holds:   func(f Facts) bool { return !f.Natural },
	Saw:     func(f Facts) string { return "natural=" + strconv.FormatBool(f.Natural) },
}

// Machine is the table of a session's Status.
var Machine = fsm.Must[State](fsm.Spec[Facts]{
	Name:    "idv",
	Version: 1,
	States:  []string{"PENDING", "REVIEW", "VALIDATED", "REFUSED", "OUT_OF_DATE", "EXPIRED"},
	Events:  []string{pending, inconclusive, validated, failed, outdated, expired},
	Guards:  map[string]fsm.Guard[Facts]{"not_natural": notNatural},
	Cells:   cells,
})
