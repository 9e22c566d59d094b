package scenario_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

// stub answers what a test says, in place of a sandbox and of Hookfold. Tokens are given and asked for as the provider does.
type stub struct {
	t       *testing.T
	answers map[string]func(n int, q *http.Request) (int, string) // by method and URL; n is how often it was asked before
	mu      sync.Mutex
	asked   map[string]int
	seen    []string // method, URL and body
}

func (s *stub) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	assert.NoError(s.t, err)
	key := q.Method + " " + q.URL.RequestURI()
	s.mu.Lock()
	n := s.asked[key]
	s.asked[key]++
	s.seen = append(s.seen, strings.TrimSpace(key+" "+string(body)))
	s.mu.Unlock()
	if answer := s.answers[key]; answer != nil {
		status, text := answer(n, q)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
		return
	}
	if key == "POST /v2.01/oauth/token" {
		_, _ = io.WriteString(w, `{"access_token":"t0"}`)
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

// always answers the same.
func always(status int, body string) func(int, *http.Request) (int, string) {
	return func(int, *http.Request) (int, string) { return status, body }
}

// play plays steps against a stub.
func play(t *testing.T, answers map[string]func(int, *http.Request) (int, string), with func(*scenario.Config), steps ...string) (*stub, error) {
	t.Helper()
	s := &stub{t: t, answers: answers, asked: map[string]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	story, err := scenario.Parse("mine", head+strings.Join(steps, "\n"))
	require.NoError(t, err)
	c := scenario.Config{Sandbox: server.URL, ClientID: "acme", APIKey: "key", Pause: func(context.Context) error { return nil }}
	if with != nil {
		with(&c)
		if c.ReadAPI == "here" {
			c.ReadAPI = server.URL
		}
	}
	return s, scenario.Play(t.Context(), story, c)
}

// hookfold lets a story ask the stub as the read API too.
func hookfold(c *scenario.Config) { c.ReadAPI, c.ReadToken = "here", "c4n4ry" }

func TestVariablesFillPathsBodiesAndFields(t *testing.T) {
	t.Parallel()
	s, err := play(t, map[string]func(int, *http.Request) (int, string){
		"GET /v2.01/acme/a":                     always(200, `{"Id":"x/y","N":12,"L":[{"Id":"p"},{"Id":"x/y","V":"yes no"}]}`),
		"POST /v2.01/acme/b/x%2Fy?q=x%2Fy&r=12": always(204, ``),
		"POST /_sandbox/c":                      always(200, `{}`),
		"GET /v2.01/acme/d":                     always(200, `{"url":"http://127.0.0.1:7701/hooks","client":"acme"}`),
		"PUT /_sandbox/turn/1":                  always(200, `{}`),
	}, nil,
		"GET /a", "  keep id=Id n=N",
		"GET /a", `  with L.#=2 L.1.V="yes no" L.[Id=$id].V="yes no" L.0=* N=$n`,
		`POST /b/$id?q=$id&r=${n} {"s": "$id", "n": "$n", "t": "n is $n, $$n", "l": ["$n", 1.50, null]}`, "  answers 204",
		`sandbox POST c {"e": "${client}"}`,
		"GET /d", "  with url=$receiver client=$client",
		`repeat 2 sandbox PUT turn/$i {"i": "$i"}`, "  keep last=last",
	)
	assert.Equal(t, []string{
		"POST /v2.01/oauth/token grant_type=client_credentials",
		"GET /v2.01/acme/a",
		"GET /v2.01/acme/a",
		`POST /v2.01/acme/b/x%2Fy?q=x%2Fy&r=12 {"l":[12,1.50,null],"n":12,"s":"x/y","t":"n is 12, $n"}`,
		`POST /_sandbox/c {"e":"acme"}`,
		"GET /v2.01/acme/d",
		`PUT /_sandbox/turn/1 {"i":1}`,
	}, s.seen)
	var failed *scenario.StepError
	require.ErrorAs(t, err, &failed, "the first turn has nothing to keep")
	assert.Equal(t, 1, failed.Turn)
	assert.EqualError(t, err, "mine:14: repeat 2 sandbox PUT turn/$i (turn 1 of 2): it is not as the story tells it: there is no last to keep as $last")
}

func TestADifferenceSaysWhereAndWhatWasThere(t *testing.T) {
	t.Parallel()
	for steps, want := range map[string]string{
		"GET /a\n  answers 201":                "mine:5: GET /a: it is not as the story tells it: the answer is 200",
		"GET /b":                               "the answer is 400: param_error Tag Url",
		"GET /b\n  answers 404|409":            "the answer is 400: param_error Tag Url",
		"sandbox GET c":                        `the answer is 400: "not done"`,
		"GET /nowhere":                         "the answer is 404",
		"GET /a\n  with S=CLOSED N=2":          "S is ACTIVE instead of CLOSED; N is 1 instead of 2",
		"GET /a\n  with X=1":                   "X is not there",
		"GET /a\n  with S.T=1":                 "S.T is not there",
		"GET /a\n  with L.2=1":                 "L.2 is not there",
		"GET /a\n  with L.x=1":                 "L.x is not there",
		"GET /a\n  with [S=ACTIVE].N=1":        "[S=ACTIVE].N is not there",
		"GET /a\n  with L.[Id=3].Id=3":         "L.[Id=3].Id is not there",
		"GET /a\n  with E=*":                   "E holds nothing",
		"GET /a\n  with Z=*":                   "Z holds nothing",
		"GET /a\n  with Z=nothing":             "Z is null instead of nothing",
		"GET /a\n  with O=1":                   `O is "{\"a\":[1]}" instead of 1`,
		"GET /a\n  with S=\"\"":                `S is ACTIVE instead of ""`,
		"GET /a\n  with C=x":                   `C is "\x1b[2J" instead of x`,
		"GET /a\n  keep e=E":                   "there is no E to keep as $e",
		"GET /d\n  with x=1":                   "the answer is not JSON",
		"GET /a\n  with S=ACTIVE N=1 L.#=2":    "",
		"GET /a\n  with Z=null O.a.0=1 E=\"\"": "",
		"GET /b\n  answers 200|400":            "",
	} {
		_, err := play(t, map[string]func(int, *http.Request) (int, string){
			"GET /v2.01/acme/a": always(200, `{"S":"ACTIVE","N":1,"L":[{"Id":"1"},{"Id":2}],"E":"","Z":null,"O":{"a":[1]},"C":"\u001b[2J"}`),
			"GET /v2.01/acme/b": always(400, `{"Type":"param_error","Message":"clara@example.com","errors":{"Url":"u","Tag":"t"}}`),
			"GET /_sandbox/c":   always(400, `{"error":"not done"}`),
			"GET /v2.01/acme/d": always(200, `<html>`),
		}, nil, steps)
		if want == "" {
			assert.NoError(t, err, steps)
			continue
		}
		require.ErrorIs(t, err, scenario.ErrDiffers, steps)
		assert.Contains(t, err.Error(), want, steps)
		assert.NotContains(t, err.Error(), "clara", "free text may hold what a user said")
	}
}

func TestATokenThatIsNotTakenAnyMoreIsRenewedOnce(t *testing.T) {
	t.Parallel()
	tokens := func(n int, _ *http.Request) (int, string) {
		return 200, []string{`{"access_token":"old"}`, `{"access_token":"new"}`}[n]
	}
	s, err := play(t, map[string]func(int, *http.Request) (int, string){
		"POST /v2.01/oauth/token": tokens,
		"GET /v2.01/acme/a":       always(200, `{}`),
		"GET /v2.01/acme/b": func(_ int, q *http.Request) (int, string) {
			return map[string]int{"Bearer old": 401, "Bearer new": 200}[q.Header.Get("Authorization")], `{}`
		},
		"GET /v2.01/acme/c": always(401, `{"Type":"sca_required"}`),
	}, nil, "GET /a", "GET /b", "GET /b")
	require.NoError(t, err)
	assert.Equal(t, 2, s.asked["POST /v2.01/oauth/token"])
	assert.Equal(t, 3, s.asked["GET /v2.01/acme/b"])

	s, err = play(t, map[string]func(int, *http.Request) (int, string){"GET /v2.01/acme/c": always(401, `{}`)}, nil, "GET /c", "  answers 401")
	require.NoError(t, err, "one that was just given is not renewed")
	assert.Equal(t, 1, s.asked["POST /v2.01/oauth/token"])
}

func TestWhatCannotBeReachedIsSaid(t *testing.T) {
	t.Parallel()
	_, err := play(t, nil, func(c *scenario.Config) { c.Sandbox = "http://127.0.0.1:1" }, "GET /a")
	require.ErrorIs(t, err, scenario.ErrUnreachable)
	assert.Contains(t, err.Error(), "mine:5: GET /a: it cannot be reached: 127.0.0.1:1 does not answer")

	_, err = play(t, map[string]func(int, *http.Request) (int, string){
		"POST /v2.01/oauth/token": always(401, `{"Type":"invalid_credentials"}`),
	}, func(c *scenario.Config) { c.APIKey = "c4n4ry" }, "GET /a")
	require.ErrorIs(t, err, scenario.ErrUnreachable)
	assert.Contains(t, err.Error(), "no token for these credentials, the answer is 401: invalid_credentials")
	assert.NotContains(t, err.Error(), "c4n4ry")
}

func TestTheReadModelIsAskedUntilItIsSo(t *testing.T) {
	t.Parallel()
	pauses := 0
	s, err := play(t, map[string]func(int, *http.Request) (int, string){
		"GET /v1/users/u%2F1": func(n int, q *http.Request) (int, string) {
			assert.Equal(t, "Bearer c4n4ry", q.Header.Get("Authorization"))
			return []int{404, 503, 200, 200}[n], []string{``, ``, `{"s":"OLD"}`, `{"s":"NEW","c":{"s":true}}`}[n]
		},
	}, func(c *scenario.Config) {
		hookfold(c)
		c.Pause = func(context.Context) error { pauses++; return nil }
	}, "expect user u/1 s=NEW c.s=true")
	require.NoError(t, err)
	assert.Equal(t, 4, s.asked["GET /v1/users/u%2F1"])
	assert.Equal(t, 3, pauses)
}

func TestTheReadModelIsNotAskedForEver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		err    error
		want   string
		asked  int
	}{
		{200, `{"s":"OLD"}`, scenario.ErrDiffers, "s is OLD instead of NEW (asked 3 times)", 3},
		{404, ``, scenario.ErrDiffers, "the read model has not heard of it (asked 3 times)", 3},
		{503, `{"error":"lag"}`, scenario.ErrDiffers, "the read API answers 503: lag (asked 3 times)", 3},
		{400, `{"error":"what"}`, scenario.ErrDiffers, "the read API answers 400: what", 1},
		{401, ``, scenario.ErrUnreachable, "the read API answers 401: give its token", 1},
		{200, `<html>`, scenario.ErrDiffers, "the document is not JSON", 1},
	} {
		s, err := play(t, map[string]func(int, *http.Request) (int, string){"GET /v1/idv-sessions/i": always(c.status, c.body)},
			func(cfg *scenario.Config) { hookfold(cfg); cfg.Patience = 3 }, "expect session i s=NEW")
		require.ErrorIs(t, err, c.err, c.want)
		assert.Contains(t, err.Error(), c.want)
		assert.Equal(t, c.asked, s.asked["GET /v1/idv-sessions/i"], c.want)
		assert.NotContains(t, err.Error(), "c4n4ry")
	}
	stop := errors.New("enough")
	_, err := play(t, nil, func(cfg *scenario.Config) { hookfold(cfg); cfg.Pause = func(context.Context) error { return stop } }, "expect hook h s=NEW")
	assert.ErrorIs(t, err, stop)
}

