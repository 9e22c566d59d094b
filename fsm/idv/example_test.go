package idv_test

import (
	"fmt"

	"github.com/hookfold/hookfold/fsm/idv"
)

func Example() {
	s := idv.None
	for _, event := range []string{
		"IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_PENDING", "IDENTITY_VERIFICATION_VALIDATED", "IDENTITY_VERIFICATION_FAILED",
	} {
		column, _ := idv.Machine.Column(event)
		out := idv.Machine.Step(s, column, idv.Facts{})
		fmt.Println(event, out.Verdict, out.To)
		s = out.To
	}
	// Output:
	// IDENTITY_VERIFICATION_PENDING first PENDING
	// IDENTITY_VERIFICATION_PENDING duplicate PENDING
	// IDENTITY_VERIFICATION_VALIDATED applied VALIDATED
	// IDENTITY_VERIFICATION_FAILED conflict VALIDATED
}

func ExampleRank() {
	fmt.Println(idv.Rank("IDENTITY_VERIFICATION_PENDING") < idv.Rank("IDENTITY_VERIFICATION_VALIDATED"))
	// Output: true
}
