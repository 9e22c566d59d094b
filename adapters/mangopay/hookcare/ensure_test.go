package hookcare_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// was and is are what a report says of its hooks.
func standings(r hookcare.Report) (was, is []hookcare.Standing, did [][]hookcare.Action) {
	for _, h := range r.Hooks {
		was, is, did = append(was, h.Was), append(is, h.Is), append(did, h.Actions)
	}
	return was, is, did
}

func TestEnsureCreatesWhatIsMissing(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	c := h.config(p.client(t))
	c.Types = nil
	r, err := h.care(c).Ensure(t.Context(), hookcare.Options{})
	require.NoError(t, err)
	assert.Equal(t, 23, r.Count(hookcare.Right))
	for _, typ := range catalogue.Moving() {
		assert.Equal(t, address, p.of(typ).Url)
		assert.Equal(t, "hookfold", p.of(typ).Tag)
	}
	assert.Len(t, h.told(events.HookUpdated), 23)
	assert.Len(t, h.filled, 23)

	asked := len(p.asked)
	r, err = h.care(c).Ensure(t.Context(), hookcare.Options{})
	require.NoError(t, err)
	assert.Equal(t, 23, r.Count(hookcare.Right))
	assert.Len(t, p.asked, asked+3, "all three pages are read, and nothing is left to do")
	assert.Len(t, h.filled, 23)
}

func TestEnsureMendsWhatIsOursAndReportsWhatIsNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		url, status, validity string
		options               hookcare.Options
		was, is               hookcare.Standing
		did                   []hookcare.Action
	}{
		"right":                       {url: address, was: hookcare.Right, is: hookcare.Right},
		"an old token":                {url: ingress + "/old", was: hookcare.Outdated, is: hookcare.Right, did: []hookcare.Action{hookcare.Repoint}},
		"before there was a token":    {url: ingress, was: hookcare.Outdated, is: hookcare.Right, did: []hookcare.Action{hookcare.Repoint}},
		"http":                        {url: "http://hooks.example.com/hooks/" + secret, was: hookcare.Outdated, is: hookcare.Right, did: []hookcare.Action{hookcare.Repoint}},
		"in other letters":            {url: "https://Hooks.Example.com:443/hooks/" + secret, was: hookcare.Outdated, is: hookcare.Right, did: []hookcare.Action{hookcare.Repoint}},
		"somebody else's":             {url: "https://other.example.com/hooks/x", was: hookcare.Elsewhere, is: hookcare.Elsewhere},
		"another service of the host": {url: "https://hooks.example.com/payments/x", was: hookcare.Elsewhere, is: hookcare.Elsewhere},
		"somebody else's, wanted": {url: "https://other.example.com/x", options: hookcare.Options{Repoint: true},
			was: hookcare.Elsewhere, is: hookcare.Right, did: []hookcare.Action{hookcare.Repoint}},
		"switched off": {url: address, status: "DISABLED", was: hookcare.Disabled, is: hookcare.Disabled},
		"switched off, wanted": {url: address, status: "DISABLED", options: hookcare.Options{Enable: true},
			was: hookcare.Disabled, is: hookcare.Right, did: []hookcare.Action{hookcare.Enable}},
		"invalid": {url: address, validity: "INVALID", was: hookcare.Invalid, is: hookcare.Right, did: []hookcare.Action{hookcare.Revive}},
		"invalid and switched off by it": {url: address, validity: "INVALID", status: "DISABLED",
			was: hookcare.Invalid, is: hookcare.Right, did: []hookcare.Action{hookcare.Revive}},
		"invalid, an old token": {url: ingress + "/old", validity: "INVALID",
			was: hookcare.Outdated, is: hookcare.Right, did: []hookcare.Action{hookcare.Repoint, hookcare.Revive}},
		"a validity nobody knows": {url: address, validity: "SUSPENDED", was: hookcare.Right, is: hookcare.Right},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, p := newHouse(t), newProvider(t)
			for range 11 { // what is wanted stands on the second page
				p.has(events.Type("PAYIN_NORMAL_SUCCEEDED"), "https://payments.example.com")
			}
			o := p.has(kyc, c.url)
			if c.status != "" {
				o.Status = c.status
			}
			if c.validity != "" {
				o.Validity = c.validity
			}
			config := h.config(p.client(t))
			config.Types = []events.Type{kyc}

			c.options.Dry = true
			dry, err := h.care(config).Ensure(t.Context(), c.options)
			require.NoError(t, err)
			assert.Empty(t, p.puts())
			assert.Empty(t, h.filled)

			c.options.Dry = false
			r, err := h.care(config).Ensure(t.Context(), c.options)
			was, is, did := standings(r)
			assert.Equal(t, []hookcare.Standing{c.was}, was)
			assert.Equal(t, []hookcare.Standing{c.is}, is)
			assert.ElementsMatch(t, c.did, did[0])
			assert.Equal(t, dry.Hooks[0].Actions, did[0], "a dry run says what is done")
			var unmet *hookcare.UnmetError
			assert.Equal(t, c.is != hookcare.Right, errors.As(err, &unmet))
			assert.Len(t, h.filled, min(len(c.did), 1))
			assert.Equal(t, 1, r.Others)
			if c.is == hookcare.Right {
				assert.Equal(t, address, p.of(kyc).Url)
			} else {
				assert.Equal(t, c.url, p.of(kyc).Url, "nothing is taken from anybody")
			}
		})
	}
}