func TestAnActionOfHookfoldIsDoneWhenItsLastLineSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		err    error
		want   string
	}{
		{200, "{\"read\":3}\n{\"done\":true}\n", nil, ""},
		{200, "{\"done\":true}", nil, ""},
		{200, "{\"read\":3}\n{\"done\":false,\"error\":\"the provider is away\"}\n", scenario.ErrDiffers, `it is not done: "the provider is away"`},
		{200, "{\"read\":3}\n", scenario.ErrDiffers, "it is not done"},
		{200, "", scenario.ErrDiffers, "the last line of the answer is not JSON"},
		{404, "", scenario.ErrDiffers, "there is no such action: start hookfold serve with the address and the credentials of the sandbox"},
		{409, `{"error":"busy"}`, scenario.ErrDiffers, "the read API answers 409: busy"},
		{403, "", scenario.ErrUnreachable, "give its token"},
	} {
		_, err := play(t, map[string]func(int, *http.Request) (int, string){
			"GET /_sandbox/clock": always(200, `{"unix":1743626814}`), "POST /v1/backfill?since=1743626814": always(c.status, c.body),
		}, hookfold, "sandbox GET clock", "  keep t=unix", "operate backfill?since=$t")
		require.ErrorIs(t, err, c.err, c.want)
		if c.want != "" {
			assert.Contains(t, err.Error(), c.want)
		}
	}
}

