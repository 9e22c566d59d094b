package confirm_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay"
	"github.com/hookfold/hookfold/adapters/mangopay/confirm"
	provider_events "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// The client itself, over HTTP: what it says of a user, of one who never began to enrol, and of nobody.
func TestWithTheClientItselfNoPersonalDataComesToTheLog(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	say := func(pattern string, status int, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	say("POST /v2.01/oauth/token", 200, `{"access_token":"t","token_type":"bearer","expires_in":1200}`)
	say("GET /v2.01/acme/sca/users/user_m_1", 200, `{"Id":"user_m_1","FirstName":"Canary","LastName":"Canary","Birthday":-1,"PersonType":"NATURAL",
		"UserStatus":"ACTIVE","UserCategory":"OWNER","KYCLevel":"REGULAR","CreationDate":1743620000}`)
	say("GET /v2.01/acme/identity-verifications/idnver_1", 200, `{"Id":"idnver_1","Status":"VALIDATED","UserId":"user_m_1","HostedUrl":"https://Canary",
		"CreationDate":1743620000,"Checks":[{"CheckId":"c","Type":"IDV_NAME_MATCH_CHECK","CheckStatus":"VALIDATED","Data":[{"Type":"FIRST_NAME","Value":"Canary"}],"Reasons":[]}]}`)
	say("/", 404, `{"Message":"Canary","Type":"ressource_not_found","Id":"e1","Date":1743620000.0,"errors":null}`)
	server := httptest.NewServer(mux)
	defer server.Close()
	client, err := mangopay.New(mangopay.Config{BaseURL: server.URL, ClientID: "acme", APIKey: "secret"})
	require.NoError(t, err)
	defer client.Close()

	log := projections.NewMemoryLog("http", time.Now, 0)
	w := &world{t: t, log: log}
	told := make(chan confirm.Result, 8)
	c, err := confirm.New(confirm.Config{
		API: client, Log: log, Marks: &confirm.StoreMarks{Store: projections.NewMemoryStore()}, Windows: client.Windows,
		Parallel: 1, Observe: func(r confirm.Result) { told <- r },
	})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- c.Run(ctx) }()
	then := time.Now().Add(-time.Hour).Unix()
	for _, n := range []provider_events.Notification{
		{Type: "USER_KYC_REGULAR", ResourceID: "user_m_1", Date: then},
		{Type: "IDENTITY_VERIFICATION_VALIDATED", ResourceID: "idnver_1", Date: then},
		{Type: "SCA_ENROLLMENT_SUCCEEDED", ResourceID: "nobody", Date: then},
	} {
		_, err := log.Append(ctx, n.Event(""))
		require.NoError(t, err)
		require.NoError(t, (<-told).Err)
	}
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	assert.Equal(t, []string{
		`user/user_m_1 {"attributes":{"person_type":"NATURAL"},"values":{"category":"OWNER","kyc":"REGULAR","status":"ACTIVE"}}`,
		`idv_session/idnver_1 {"attributes":{"checks":"IDV_NAME_MATCH_CHECK=VALIDATED","created":"1743620000","person_type":"NATURAL","user_id":"user_m_1"},"values":{"session":"VALIDATED"}}`,
		`user/nobody {"missing":true}`,
	}, w.observed())
}
