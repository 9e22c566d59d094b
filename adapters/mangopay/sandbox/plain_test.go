package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// start is when the sandboxes of the tests begin: the instant of the hook in S4.
var start = time.Unix(1743626814, 0)

// obj is a JSON object: the tests know the provider's documents, not the types of the package.
type obj = map[string]any

// house is a sandbox on real HTTP and whoever talks to it.
type house struct {
	t     testing.TB
	at    string // where it is
	token string
	http  *http.Client
}

// open starts a sandbox whose clock is stepped.
func open(t testing.TB, with func(*sandbox.Config)) *house {
	t.Helper()
	c := sandbox.Config{Timeline: timeline.New(start), Random: rand.NewChaCha8([32]byte{1})}
	if with != nil {
		with(&c)
	}
	s, err := sandbox.New(c)
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	h := &house{t: t, at: server.URL, http: &http.Client{
		Transport: server.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	h.login()
	return h
}

// answer is what a request came to.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   obj
	list   []obj
}

// send makes a request as it is.
func (h *house) send(method, target string, body []byte, header http.Header) answer {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.at+target, bytes.NewReader(body))
	require.NoError(h.t, err)
	for name, values := range header {
		r.Header[name] = values
	}
	w, err := h.http.Do(r)
	require.NoError(h.t, err)
	defer w.Body.Close()
	a := answer{status: w.StatusCode, header: w.Header}
	a.raw, err = io.ReadAll(w.Body)
	require.NoError(h.t, err)
	if bytes.HasPrefix(a.raw, []byte("[")) {
		require.NoError(h.t, json.Unmarshal(a.raw, &a.list))
	} else if strings.Contains(w.Header.Get("Content-Type"), "json") && len(a.raw) > 0 {
		require.NoError(h.t, json.Unmarshal(a.raw, &a.body), "%s", a.raw)
	}
	return a
}

// login gets an access token.
func (h *house) login() {
	h.t.Helper()
	r := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Basic YWNtZTpzZWNyZXQ="}} // acme:secret
	a := h.send(http.MethodPost, "/v2.01/oauth/token", []byte("grant_type=client_credentials"), r)
	require.Equal(h.t, http.StatusOK, a.status, "%s", a.raw)
	h.token = a.body["access_token"].(string)
}

// do calls an endpoint of the client acme; body is nil, bytes or something for encoding/json.
func (h *house) do(method, path string, body any, headers ...string) answer {
	h.t.Helper()
	data, raw := body.([]byte)
	if body != nil && !raw {
		var err error
		data, err = json.Marshal(body)
		require.NoError(h.t, err)
	}
	header := http.Header{"Authorization": {"Bearer " + h.token}, "Content-Type": {"application/json"}}
	for i := 0; i+1 < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return h.send(method, "/v2.01/acme"+path, data, header)
}

// must is do with an answer of 200.
func (h *house) must(method, path string, body any) obj {
	h.t.Helper()
	a := h.do(method, path, body)
	require.Equal(h.t, http.StatusOK, a.status, "%s %s: %s", method, path, a.raw)
	return a.body
}

func (h *house) get(path string) obj { h.t.Helper(); return h.must(http.MethodGet, path, nil) }
func (h *house) post(path string, body any) obj {
	h.t.Helper()
	return h.must(http.MethodPost, path, body)
}
func (h *house) put(path string, body any) obj {
	h.t.Helper()
	return h.must(http.MethodPut, path, body)
}
func (h *house) list(path string) (rows []obj) {
	h.t.Helper()
	return h.do(http.MethodGet, path, nil).list
}
func (h *house) user(id any) obj { h.t.Helper(); return h.get("/sca/users/" + id.(string)) }
func (h *house) session(id any) obj {
	h.t.Helper()
	return h.get("/identity-verifications/" + id.(string))
}
func (h *house) outcome(session any, o obj) {
	h.t.Helper()
	h.tool(http.MethodPost, "/idv-sessions/"+session.(string), o)
}
func (h *house) mangopay(user any, what obj) obj {
	h.t.Helper()
	return h.tool(http.MethodPost, "/users/"+user.(string), what).body
}

// advance steps the clock. The access token may have expired on the way.
func (h *house) advance(d time.Duration) {
	h.t.Helper()
	h.tool(http.MethodPost, "/clock", obj{"advance": d.String()})
	h.login()
}

// tool calls the control API.
func (h *house) tool(method, path string, body any) answer {
	h.t.Helper()
	a := h.try(method, path, body)
	require.Equal(h.t, http.StatusOK, a.status, "%s %s: %s", method, path, a.raw)
	return a
}

func (h *house) try(method, path string, body any) answer {
	h.t.Helper()
	data, err := json.Marshal(body)
	require.NoError(h.t, err)
	return h.send(method, "/_sandbox"+path, data, nil)
}