func TestOfTwoWhoCreateAHookOneFindsIt(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.before = func(r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path != "/v2.01/oauth/token" && p.of(kyc).Id == "" {
			p.has(kyc, address)
		}
	}
	c := h.config(p.client(t))
	c.Types = []events.Type{kyc}
	r, err := h.care(c).Ensure(t.Context(), hookcare.Options{})
	require.NoError(t, err)
	_, is, _ := standings(r)
	assert.Equal(t, []hookcare.Standing{hookcare.Right}, is)
}

func TestATypeThatTheProviderDoesNotTakeIsReportedAndForgivenWhereNobodyNamedIt(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.unknown = "IDENTITY_VERIFICATION_EXPIRED"
	c := h.config(p.client(t))
	c.Types = nil
	r, err := h.care(c).Ensure(t.Context(), hookcare.Options{})
	require.NoError(t, err)
	assert.Equal(t, 1, r.Count(hookcare.Refused))
	assert.Equal(t, 22, r.Count(hookcare.Right))

	c.Types = []events.Type{p.unknown}
	_, err = h.care(c).Ensure(t.Context(), hookcare.Options{})
	var unmet *hookcare.UnmetError
	require.ErrorAs(t, err, &unmet)
	assert.ErrorContains(t, err, "may not know this event type")
}

func TestWhatConcernsAllHooksEndsTheWork(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	posts := 0
	p.fails = func(r *http.Request) int {
		if r.Method == http.MethodPost && r.URL.Path != "/v2.01/oauth/token" {
			posts++
			return http.StatusForbidden
		}
		return 0
	}
	r, err := h.care(h.config(p.client(t))).Ensure(t.Context(), hookcare.Options{})
	require.ErrorIs(t, err, mangopay.ErrForbidden)
	assert.Equal(t, 1, posts)
	assert.Len(t, r.Hooks, 2)
	assert.Equal(t, 2, r.Count(hookcare.Missing))
	assert.Empty(t, h.filled)
}

func TestHooksThatNobodyWantsAreLeftAlone(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, address)
	p.has(light, address)
	extra := p.has(closed, address)
	extra.Validity = "INVALID"
	r, err := h.care(h.config(p.client(t))).Ensure(t.Context(), hookcare.Options{Repoint: true, Enable: true})
	require.NoError(t, err)
	require.Len(t, r.Extra, 1)
	assert.Equal(t, closed, r.Extra[0].Type)
	assert.Empty(t, p.puts())
}

func TestOfTwoHooksOfOneTypeTheNewerCounts(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, "https://other.example.com")
	p.has(kyc, address)
	p.has(light, address)
	_, err := h.care(h.config(p.client(t))).Ensure(t.Context(), hookcare.Options{})
	assert.NoError(t, err)
}

