package mangopay_test

import (
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events/mangopay"
)

func ExampleParse() {
	n, err := mangopay.Parse("EventType=USER_ACCOUNT_ACTIVATED&RessourceId=user_m_01JQVHDG0S0TJP5KFX029211BF&Date=1743627006")
	fmt.Println(n.Type, n.ResourceID, n.Date, err)
	// Output: USER_ACCOUNT_ACTIVATED user_m_01JQVHDG0S0TJP5KFX029211BF 1743627006 <nil>
}

// The dashboard's test must be answered with 200 like everything that names an EventType.
func ExampleParse_ping() {
	n, err := mangopay.Parse("RessourceId=&EventType=USER_KYC_LIGHT&Date=1468540800")
	fmt.Println(n.Type, errors.Is(err, mangopay.ErrPing))
	fmt.Println(err)
	// Output:
	// USER_KYC_LIGHT true
	// mangopay: RessourceId is empty, so this is a test of the provider's dashboard: answer 200 and do nothing
}

func ExampleParseError() {
	_, err := mangopay.Parse("EventType=USER_KYC_LIGHT&RessourceId=user_m_1&Date=tomorrow")
	var parse *mangopay.ParseError
	fmt.Println(errors.As(err, &parse), parse.Key)
	fmt.Println(err)
	// Output:
	// true Date
	// mangopay: Date is not a date: send Unix seconds as digits, later than 0 and before the year 10000
}

func ExampleParseJSON() {
	n, err := mangopay.ParseJSON([]byte(`{"ResourceId":"idnver_1","EventType":"IDENTITY_VERIFICATION_PENDING","Date":1743620000}`))
	fmt.Println(n.Type, n.ResourceID, n.Date, err)
	// Output: IDENTITY_VERIFICATION_PENDING idnver_1 1743620000 <nil>
}

func ExampleNotification_Event() {
	n := mangopay.Notification{Type: mangopay.UserKYCRegular, ResourceID: "user_m_1", Date: 1743627006}
	fmt.Printf("%+v\n", n.Event(mangopay.Source).Ref)
	// Output: {Source:mangopay Kind:user ID:user_m_1}
}

func ExampleLookup() {
	row, known := mangopay.Lookup("IDENTITY_VERIFICATION_TIMEOUT")
	fmt.Println(known, row.Kind, row.Machine, row.Alias)
	_, known = mangopay.Lookup("SOMETHING_NEW")
	fmt.Println(known, mangopay.Kind("SOMETHING_NEW"))
	// Output:
	// true idv_session session IDENTITY_VERIFICATION_EXPIRED
	// false unknown
}

func ExampleCatalogue() {
	n := 0
	for row := range mangopay.Catalogue() {
		if row.Machine == mangopay.MachineSCA {
			fmt.Println(row.Type)
		}
		n++
	}
	fmt.Println(n)
	// Output:
	// SCA_ENROLLMENT_EXPIRED
	// SCA_ENROLLMENT_FAILED
	// SCA_ENROLLMENT_SUCCEEDED
	// 151
}

// A hook for each of these is enough to follow users and their sessions.
func ExampleMoving() {
	types := mangopay.Moving()
	fmt.Println(len(types), types[0], types[len(types)-1])
	// Output: 23 IDENTITY_VERIFICATION_EXPIRED USER_OUTFLOWS_UNBLOCKED
}

func ExampleKind() {
	fmt.Println(mangopay.Kind("KYC_SUCCEEDED"), mangopay.Kind("USER_KYC_REGULAR"))
	// Output: kyc_document user
}

func ExampleDecodeJSON() {
	e, err := mangopay.DecodeJSON("acme.payments.hooks", nil,
		[]byte(`{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}`))
	fmt.Println(e.Type, e.Ref, err)
	ping, err := mangopay.DecodeJSON("acme.payments.hooks", nil,
		[]byte(`{"EventType":"USER_KYC_REGULAR","RessourceId":"","Date":1743627006}`))
	fmt.Printf("%q %v\n", ping.Type, err)
	// Output:
	// USER_KYC_REGULAR {mangopay user user_m_1} <nil>
	// "" <nil>
}

func ExampleDecodeQuery() {
	e, err := mangopay.DecodeQuery("", nil, []byte("https://example.com/hooks?EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006"))
	fmt.Println(e.Type, e.Ref, err)
	// Output: USER_KYC_REGULAR {mangopay user user_m_1} <nil>
}

func ExampleDecodeCloudEvent() {
	e, err := mangopay.DecodeCloudEvent("", map[string][]string{
		"ce-id": {"a-new-one-for-every-copy"}, "ce-type": {"USER_KYC_REGULAR"}, "ce-subject": {"user_m_1"},
		"ce-time": {"2025-04-02T20:50:06Z"},
	}, nil)
	fmt.Println(e.Type, e.Ref, e.Date, err)
	// Output: USER_KYC_REGULAR {mangopay user user_m_1} 1743627006 <nil>
}

func ExampleQueryOf() {
	fmt.Println(mangopay.QueryOf("https://example.com/hooks?EventType=USER_KYC_REGULAR"))
	// Output: EventType=USER_KYC_REGULAR true
}
