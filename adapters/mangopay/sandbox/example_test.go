package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// A platform that talks to the sandbox as it would to the provider, and a clock that is stepped.
func ExampleNew() {
	line := timeline.New(time.Unix(1743626814, 0))
	provider, err := sandbox.New(sandbox.Config{Timeline: line})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(provider)
	defer server.Close()
	call := func(method, path, token, body string) (answer map[string]any) {
		r, err := http.NewRequestWithContext(context.Background(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return nil
		}
		r.SetBasicAuth("acme", "any key")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w, err := http.DefaultClient.Do(r)
		if err != nil {
			fmt.Println(err)
			return nil
		}
		defer w.Body.Close()
		_ = json.NewDecoder(w.Body).Decode(&answer) // an answer without a body is nil
		return answer
	}

	token := call("POST", "/v2.01/oauth/token", "", "")["access_token"].(string)
	user := call("POST", "/v2.01/acme/sca/users/natural", token, `{"FirstName": "Jeanne", "LastName": "Moreau",
		"Email": "accept@example.com", "UserCategory": "OWNER", "TermsAndConditionsAccepted": true,
		"Birthday": 188301600, "Nationality": "FR", "CountryOfResidence": "FR"}`)["Id"].(string)
	session := call("POST", "/v2.01/acme/users/"+user+"/identity-verifications", token, `{"ReturnUrl": "https://platform.example"}`)
	fmt.Println(session["Status"])

	call("POST", "/_sandbox/idv-sessions/"+session["Id"].(string), "", `{"outcome": "VALIDATED"}`)
	line.Advance(time.Minute)
	fmt.Println(call("GET", "/v2.01/acme/sca/users/"+user, token, "")["KYCLevel"])
	// Output:
	// PENDING
	// REGULAR
}

func ExampleDefaultLimits() {
	for _, l := range sandbox.DefaultLimits() {
		fmt.Println(l.Calls, l.Window)
	}
	// Output:
	// 2300 15m0s
	// 4500 30m0s
	// 8800 1h0m0s
	// 105600 24h0m0s
}
