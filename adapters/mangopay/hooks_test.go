package mangopay

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const goodHook = `{"Url":"https://x/hooks/secret","Status":"ENABLED","Validity":"VALID","EventType":"USER_KYC_REGULAR","Id":"hook_m_1","Tag":"mine","CreationDate":1655991027,"Email":null}`

var hookOne = Hook{"hook_m_1", "https://x/hooks/secret", "ENABLED", "VALID", "USER_KYC_REGULAR", "mine", 1655991027}

// keyed fixes the idempotency keys.
func keyed(c *Config) { c.NewKey = func() string { return "key-0123456789ab" } }

func TestS4_AHookIsReadChangedAndCreated(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, sample(t, goodHook)))
	c := s.client(t, keyed)
	want := Answer[Hook]{hookOne, now}
	got, err := c.Hook(context.Background(), "hook_m_1")
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = c.UpdateHook(context.Background(), "hook_m_1", HookChange{Validity: "VALID"})
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = c.UpdateHook(context.Background(), "hook_m_1", HookChange{"https://y", "ENABLED", "VALID", "t"})
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = c.CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x/hooks/secret", "mine")
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, []seen{
		{"GET", "/v2.01/acme/hooks/hook_m_1", "", "Bearer token-1", "", ""},
		{"PUT", "/v2.01/acme/hooks/hook_m_1", "", "Bearer token-1", "", `{"Validity":"VALID"}`},
		{"PUT", "/v2.01/acme/hooks/hook_m_1", "", "Bearer token-1", "", `{"Url":"https://y","Status":"ENABLED","Validity":"VALID","Tag":"t"}`},
		{"POST", "/v2.01/acme/hooks", "", "Bearer token-1", "key-0123456789ab", `{"EventType":"USER_KYC_REGULAR","Url":"https://x/hooks/secret","Tag":"mine"}`},
	}, s.Calls())
}

func TestASecondHookForATypeIsRefused(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(400, `{"Type":"param_error","errors":{"EventType":"A hook has already been registered for this EventType"}}`))
	_, err := s.client(t).CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x", "")
	require.ErrorIs(t, err, ErrParam)
	require.Equal(t, []string{"EventType"}, asError(t, err).Fields)
}

func TestAChangeIsRepeatedAndACreationKeepsItsKey(t *testing.T) {
	t.Parallel()
	for _, bad := range []http.HandlerFunc{always(503, ""), cut} {
		s := newStandIn(t, inTurn(bad, always(200, goodHook)))
		_, err := s.client(t).UpdateHook(context.Background(), "hook_m_1", HookChange{Status: "ENABLED"})
		require.NoError(t, err)
		require.Len(t, s.Calls(), 2)

		s = newStandIn(t, inTurn(bad, always(200, goodHook)))
		_, err = s.client(t).CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x/hooks/secret", "")
		require.NoError(t, err)
		require.Len(t, s.Calls(), 2)
		require.Equal(t, s.Calls()[0], s.Calls()[1], "body and key alike")
		require.NotEmpty(t, s.Calls()[0].Key)
	}
}

const conflict = `{"Message":"A resource has already been created with this Idempotency Key","Type":"idempotent_creation_conflict","Id":"x","Date":1452723944,"errors":null}`

func TestACreationWhoseAnswerWasLostIsReadByItsKey(t *testing.T) {
	t.Parallel()
	var s *standIn
	lost := func(w http.ResponseWriter, r *http.Request) { s.clock.Move(8 * time.Second); cut(w, r) }
	s = newStandIn(t, inTurn(lost, always(409, conflict),
		always(200, `{"StatusCode":"200","ContentLength":"200","ContentType":"application/json","Date":"x","RequestURL":"https://x","Resource":`+goodHook+`}`)))
	got, err := s.client(t, keyed).CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x/hooks/secret", "mine")
	require.NoError(t, err)
	require.Equal(t, hookOne, got.Value)
	require.False(t, got.At.After(now), "true since the first attempt: %v", got.At)
	require.Equal(t, "GET /v2.01/acme/responses/key-0123456789ab", s.Calls()[2].Method+" "+s.Calls()[2].Path)
}

func TestAStoredRefusalIsARefusal(t *testing.T) {
	t.Parallel()
	for stored, is := range map[string]error{
		`{"StatusCode":"400","Resource":{"Type":"param_error","errors":{"Url":"x"}}}`: ErrParam,
		`{"StatusCode":500,"Resource":{"Type":"internal"}}`:                           ErrUnavailable,
		`{"StatusCode":"odd","Resource":{}}`:                                          ErrUnreadable,
		`{"StatusCode":"200","Resource":null}`:                                        ErrUnreadable,
		`{"StatusCode":"200","Resource":{}}`:                                          ErrUnreadable,
		`[]`:                                                                          ErrUnreadable,
		`{"StatusCode":"200","Resource":` + strings.Replace(goodHook, "USER_KYC_REGULAR", "USER_KYC_LIGHT", 1) + `}`: ErrUnreadable,
	} {
		s := newStandIn(t, inTurn(always(409, conflict), always(200, stored)))
		_, err := s.client(t).CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x", "")
		require.ErrorIs(t, err, is, stored)
	}
	s := newStandIn(t, inTurn(always(409, conflict), always(404, refusalOf("ressource_not_found"))))
	_, err := s.client(t).CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x", "")
	require.ErrorIs(t, err, ErrConflict)
	require.NotErrorIs(t, err, ErrNotFound)
}

func TestAKeyThatTheProviderWouldRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, always(200, goodHook))
	for _, key := range []string{"", "short", strings.Repeat("a", 15), strings.Repeat("a", 37), "0123456789abcde_", "0123456789abcdé0"} {
		_, err := s.client(t, func(c *Config) { c.NewKey = func() string { return key } }).CreateHook(context.Background(), "USER_KYC_REGULAR", "https://x", "")
		require.ErrorIs(t, err, ErrParam)
	}
	require.Empty(t, s.Calls())
}
