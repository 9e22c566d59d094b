package mangopay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// basic sends the credentials, and reads an answer whole, so that a connection that breaks in its middle is seen as such.
type basic struct {
	over        http.RoundTripper
	client, key string
}

// RoundTrip leaves the request as it is.
func (b basic) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.SetBasicAuth(b.client, b.key)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", userAgent)
	got, err := b.over.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := readAll(got)
	if err != nil {
		return nil, fmt.Errorf("mangopay: %w", err)
	}
	got.Body = io.NopCloser(bytes.NewReader(plainToken(body)))
	got.Header.Set("Content-Type", "application/json") // whatever it says: oauth2 would read plain text as a form
	return got, nil
}

// plainToken writes a token as the oauth2 package wants to read it, which takes no 1199.0 for a number of seconds. What
// holds no token stays as it is.
func plainToken(body []byte) []byte {
	var w struct {
		Token text   `json:"access_token"`
		Type  text   `json:"token_type"`
		Life  number `json:"expires_in"`
	}
	if !decode(body, '{', &w) || w.Token == "" {
		return body
	}
	body, _ = json.Marshal(w) // two strings and a number
	return body
}
