package lines_test

import (
	"fmt"
	"strings"

	"github.com/hookfold/hookfold/adapters/lines"
)

func ExampleReader() {
	r := lines.NewReader("mangopay", func(bad *lines.LineError) { fmt.Println(bad) })
	err := r.Read("inbox.txt", strings.NewReader(`EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006
{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}
what is this
{"type":"hookfold.hook.delivery.failed","hook":"USER_KYC_REGULAR","date":1743627010}
`))
	if err != nil {
		fmt.Println(err)
	}
	for _, e := range r.Events() {
		fmt.Println(e.Type, e.Ref.Kind, e.Ref.ID, e.Date)
	}
	fmt.Printf("%+v\n", r.Summary())
	// Output:
	// inbox.txt: line 3: not a notification: give a JSON object, a URL, or a query string with EventType, RessourceId and Date
	// USER_KYC_REGULAR user user_m_1 1743627006
	// hookfold.hook.delivery.failed hook USER_KYC_REGULAR 1743627010
	// {Kind:summary Notifications:2 Duplicates:1 Pings:0 Unmodelled:0 Malformed:1}
}

func ExampleNewReader() {
	r := lines.NewReader("", nil)
	fmt.Println(len(r.Events()), r.Summary().Kind)
	// Output: 0 summary
}

func ExampleLineError() {
	fmt.Println((&lines.LineError{Name: "inbox.txt", Line: 3, Err: lines.ErrForm}).Error())
	// Output: inbox.txt: line 3: not a notification: give a JSON object, a URL, or a query string with EventType, RessourceId and Date
}
