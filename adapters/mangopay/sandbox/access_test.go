package sandbox_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
)

// ask asks for a token with what is given.
func (h *house) ask(client, key, form string) answer {
	h.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if client != "" {
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(client+":"+key)))
	}
	return h.send(http.MethodPost, "/v2.01/oauth/token/", []byte(form), header)
}

func TestATokenIsGivenForBasicCredentialsOrThoseOfTheBody(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	seen := map[any]bool{h.token: true}
	for _, a := range []answer{
		h.ask("acme", "secret", "grant_type=client_credentials"), h.ask("acme", "secret", `{"grant_type":"client_credentials"}`),
		h.ask("", "", "grant_type=client_credentials&client_id=acme&client_secret=secret"),
	} {
		assert.Equal(t, http.StatusOK, a.status)
		assert.Equal(t, []any{"bearer", 1200.0}, []any{a.body["token_type"], a.body["expires_in"]})
		assert.False(t, seen[a.body["access_token"]], "each is a new one")
		seen[a.body["access_token"]] = true
	}
	assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/users", nil).status, "the older ones hold on")
	assert.Equal(t, http.StatusUnauthorized, h.ask("", "", "grant_type=client_credentials").status)
	assert.Equal(t, http.StatusBadRequest, h.ask("acme", "secret", "grant_type=password").status)
}

func TestOnlyConfiguredCredentialsAreTaken(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *sandbox.Config) { c.Clients = map[string]string{"acme": "secret", "other": "s3cret"} })
	assert.Equal(t, http.StatusOK, h.ask("other", "s3cret", "").status)
	for _, pair := range [][2]string{{"acme", "s3cret"}, {"nobody", "secret"}, {"acme", "secret "}} {
		a := h.ask(pair[0], pair[1], "grant_type=client_credentials")
		assert.Equal(t, http.StatusUnauthorized, a.status)
		assert.Equal(t, []any{"invalid_credentials", "invalid_client", 1743626814.0}, []any{a.body["Type"], a.body["error"], a.body["Date"]})
		assert.NotContains(t, a.body, "Id")
		assert.NotContains(t, a.body, "errors")
	}
}

func TestAnUnknownExpiredOrForeignTokenIsRefused(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	good := h.token
	refused := func(why string) {
		t.Helper()
		a := h.do(http.MethodGet, "/users", nil)
		assert.Equal(t, http.StatusUnauthorized, a.status, why)
		assert.Equal(t, "invalid_credentials", a.body["Type"])
	}
	h.token = "made-up"
	refused("unknown")
	h.token = ""
	refused("missing")
	h.token = h.ask("other", "key", "").body["access_token"].(string)
	refused("of another client")
	h.tool(http.MethodPost, "/clock", obj{"advance": "19m59s"})
	h.token = good
	assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/users", nil, "Authorization", "BEARER "+good).status)
	h.tool(http.MethodPost, "/clock", obj{"advance": "1s"})
	refused("expired")
	h.login()
	assert.Equal(t, 1.0, h.tool(http.MethodPost, "/tokens/expire", nil).body["expired"])
	refused("expired on purpose")
}

func TestWhereTheClockRunsFasterTokensLiveAsLongAsClientsCount(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *sandbox.Config) { c.Speed, c.TokenLife = 10, time.Minute })
	h.tool(http.MethodPost, "/clock", obj{"advance": "9m59s"})
	assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/users", nil).status)
	h.tool(http.MethodPost, "/clock", obj{"advance": "1s"})
	assert.Equal(t, http.StatusUnauthorized, h.do(http.MethodGet, "/users", nil).status)
}

func TestEveryAnswerTellsTheFourWindowsInLinesOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.get("/users/" + h.enrolled().(string))
	a := h.do(http.MethodGet, "/users/nobody", nil)
	assert.Equal(t, []string{"3", "3", "3", "3"}, a.header.Values("X-Ratelimit"))
	assert.Equal(t, []string{"2297", "4497", "8797", "105597"}, a.header.Values("X-Ratelimit-Remaining"))
	var want []string
	for _, d := range []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 24 * time.Hour} {
		want = append(want, fmt.Sprint(start.Add(d).Unix()))
	}
	assert.Equal(t, want, a.header.Values("X-Ratelimit-Reset"))
}

func TestCallsOverALimitAreRefusedUntilSomeHaveLeakedOut(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *sandbox.Config) {
		c.Limits = []sandbox.Limit{{Calls: 3, Window: 30 * time.Second}, {Calls: 100, Window: time.Hour}}
	})
	for range 3 {
		assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/users", nil).status)
	}
	a := h.do(http.MethodGet, "/users", nil)
	assert.Equal(t, http.StatusTooManyRequests, a.status)
	assert.Equal(t, "rate_limit", a.body["Type"])
	assert.Equal(t, []string{"0", "97"}, a.header.Values("X-Ratelimit-Remaining"), "a refused call is not counted")
	h.tool(http.MethodPost, "/clock", obj{"advance": "9s"})
	assert.Equal(t, http.StatusTooManyRequests, h.do(http.MethodGet, "/users", nil).status)
	h.tool(http.MethodPost, "/clock", obj{"advance": "1s"})
	assert.Equal(t, http.StatusOK, h.do(http.MethodGet, "/users", nil).status)
}

const key = "0123456789abcdef"

