package mangopay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/hookfold/hookfold/adapters/mangopay"
)

// A stand-in for the provider that knows one user.
func standIn() *httptest.Server {
	answer := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Date", "Wed, 02 Apr 2025 20:50:06 GMT")
			_, _ = w.Write([]byte(body))
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2.01/oauth/token", answer(`{"access_token":"t","token_type":"bearer","expires_in":1200}`))
	mux.HandleFunc("GET /v2.01/acme/sca/users/user_m_1", answer(`{"Id":"user_m_1","FirstName":"Ada","PersonType":"NATURAL",
		"UserStatus":"ACTIVE","UserCategory":"OWNER","KYCLevel":"REGULAR","CreationDate":1743620000}`))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"Message":"The ressource does not exist","Type":"ressource_not_found","Id":"e1","Date":1743620000.0,"errors":null}`))
	})
	return httptest.NewServer(mux)
}

func Example() {
	provider := standIn()
	defer provider.Close()
	client, err := mangopay.New(mangopay.Config{BaseURL: provider.URL, ClientID: "acme", APIKey: "secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	user, err := client.User(context.Background(), "user_m_1")
	fmt.Println(user.Value.Category, user.Value.KYCLevel, err)

	_, err = client.Session(context.Background(), "idnver_forged")
	fmt.Println(errors.Is(err, mangopay.ErrNotFound))
	fmt.Println(err)
	// Output:
	// OWNER REGULAR <nil>
	// true
	// mangopay: GET /v2.01/{ClientId}/identity-verifications/{IdvSessionId}: the provider holds no such object: look whether id and environment belong together (HTTP 404; type ressource_not_found; error id e1)
}

func ExampleError() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2.01/oauth/token" {
			_, _ = w.Write([]byte(`{"access_token":"t","token_type":"bearer","expires_in":1200}`))
			return
		}
		w.Header().Set("Retry-After", "600")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"Type":"rate_limit"}`))
	}))
	defer provider.Close()
	client, err := mangopay.New(mangopay.Config{BaseURL: provider.URL, ClientID: "acme", APIKey: "secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	_, err = client.Hooks(context.Background())
	var failed *mangopay.Error
	if errors.As(err, &failed) && errors.Is(err, mangopay.ErrRateLimit) {
		fmt.Println("wait", failed.Retry)
	}
	// Output: wait 10m0s
}
