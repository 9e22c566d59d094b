package members_test

import (
	"fmt"

	"github.com/hookfold/hookfold/events/members"
)

// Names are exact, and a name that is there twice is seen twice.
func ExampleEach() {
	err := members.Each([]byte(`{"id":"a","ID":"b","id":"c"}`), func(name string, raw []byte) error {
		text, err := members.Text(raw)
		fmt.Println(name, text)
		return err
	})
	fmt.Println(err)
	// Output:
	// id a
	// ID b
	// id c
	// <nil>
}
