package operate_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/hookfold/hookfold/adapters/operate"
)

// An operator starts something and reads how it goes on, to the line that says that it is done.
func Example() {
	handler, err := operate.New(operate.Config{Actions: []operate.Action{{
		Path: "/v1/backfill",
		Do: func(_ context.Context, asked url.Values, tell func(any) error) error {
			return tell(map[string]any{"since": asked.Get("since"), "appended": 2})
		},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	res, err := http.Post(server.URL+"/v1/backfill?since=2h", "", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = res.Body.Close() }()
	body, _ := io.ReadAll(res.Body)
	fmt.Print(string(body))
	// Output:
	// {"appended":2,"since":"2h"}
	// {"done":true}
}