func TestATokenThatIsAlsoAWordOfThePathIsHidden(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.config(gone{})
	c.Token = "hooks"
	s, err := h.care(c).Status(t.Context())
	require.Error(t, err)
	assert.Equal(t, "hooks.example.com/…/…", s.Address)
}

func TestSecretsStandNowhere(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, ingress+"/old-"+secret)
	p.has(light, "https://user:pw@other.example.com/"+secret+"/hooks?t="+secret)
	p.fails = func(r *http.Request) int {
		if r.Method == http.MethodPut {
			return http.StatusBadRequest
		}
		return 0
	}
	care := h.care(h.config(p.client(t)))
	report, err := care.Ensure(t.Context(), hookcare.Options{Repoint: true})
	require.Error(t, err)
	status, err2 := care.Status(t.Context())
	require.NoError(t, err2)
	_, err3 := care.Poll(t.Context())
	require.NoError(t, err3)
	h.fails(kyc, 30)
	p.fails = nil
	_, err4 := care.Ensure(t.Context(), hookcare.Options{Repoint: true})
	require.NoError(t, err4)
	text, err5 := json.Marshal([]any{report, status, report.Hooks, h.told(events.HookUpdated), h.alerts})
	require.NoError(t, err5)
	assert.Contains(t, string(text), "hooks.example.com/hooks/…")
	assert.Contains(t, string(text), "other.example.com/…/hooks")
	for _, told := range h.told(events.HookUpdated) {
		text = append(text, told.Data...)
	}
	all := string(text) + h.said.String() + err.Error()
	for _, canary := range []string{secret, apiKey, "user:pw", "old-"} {
		assert.NotContains(t, all, canary)
	}
	_, err = hookcare.New(hookcare.Config{Ingress: "https://" + secret, Token: secret + "/"})
	require.ErrorIs(t, err, hookcare.ErrConfig)
	assert.NotContains(t, err.Error(), secret)
}

func TestAConfigurationNamesAllItsProblems(t *testing.T) {
	t.Parallel()
	_, err := hookcare.New(hookcare.Config{Every: -1, Types: []events.Type{""}})
	require.ErrorIs(t, err, hookcare.ErrConfig)
	for _, problem := range []string{"API", "Log", "Store", "Every", "Types", "Ingress"} {
		assert.ErrorContains(t, err, problem)
	}
	h, p := newHouse(t), newProvider(t)
	for address, good := range map[string]bool{
		"https://a.example/hooks": true, "https://a.example": true, "http://a.example/hooks": false, "a.example/hooks": false,
		"https://u@a.example/": false, "https://a.example/?x=1": false, "https://a.example/#x": false,
	} {
		c := h.config(p.client(t))
		c.Ingress = address
		_, err := hookcare.New(c)
		assert.Equal(t, good, err == nil, address)
	}
	c := h.config(p.client(t))
	c.Ingress, c.Plain = "http://127.0.0.1:7701/hooks", true
	_, err = hookcare.New(c)
	assert.NoError(t, err)
}

func TestAHoleBeginsTheRetrySpanBeforeTheLastSuccess(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, address).Validity = "INVALID"
	p.has(light, address).Validity = "INVALID"
	h.succeeds(kyc)
	last := h.Now()
	h.later(50 * time.Hour)
	r, err := h.care(h.config(p.client(t))).Revive(t.Context())
	require.NoError(t, err)
	require.Len(t, h.filled, 2)
	assert.Equal(t, last.Add(-73*time.Hour-10*time.Minute).UnixMilli(), h.filled[0].Since.UnixMilli(), "what failed before that success could still have been retried")
	assert.True(t, h.filled[1].Since.IsZero(), "where no success is known everything is missed")
	assert.Equal(t, h.filled[0].Since.Unix(), r.Hooks[0].Since)
	assert.True(t, r.Filled)
}

func TestAHoleThatCannotBeFilledInIsAnError(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	c := h.config(p.client(t))
	errFill := errors.New("the list cannot be read")
	c.Fill = func(context.Context, []hookcare.Hole) error { return errFill }
	r, err := h.care(c).Ensure(t.Context(), hookcare.Options{})
	assert.ErrorIs(t, err, errFill)
	assert.False(t, r.Filled)
	assert.Equal(t, 2, r.Count(hookcare.Right))
}