func TestAnIdempotencyKeyIsTakenForADayWhateverTheFirstAnswerWas(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	first := h.do(http.MethodPost, "/users/natural", natural(), "Idempotency-Key", key)
	require.Equal(t, http.StatusOK, first.status)
	again := h.do(http.MethodPost, "/users/natural", natural(), "Idempotency-Key", key)
	assert.Equal(t, http.StatusConflict, again.status)
	assert.Equal(t, "idempotent_creation_conflict", again.body["Type"])
	assert.Len(t, h.list("/users"), 1)
	got := h.get("/responses/" + key)
	assert.Equal(t, first.body, got["Resource"])
	assert.Equal(t, "200", got["StatusCode"])
	assert.Equal(t, h.at+"/v2.01/acme/users/natural", got["RequestURL"])

	const other = "ffffffffffffffff"
	bad := h.do(http.MethodPost, "/users/natural", obj{}, "Idempotency-Key", other)
	require.Equal(t, http.StatusBadRequest, bad.status)
	assert.Equal(t, http.StatusConflict, h.do(http.MethodPost, "/users/natural", natural(), "Idempotency-Key", other).status)
	got = h.get("/responses/" + other)
	assert.Equal(t, "400", got["StatusCode"])
	assert.Equal(t, "param_error", got["Resource"].(obj)["Type"])
	h.advance(24 * time.Hour)
	assert.Equal(t, http.StatusOK, h.do(http.MethodPost, "/users/natural", natural(), "Idempotency-Key", key).status)
}

func TestIdempotencyKeysAreForPostsAndHaveAShape(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	for range 2 {
		assert.Equal(t, http.StatusOK, h.do(http.MethodPut, "/users/natural/"+id, obj{"Tag": "x"}, "Idempotency-Key", key).status)
	}
	for _, bad := range []string{"short", "0123456789abcdef_", "0123456789012345678901234567890123456"} {
		assert.Equal(t, http.StatusBadRequest, h.do(http.MethodPost, "/users/natural", natural(), "Idempotency-Key", bad).status, bad)
	}
	assert.Equal(t, "correlationid_not_found", h.do(http.MethodGet, "/responses/"+key, nil).body["Type"])
}

func TestErrorsHaveTheProvidersShape(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	a := h.do(http.MethodGet, "/users/legal/"+h.enrolled().(string), nil)
	assert.Equal(t, http.StatusNotFound, a.status)
	assert.Equal(t, "ressource_not_found", a.body["Type"])
	assert.Contains(t, a.body["errors"], "RessourceNotFound")
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.body["Id"])
	assert.Contains(t, string(a.raw), `"Date":1743626814,`)
	a = h.do(http.MethodGet, "/sca/users/nobody", nil)
	assert.Contains(t, string(a.raw), `"Date":1743626814.0,`, "newer endpoints give a float")

	for _, body := range []any{nil, []byte("{"), []byte("[]"), []byte(`{"FirstName":5}`)} {
		a = h.do(http.MethodPost, "/users/natural", body)
		assert.Equal(t, http.StatusBadRequest, a.status, "%v", body)
		assert.Equal(t, "param_error", a.body["Type"])
		assert.NotEmpty(t, a.body["errors"])
	}
	for target, want := range map[string]int{"/nothing": http.StatusNotFound, "/hooks/x": http.StatusMethodNotAllowed} {
		a = h.do(http.MethodDelete, target, nil)
		assert.Equal(t, want, a.status)
		assert.NotEmpty(t, a.body["Message"])
	}
}

func TestPathsAreFoundWhateverTheCaseOfTheirFixedPartsAndWithASlashAtTheEnd(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	for _, path := range []string{"/users/" + id + "/Regulatory", "/Users/" + id + "/blockStatus/", "/SCA/users/" + id} {
		assert.Equal(t, id, h.get(path)["Id"], path)
	}
	assert.Equal(t, http.StatusNotFound, h.do(http.MethodGet, "/users/"+"USER"+id[4:], nil).status, "an id's case counts")
	for _, version := range []string{"/V2.01", "/V2_01", "/v2_01"} {
		assert.Equal(t, http.StatusOK, h.send(http.MethodGet, version+"/acme/users", nil, http.Header{"Authorization": {"Bearer " + h.token}}).status)
		assert.Equal(t, http.StatusBadRequest, h.send(http.MethodPost, version+"/oauth/token", []byte("grant_type=x"), http.Header{
			"Authorization": {"Basic YWNtZTpzZWNyZXQ="}, "Content-Type": {"application/x-www-form-urlencoded"},
		}).status)
	}
}

func TestADeactivatedFeatureIsRefusedWithAProblem(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.enrolled().(string)
	h.tool(http.MethodPut, "/faults", obj{"no_verification": true})
	a := h.do(http.MethodPost, "/users/"+id+"/identity-verifications", obj{"ReturnUrl": "https://platform.example"})
	assert.Equal(t, http.StatusForbidden, a.status)
	assert.Equal(t, []any{"https://tools.ietf.org/html/rfc7231#section-6.5.3", 403.0}, []any{a.body["type"], a.body["status"]})
	assert.NotEmpty(t, a.body["title"])
	assert.NotEmpty(t, a.body["traceId"])
}

func TestTheDateOfAnAnswerIsTheProvidersClock(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.advance(90 * time.Second)
	a := h.do(http.MethodGet, "/users", nil)
	at, err := http.ParseTime(a.header.Get("Date"))
	require.NoError(t, err)
	assert.True(t, at.Equal(start.Add(90*time.Second)))
}

func TestIdentifiersRise(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	before := ""
	for range 40 {
		id := h.post("/users/natural", natural())["Id"].(string)
		assert.Greater(t, id, before)
		assert.Regexp(t, `^user_m_[0-9A-HJKMNP-TV-Z]{26}$`, id)
		before = id
	}
}
