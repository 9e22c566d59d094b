package listen_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hookfold/hookfold/adapters/listen"
)

const canary = "c4n4ry-7b1f0e52"

// inner is what a guard keeps.
var inner = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Inner", "secret")
	if r.URL.Path == "/readyz" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = io.WriteString(w, "secret")
})

// asks makes one request of a guarded handler.
func asks(token, method, target, host string, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host = host
	if len(authorization) > 0 {
		r.Header["Authorization"] = authorization
	}
	w := httptest.NewRecorder()
	listen.Private(inner, token).ServeHTTP(w, r)
	return w
}

func TestOnlyTheRightTokenOpensWhatIsPrivate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header []string
		target string
		good   bool
	}{
		"the token":                  {[]string{"Bearer " + canary}, "/v1/users/x", true},
		"a scheme in small letters":  {[]string{"bearer " + canary}, "/v1/users/x", true},
		"two spaces":                 {[]string{"Bearer  " + canary}, "/v1/users/x", true},
		"nothing":                    {nil, "/v1/users/x", false},
		"an empty header":            {[]string{""}, "/v1/users/x", false},
		"no scheme":                  {[]string{canary}, "/v1/users/x", false},
		"no token":                   {[]string{"Bearer"}, "/v1/users/x", false},
		"an empty token":             {[]string{"Bearer "}, "/v1/users/x", false},
		"another scheme":             {[]string{"Basic " + canary}, "/v1/users/x", false},
		"a part of the token":        {[]string{"Bearer " + canary[:8]}, "/v1/users/x", false},
		"more than the token":        {[]string{"Bearer " + canary + "0"}, "/v1/users/x", false},
		"the token and a space":      {[]string{"Bearer " + canary + " "}, "/v1/users/x", false},
		"the token in other letters": {[]string{"Bearer C4N4RY-7b1f0e52"}, "/v1/users/x", false},
		"the token twice":            {[]string{"Bearer " + canary, "Bearer " + canary}, "/v1/users/x", false},
		"the token in a list":        {[]string{"Bearer wrong, Bearer " + canary}, "/v1/users/x", false},
		"the token in the query":     {nil, "/v1/users/x?access_token=" + canary, false},
		"the token as a user's name": {nil, "http://" + canary + "@x/v1/users/x", false},
		"a path like a probe's":      {nil, "/healthz/", false},
		"a probe by another path":    {nil, "//healthz", false},
		"a probe, encoded":           {nil, "/%68ealthz", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := asks(canary, http.MethodGet, c.target, "hookfold.internal:7700", c.header...)
			assert.Equal(t, c.good, w.Body.String() == "secret")
			if c.good {
				return
			}
			assert.Equal(t, http.StatusUnauthorized, w.Code)
			assert.Equal(t, `Bearer realm="hookfold"`, w.Header().Get("WWW-Authenticate"))
			assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
			assert.NotContains(t, fmt.Sprint(w.Header(), w.Body), canary)
			assert.NotContains(t, fmt.Sprint(w.Header(), w.Body), "secret")
		})
	}
}

func TestWithoutATokenOnlyThisMachinesOwnNamesAreHeard(t *testing.T) {
	t.Parallel()
	for host, good := range map[string]bool{
		"127.0.0.1:7700": true, "127.0.0.1": true, "127.9.9.9:1": true, "localhost:7700": true, "LocalHost": true, "[::1]:7700": true, "[::1]": true,
		"[::ffff:127.0.0.1]:7700": true,
		"evil.example:7700":       false, "evil.example": false, "127.0.0.1.evil.example:7700": false, "localhost.evil.example": false, "": false,
		"192.0.2.1:7700": false, "0.0.0.0:7700": false, "[::]:7700": false, "127.1": false, "2130706433": false, "localhost@evil.example": false,
	} {
		w := asks("", http.MethodGet, "/v1/users/x", host)
		assert.Equal(t, good, w.Code == http.StatusOK, host)
		if !good {
			assert.Equal(t, http.StatusForbidden, w.Code, host)
			assert.NotContains(t, w.Body.String(), "secret")
			assert.Empty(t, w.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestProbesAreAnsweredWithoutDetails(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", canary} {
		for target, c := range map[string]struct {
			status int
			line   string
		}{
			"/healthz":     {http.StatusOK, `{"status":"ok"}` + "\n"},
			"/readyz?wait": {http.StatusServiceUnavailable, `{"status":"not ok"}` + "\n"},
		} {
			w := asks(token, http.MethodGet, target, "hookfold.internal")
			assert.Equal(t, c.status, w.Code)
			assert.Equal(t, c.line, w.Body.String())
			assert.Empty(t, w.Header().Get("Inner"))
			assert.Contains(t, []int{http.StatusForbidden, http.StatusUnauthorized}, asks(token, http.MethodPost, target, "hookfold.internal").Code)
		}
	}
	assert.Equal(t, "secret", asks(canary, http.MethodGet, "/healthz", "x", "Bearer "+canary).Body.String(), "who may know, knows all")
	assert.Equal(t, "secret", asks("", http.MethodGet, "/healthz", "localhost").Body.String())
}

func TestTheGuardKeepsNoToken(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, fmt.Sprintf("%+v", listen.Private(inner, canary)), canary)
}