func TestWithoutHookfoldItsStepsArePassedOver(t *testing.T) {
	t.Parallel()
	var told []string
	_, err := play(t, nil, func(c *scenario.Config) {
		c.Tell = func(t scenario.Told) { told = append(told, t.Step.Text+": "+t.PassedOver) }
	}, "operate hooks/ensure", "expect user u s=NEW")
	require.NoError(t, err)
	assert.Equal(t, []string{"operate hooks/ensure: there is no read API", "expect user u s=NEW: there is no read API"}, told)
}

func TestWhatStandsBehindFinallyIsPlayedWhateverHappens(t *testing.T) {
	t.Parallel()
	steps := []string{"sandbox PUT on", "GET /a", "  keep a=Id", "GET /never", "finally", "sandbox PUT off", "sandbox PUT undo/$a", "sandbox PUT other"}
	answers := map[string]func(int, *http.Request) (int, string){
		"PUT /_sandbox/on": always(200, ``), "PUT /_sandbox/off": always(500, ``), "PUT /_sandbox/other": always(200, ``), "GET /v2.01/acme/a": always(500, ``),
	}
	var told []scenario.Told
	s, err := play(t, answers, func(c *scenario.Config) { c.Tell = func(t scenario.Told) { told = append(told, t) } }, steps...)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "mine:6: GET /a", "the first failure is the one that is told")
	assert.Equal(t, []string{
		"PUT /_sandbox/on", "POST /v2.01/oauth/token grant_type=client_credentials", "GET /v2.01/acme/a", "PUT /_sandbox/off", "PUT /_sandbox/other",
	}, s.seen)
	require.Len(t, told, 5)
	assert.Error(t, told[1].Err)
	assert.Error(t, told[2].Err)
	assert.Equal(t, "nothing has kept $a", told[3].PassedOver)
	assert.NoError(t, told[4].Err)
}

