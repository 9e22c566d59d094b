package sender_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// A receiver fails twice and then works: the provider's next ten minutes take no time.
func Example() {
	requests := 0
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests++; requests < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer receiver.Close()

	line := timeline.New(time.Unix(1743627006, 0).UTC())
	s, err := sender.New(sender.Config{Timeline: line})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if _, err := s.Create(sender.NewHook{EventType: "USER_KYC_REGULAR", URL: receiver.URL + "/hooks"}); err != nil {
		fmt.Println(err)
		return
	}
	s.Emit("USER_KYC_REGULAR", "user_m_1")
	line.Advance(time.Hour)
	for _, a := range s.Attempts() {
		fmt.Println(a.At.Format(time.TimeOnly), a.EventType, a.ResourceID, a.Status, "failures in a row:", a.Failures)
	}
	// Output:
	// 20:50:06 USER_KYC_REGULAR user_m_1 503 failures in a row: 1
	// 21:00:06 USER_KYC_REGULAR user_m_1 503 failures in a row: 2
	// 21:10:06 USER_KYC_REGULAR user_m_1 200 failures in a row: 0
}

// Of events and their notifications, some are lost on the way.
func ExampleSender_SetFaults() {
	line := timeline.New(time.Unix(1743627006, 0).UTC())
	s, err := sender.New(sender.Config{Timeline: line})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	if _, err := s.Create(sender.NewHook{EventType: "USER_KYC_REGULAR", URL: "http://localhost:7701/hooks"}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.SetFaults(sender.Faults{Drop: 2}))
	fmt.Println(s.SetFaults(sender.Faults{Drop: 1, Seed: 7}))
	s.Emit("USER_KYC_REGULAR", "user_m_1")
	line.Advance(time.Hour)
	fmt.Println(len(s.Events()), "event,", len(s.Attempts()), "attempts,", s.FaultCounts().Dropped, "dropped")
	// Output:
	// sender: the configuration cannot be used: Drop must lie between 0 and 1
	// <nil>
	// 1 event, 0 attempts, 1 dropped
}
