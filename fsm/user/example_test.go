package user_test

import (
	"fmt"

	"github.com/hookfold/hookfold/fsm/user"
)

func Example() {
	// An OWNER who changes an e-mail address has to act again.
	asked, _ := user.StatusMachine.Column("USER_ACCOUNT_VALIDATION_ASKED")
	out := user.StatusMachine.Step(user.StatusActive, asked, struct{}{})
	fmt.Println(out.Verdict, out.To)
	fmt.Println(user.StatusMachine.Definition().Reason(out.Cell))
	// Output:
	// applied PENDING_USER_ACTION
	// An active user became OWNER on an SCA endpoint, or an enrolled one changed contact data, and must act again.
}

func ExampleSCAEnrolled() {
	failed, _ := user.SCAMachine.Column("SCA_ENROLLMENT_FAILED")
	s := user.SCAMachine.Step(user.SCAEnrolledSucceeded, failed, struct{}{}).To
	fmt.Println(user.SCAEnrolled(s), user.SCALastAttempt(s)) // a failed re-enrolment takes nothing away

	s, _ = user.ObserveSCA(s, "false") // only the API does
	fmt.Println(user.SCAEnrolled(s), user.SCALastAttempt(s))
	// Output:
	// true FAILED
	// false FAILED
}

func ExampleKYCLevel() {
	level, due := user.KYCLevel(user.KYCRegularDue)
	fmt.Println(level, due)

	s, _ := user.ObserveKYC(user.KYCRegularDue, "REGULAR") // the API says nothing of a renewal
	fmt.Println(s)
	// Output:
	// REGULAR true
	// REGULAR+due
}
