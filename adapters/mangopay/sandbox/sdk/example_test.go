package sdk

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// What two of the SDKs send first: the Java SDK spells the version its own way, and the Python SDK puts JSON into what it
// calls a form. A sandbox that they are to believe answers both.
func Example() {
	provider, err := sandbox.New(sandbox.Config{Timeline: timeline.New(time.Unix(1743626814, 0)), Clients: accounts()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for path, body := range map[string]string{
		"/V2_01/oauth/token": "grant_type=client_credentials",
		"/v2.01/oauth/token": `{"grant_type": "client_credentials"}`,
	} {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth("sdk-unit-tests", apiKey)
		w := httptest.NewRecorder()
		provider.ServeHTTP(w, r)
		answer, _ := io.ReadAll(w.Body)
		fmt.Println(w.Code, strings.Contains(string(answer), `"expires_in":1200`))
	}
	// Output:
	// 200 true
	// 200 true
}