func TestWhoIsStoppedStillTidiesUp(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	s := &stub{t: t, asked: map[string]int{}, answers: map[string]func(int, *http.Request) (int, string){
		"PUT /_sandbox/on": func(int, *http.Request) (int, string) { stop(); return 200, `` }, "PUT /_sandbox/off": always(200, ``),
	}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	story, err := scenario.Parse("mine", head+"sandbox PUT on\nsandbox PUT on\nfinally\nsandbox PUT off")
	require.NoError(t, err)
	err = scenario.Play(ctx, story, scenario.Config{Sandbox: server.URL, ClientID: "acme", APIKey: "key"})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, s.asked["PUT /_sandbox/off"])
}

func TestEveryProblemOfAConfigIsToldAtOnce(t *testing.T) {
	t.Parallel()
	err := scenario.Play(t.Context(), scenario.Story{}, scenario.Config{
		Sandbox: "127.0.0.1:7702", ReadAPI: "http://me:c4n4ry@127.0.0.1:7700", ReadToken: "c4n4ry\n", Patience: -1,
	})
	require.ErrorIs(t, err, scenario.ErrConfig)
	for _, want := range []string{"Sandbox", "ClientID and APIKey", "ReadAPI", "ReadToken", "Patience"} {
		assert.Contains(t, err.Error(), want)
	}
	assert.NotContains(t, err.Error(), "c4n4ry")
	err = scenario.Play(t.Context(), scenario.Story{}, scenario.Config{Sandbox: "https://sandbox.example.com/", ClientID: "a", APIKey: "b", ReadToken: "c"})
	assert.ErrorContains(t, err, "ReadToken is of no use without ReadAPI")
}

func TestAnAnswerIsReadAsItIs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200)
	body, err := json.Marshal(map[string]string{"L": long})
	require.NoError(t, err)
	_, err = play(t, map[string]func(int, *http.Request) (int, string){"GET /v2.01/acme/a": always(200, string(body))}, nil, "GET /a", "  with L=x")
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 250, "what is shown of a value is bounded: %v", err)
}
