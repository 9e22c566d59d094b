package proptest_test

import (
	"fmt"

	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/proptest"
)

// One notification in every form in which it can be fed to a fold.
func ExampleForms() {
	n := mangopay.Notification{Type: mangopay.UserAccountActivated, ResourceID: "user m/1", Date: 1743627006}
	for _, form := range proptest.Forms(n) {
		fmt.Println(form)
	}
	// Output:
	// {"Date":1743627006,"EventType":"USER_ACCOUNT_ACTIVATED","RessourceId":"user m/1"}
	// Date=1743627006&EventType=USER_ACCOUNT_ACTIVATED&RessourceId=user+m%2F1
	// https://www.example.com/hooks?Date=1743627006&EventType=USER_ACCOUNT_ACTIVATED&RessourceId=user+m%2F1
}

// The event by which the API says one value of one machine.
func ExampleSayObserved() {
	e := proptest.SayObserved(mangopay.Notification{Type: mangopay.UserKYCRegular, ResourceID: "user_1"}.Event("").Ref, proptest.Start, "kyc", "REGULAR")
	fmt.Println(e.Type, e.Ref.ID, e.Date, string(e.Data))
	// Output: hookfold.observed user_1 1743620000 {"values":{"kyc":"REGULAR"}}
}

// The types of the catalogue that speak of one kind of resource.
func ExampleTypes() {
	for _, t := range proptest.Types("preauthorization")[:2] {
		fmt.Println(t)
	}
	// Output:
	// PREAUTHORIZATION_CREATED
	// PREAUTHORIZATION_FAILED
}
