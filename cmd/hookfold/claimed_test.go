//go:build unix

package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// TestLaw8_WithoutCredentialsAllIsClaimedAndNothingConfirmed lets the provider notify a server that cannot ask it: the
// documents are those of hookfold fold, nothing in them is confirmed, and what needs the provider says what to do.
func TestLaw8_WithoutCredentialsAllIsClaimedAndNothingConfirmed(t *testing.T) {
	t.Parallel()
	s, p := sandboxWith(t), serveIn(t, t.TempDir())
	for _, of := range []string{"USER_KYC_REGULAR", "USER_INFLOWS_BLOCKED", "USER_CATEGORY_UPDATED_TO_PAYER", "USER_KYC_LIGHT"} {
		s.hook(t, of, p.ingress)
	}
	s.play(t, http.MethodPut, "/_sandbox/users/user_m_1", `{"FirstName":"Jeanne","LastName":"Moreau","Email":"j@example.com"}`)
	for _, act := range []string{`{"kyc":"REGULAR"}`, `{"blocks":{"inflows":true}}`, `{"category":"PAYER"}`} {
		s.play(t, http.MethodPost, "/_sandbox/users/user_m_1", act)
		s.play(t, http.MethodPost, "/_sandbox/clock", `{"advance":"1s"}`)
	}
	var lines strings.Builder
	for _, e := range s.events(t) {
		line, err := json.Marshal(map[string]any{"EventType": e.EventType, "RessourceId": e.ResourceID, "Date": e.Date})
		require.NoError(t, err)
		lines.Write(append(line, '\n'))
	}
	folded := call(t, strings.NewReader(lines.String()), "fold")
	require.Equal(t, exitDone, folded.code, folded.err)
	_, body := p.read(t, "/v1/users/user_m_1")
	assert.Contains(t, folded.out, string(body))
	assert.Contains(t, string(body), `"user_category":"PAYER","kyc_level":"LIGHT"`)
	assert.Contains(t, string(body), `"confirmed":{"status":false,"category":false,"kyc":false,"sca":false,"blocks":false}`)

	_, health := p.read(t, "/healthz")
	assert.NotContains(t, string(health), `"provider"`)
	for _, args := range [][]string{{"backfill"}, {"hooks", "status"}, {"hooks", "ensure"}, {"hooks", "revive", string(catalogue.UserKYCRegular)}} {
		r := command(t, append(args, "--admin", p.admin)...)
		assert.NotEqual(t, exitDone, r.code, "%v", args)
		assert.Contains(t, r.err, "--api-url, --client-id and --api-key", "%v", args)
	}
	p.stop(t)
}

// hook makes a hook as any client of the provider can.
func (s *sandboxProcess) hook(t testing.TB, of, to string) {
	t.Helper()
	var token struct {
		Access string `json:"access_token"`
	}
	basic := "Basic c2hvcDprZXk=" // shop:key
	require.NoError(t, json.Unmarshal(s.play(t, http.MethodPost, "/v2.01/oauth/token", "", "Authorization", basic), &token))
	s.play(t, http.MethodPost, "/v2.01/shop/hooks", `{"EventType":"`+of+`","Url":"`+to+`"}`, "Authorization", "Bearer "+token.Access)
}
