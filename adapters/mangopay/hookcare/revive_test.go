package hookcare_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
)

func TestAnInvalidHookIsRevivedByTheDocumentedWaysInSequence(t *testing.T) {
	t.Parallel()
	const guide, off, on = "status=ENABLED validity=VALID", "status=DISABLED validity=", "status=ENABLED validity="
	for name, c := range map[string]struct {
		manners func(*provider)
		puts    []string
		revived bool
	}{
		"the guide's way (S4)":                           {func(*provider) {}, []string{guide}, true},
		"Validity is ignored, the reference's way works": {func(p *provider) { p.ignoresValidity, p.revivesBySwitch = true, true }, []string{guide, off, guide}, true},
		"Validity is refused, the reference's way works": {func(p *provider) { p.refusesValidity, p.revivesBySwitch = true, true }, []string{guide, on, off, guide, on}, true},
		"none works": {func(p *provider) { p.ignoresValidity = true }, []string{guide, off, guide}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, p := newHouse(t), newProvider(t)
			c.manners(p)
			o := p.has(kyc, address)
			o.Validity = "INVALID"
			h.fails(kyc, 100)
			care := h.care(h.config(p.client(t)))
			r, err := care.Revive(t.Context())
			var puts []string
			for _, put := range p.puts() {
				puts = append(puts, strings.SplitN(put, " ", 3)[2])
			}
			assert.Equal(t, c.puts, puts)
			assert.Equal(t, "ENABLED", p.of(kyc).Status, "no way leaves it switched off")
			if !c.revived {
				require.ErrorIs(t, err, hookcare.ErrStillInvalid)
				assert.ErrorContains(t, err, "dashboard")
				assert.Empty(t, h.filled)
				assert.Equal(t, "INVALID", h.view(kyc).Value.Validity())
				assert.Zero(t, care.Counts().Revived)
				return
			}
			require.NoError(t, err)
			assert.Len(t, r.Hooks, 1, "a revival is about what is INVALID: the missing hook is for ensure")
			assert.Len(t, h.filled, 1)
			assert.Equal(t, "VALID", h.view(kyc).Value.Validity(), "the read model hears of it")
			assert.Zero(t, h.view(kyc).Value.Counter.Failures)
			assert.EqualValues(t, 1, care.Counts().Revived)
		})
	}
}

func TestOfTwoReadingsOfOneMillisecondTheLaterStands(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, address).Validity = "INVALID"
	care := h.care(h.config(p.client(t)))
	_, err := care.Poll(t.Context())
	require.NoError(t, err)
	require.Equal(t, "INVALID", h.view(kyc).Value.Validity())
	_, err = care.Revive(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "VALID", h.view(kyc).Value.Validity())
}

func TestAHookThatIsNamedIsFilledInAlsoWhereSomebodyElseRevivedIt(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, address)
	p.has(light, address).Status = "DISABLED"
	care := h.care(h.config(p.client(t)))
	r, err := care.Revive(t.Context())
	require.NoError(t, err)
	assert.Empty(t, r.Hooks, "none is INVALID")
	_, err = care.Revive(t.Context(), kyc, light)
	require.NoError(t, err)
	assert.Len(t, h.filled, 2)
	assert.Equal(t, "ENABLED", p.of(light).Status)
	assert.Len(t, p.puts(), 1)

	_, err = care.Revive(t.Context(), closed)
	assert.ErrorIs(t, err, hookcare.ErrUnwanted)
}

func TestAHookOfSomebodyElseIsNotRevived(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, "https://other.example.com").Validity = "INVALID"
	_, err := h.care(h.config(p.client(t))).Revive(t.Context(), kyc)
	var unmet *hookcare.UnmetError
	require.ErrorAs(t, err, &unmet)
	assert.Empty(t, p.puts())
}

func TestARevivalThatBreaksOffSaysThatTheHookMayBeDisabled(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.ignoresValidity = true
	p.has(kyc, address).Validity = "INVALID"
	puts := 0
	p.fails = func(r *http.Request) int {
		if r.Method == http.MethodPut {
			if puts++; puts == 3 {
				return http.StatusServiceUnavailable
			}
		}
		return 0
	}
	r, err := h.care(h.config(p.client(t))).Revive(t.Context())
	require.ErrorIs(t, err, mangopay.ErrUnavailable)
	assert.Contains(t, r.Hooks[0].Problem, "may be DISABLED now, so try again")
	p.ignoresValidity = false
	_, err = h.care(h.config(p.client(t))).Revive(t.Context(), kyc)
	require.NoError(t, err)
	assert.Equal(t, object{Id: "hook_m_0", Url: address, Status: "ENABLED", Validity: "VALID", EventType: string(kyc), CreationDate: 1700000000}, p.of(kyc))
}

func TestAReadingIsDatedByTheStartOfItsRequest(t *testing.T) {
	t.Parallel()
	h, p := newHouse(t), newProvider(t)
	p.has(kyc, address).Validity = "INVALID"
	asked := h.Now()
	p.before = func(r *http.Request) {
		if r.Method == http.MethodGet {
			h.later(1500e6)
		}
	}
	_, err := h.care(h.config(p.client(t))).Poll(t.Context())
	require.NoError(t, err)
	told := h.told(events.HookUpdated)
	require.Len(t, told, 1)
	assert.Equal(t, asked.Unix(), told[0].Date)
	assert.JSONEq(t, `{"at":1795176000000,"hook_id":"hook_m_0","n":1795176000000001,"status":"ENABLED","validity":"INVALID"}`, string(told[0].Data))
}
