package events_test

import (
	"fmt"

	"github.com/hookfold/hookfold/events"
)

func ExampleToken() {
	fmt.Println(events.Token("user_m_01JQVHDG0S"), events.Token("a.b >"), events.Token(""))
	// Output: user_m_01JQVHDG0S a=2Eb=20=3E =
}

func ExampleUntoken() {
	fmt.Println(events.Untoken("a=2Eb=20=3E"))
	fmt.Println(events.Untoken("a=2eb"))
	// Output:
	// a.b > <nil>
	//  events: not a token: make it with Token and keep it as it is
}

func ExampleEncode() {
	header, data, err := events.Encode(events.Event{
		Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "user m.1"}, Date: 1743627006,
		Delivery: events.Delivery{Origin: events.Webhook},
	})
	fmt.Println(header["ce-type"], header["ce-subject"], header["ce-time"], err)
	fmt.Println(string(data))
	// Output:
	// [USER_KYC_REGULAR] [user/user=20m=2E1] [2025-04-02T20:50:06Z] <nil>
	// {"v":1,"source":"mangopay","type":"USER_KYC_REGULAR","kind":"user","id":"user m.1","date":1743627006,"origin":"webhook"}
}

func ExampleDecode() {
	e, err := events.Decode(nil, []byte(`{"v":1,"source":"mangopay","type":"USER_KYC_REGULAR","kind":"user","id":"user_m_1","date":1743627006}`))
	fmt.Println(e.Type, e.Ref, e.Date, err)
	_, err = events.Decode(nil, []byte(`{"v":2}`))
	fmt.Println(err)
	// Output:
	// USER_KYC_REGULAR {mangopay user user_m_1} 1743627006 <nil>
	// events: the envelope was written by a newer version: upgrade to read it (version 2, this one reads up to 1)
}

// A second delivery of a notification is a copy of the first, whatever door it came by.
func ExampleEvent_ID() {
	first := events.Event{Type: "USER_KYC_REGULAR", Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_1"}, Date: 1743627006}
	second := first
	second.Delivery = events.Delivery{Origin: events.Backfill, Attempt: 2}
	fmt.Println(first.ID(), first.ID() == second.ID())
	// Output: 20a4faf4d21e6f7d48e307e8e7de2cc3 true
}

// Equal data has equal bytes, and so one identity, whatever wrote it.
func ExampleCanonical() {
	data, err := events.Canonical(map[string]any{"url": "https://example.com/?a=1&b=2", "at": 1743627006123})
	fmt.Println(string(data), err)
	// Output: {"at":1743627006123,"url":"https://example.com/?a=1&b=2"} <nil>
}

func ExampleType_Basis() {
	fmt.Println(events.Type("USER_KYC_REGULAR").Basis() == events.Claim, events.Observed.Basis() == events.Observation)
	// Output: true true
}

func ExampleDecoder() {
	var d events.Decoder
	for _, id := range []string{"1", "2"} {
		e, err := d.Decode([]byte(`{"v":1,"source":"mangopay","type":"USER_KYC_LIGHT","kind":"user","id":"` + id + `","date":1743627006}`))
		fmt.Println(e.Type, e.Ref.ID, err)
	}
	// Output:
	// USER_KYC_LIGHT 1 <nil>
	// USER_KYC_LIGHT 2 <nil>
}
