package scenario_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// A story that comes with Hookfold is played against a sandbox. With a ReadAPI, what Hookfold makes of it is checked too.
func ExamplePlay() {
	provider, err := sandbox.New(sandbox.Config{Timeline: timeline.New(time.Unix(1743626814, 0))})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(provider)
	defer server.Close()

	story, err := scenario.Named("sca-expired-then-succeeded")
	if err != nil {
		fmt.Println(err)
		return
	}
	err = scenario.Play(context.Background(), story, scenario.Config{
		Sandbox: server.URL, ClientID: "shop", APIKey: "key",
		Tell: func(t scenario.Told) {
			if t.Step.Says != "" && t.PassedOver == "" {
				fmt.Println(t.Step.Says)
			}
		},
	})
	fmt.Println(err)
	// Output:
	// The platform creates an OWNER.
	// The user does nothing for 10 minutes. The sandbox need not wait for them to pass.
	// The platform asks for another link, which changes no status, and the user enrols.
	// <nil>
}

// A story of one's own. A name that nothing has kept is an error of its line, before anything is sent.
func ExampleParse() {
	const text = `A user is blocked

Mangopay blocks what comes in.

---
POST /users/natural {"FirstName": "Clara", "LastName": "Lindqvist", "Email": "clara@example.com"}
  keep user=Id
sandbox POST users/$usr {"blocks": {"inflows": true}}
`
	_, err := scenario.Parse("mine.txt", text)
	fmt.Println(err, errors.Is(err, scenario.ErrStory))
	// Output: mine.txt:8: nothing before this step keeps $usr true
}

// The stories that come with Hookfold.
func ExampleAll() {
	for _, s := range scenario.All() {
		fmt.Println(s.Name)
	}
	// Output:
	// blocked-flows
	// closed-user
	// downgrade
	// hook-invalid-and-revived
	// kyc-renewal
	// legal-user-review-refused-then-validated
	// natural-user-verified
	// outage-and-backfill
	// owner-made-payer
	// sca-expired-then-succeeded
	// transfer-to-payer-refused
}

func ExampleNamed() {
	s, err := scenario.Named("closed-user")
	fmt.Println(s.Title, err)
	_, err = scenario.Named("opened-user")
	fmt.Println(err)
	// Output:
	// A user is closed, for good <nil>
	// scenario: no such story
}