// events lists the types of what took place at a resource, in order.
func (h *house) events(resource any) []string {
	h.t.Helper()
	out := []string{}
	for page := 1; ; page++ {
		a := h.do(http.MethodGet, "/events?per_page=100&page="+string(rune('0'+page)), nil)
		require.Equal(h.t, http.StatusOK, a.status, "%s", a.raw)
		for _, e := range a.list {
			if e["ResourceId"] == resource {
				out = append(out, e["EventType"].(string))
			}
		}
		if len(a.list) < 100 {
			return out
		}
	}
}

// click opens a hosted page and presses one of its buttons.
func (h *house) click(address, choice string, fields ...string) answer {
	h.t.Helper()
	u, err := url.Parse(address)
	require.NoError(h.t, err)
	page := h.send(http.MethodGet, u.RequestURI(), nil, nil)
	require.Equal(h.t, http.StatusOK, page.status)
	require.Contains(h.t, string(page.raw), `value="`+choice+`"`, "the page has no such button")
	form := url.Values{"choice": {choice}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return h.send(http.MethodPost, u.RequestURI(), []byte(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

// receiver is a platform's endpoint that takes every notification.
type receiver struct {
	URL string
	mu  sync.Mutex
	got []url.Values
}

func receive(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, q.URL.Query())
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// all are the notifications so far.
func (r *receiver) all() []url.Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]url.Values(nil), r.got...)
}

// The users that tests create, as a platform would.

var somewhere = obj{"AddressLine1": "4101 Reservoir Rd NW", "City": "Washington", "Region": "DC", "PostalCode": "20007", "Country": "US"}

// natural is what creates an OWNER in person; with changes fields.
func natural(with ...any) obj {
	return changed(obj{
		"FirstName": "Jeanne", "LastName": "Moreau", "Email": "jeanne@example.com", "Birthday": 188301600, "Nationality": "FR",
		"CountryOfResidence": "FR", "UserCategory": "OWNER", "TermsAndConditionsAccepted": true, "PhoneNumber": "+33611111111",
		"PhoneNumberCountry": "FR", "Address": somewhere,
	}, with)
}

// legal is what creates an OWNER that is a company.
func legal(kind string, with ...any) obj {
	return changed(obj{
		"Name": "Acme SARL", "LegalPersonType": kind, "Email": "office@example.com", "CompanyNumber": "123456789", "UserCategory": "OWNER",
		"TermsAndConditionsAccepted": true, "HeadquartersAddress": somewhere, "LegalRepresentativeAddress": somewhere,
		"LegalRepresentative": obj{
			"FirstName": "Jeanne", "LastName": "Moreau", "Email": "jeanne@example.com", "Birthday": 188301600, "Nationality": "FR", "CountryOfResidence": "FR",
		},
	}, with)
}

// flat is what creates a company by the endpoints without SCA.
func flat(with ...any) obj {
	return changed(obj{
		"Name": "Acme SARL", "LegalPersonType": "BUSINESS", "Email": "office@example.com", "CompanyNumber": "123456789", "UserCategory": "OWNER",
		"TermsAndConditionsAccepted": true, "HeadquartersAddress": somewhere, "LegalRepresentativeFirstName": "Jeanne",
		"LegalRepresentativeLastName": "Moreau", "LegalRepresentativeBirthday": 188301600, "LegalRepresentativeNationality": "FR",
		"LegalRepresentativeCountryOfResidence": "FR",
	}, with)
}

// changed sets fields; nil takes one away.
func changed(o obj, with []any) obj {
	for i := 0; i+1 < len(with); i += 2 {
		if with[i+1] == nil {
			delete(o, with[i].(string))
		} else {
			o[with[i].(string)] = with[i+1]
		}
	}
	return o
}

// enrolled creates a natural OWNER who has completed the enrolment.
func (h *house) enrolled() any {
	h.t.Helper()
	u := h.post("/sca/users/natural", natural())
	h.click(u["PendingUserAction"].(obj)["RedirectUrl"].(string), "succeeded")
	return u["Id"]
}

// begin creates a session.
func (h *house) begin(user any) obj {
	h.t.Helper()
	return h.post("/users/"+user.(string)+"/identity-verifications", obj{"ReturnUrl": "https://platform.example/back?x=1"})
}

// confirming starts a receiver that reads the user whom a notification names, and tells the KYCLevel.
func (h *house) confirming(to chan<- string) string {
	h.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		level, _ := h.do(http.MethodGet, "/sca/users/"+r.URL.Query().Get("RessourceId"), nil).body["KYCLevel"].(string)
		to <- level
	}))
	h.t.Cleanup(server.Close)
	return server.URL
}
