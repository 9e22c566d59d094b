package mangopay

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzAnswers reads whatever bytes as every answer. They are understood, or the error is one of ours without their text.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		goodUser, goodHook, refusalOf("param_error"), rows(0, 2), conflict, `{"StatusCode":"200","Resource":` + goodHook + `}`,
		`{"Id":"user_m_1","Status":"X","Checks":[{"Reasons":[{"Type":1}]}],"ScopeBlocked":{"Inflows":true,"Outflows":"false"},"IsEnrolled":null}`,
		`[{"ResourceId":1,"Date":1e999}]`, `{"access_token":"x","expires_in":-1}`, "\xef\xbb\xbf{}", `{"Id":"\ud800"}`,
	} {
		f.Add(seed, 200)
		f.Add(seed, 400)
	}
	f.Fuzz(func(t *testing.T, body string, status int) {
		r := request{endpoint: userView}
		got := reply{status: 200, header: http.Header{}, body: []byte(body), at: now}
		check := func(id string, err error) {
			if err == nil {
				require.Equal(t, "user_m_1", id)
				return
			}
			require.ErrorIs(t, err, ErrUnreadable)
		}
		u, err := understand(r, got, "user_m_1", wireUser.read)
		check(u.Value.ID, err)
		s, err := understand(r, got, "user_m_1", wireSession.read)
		check(s.Value.ID, err)
		k, err := understand(r, got, "user_m_1", wireKYCDocument.read)
		check(k.Value.ID, err)
		h, err := understand(r, got, "user_m_1", wireHook.read)
		check(h.Value.ID, err)
		_, err = understand(r, got, "user_m_1", wireScaStatus.read)
		check("user_m_1", err)
		_, err = understand(r, got, "user_m_1", wireRegulatory.read)
		check("user_m_1", err)
		_, _ = rowsOf[wireEvent]([]byte(body))
		_ = plainToken([]byte(body))
		e := refuse(userView, status, http.Header{"Retry-After": {body}, "Date": {body}, "Www-Authenticate": {body}}, []byte(body), now)
		require.NotEmpty(t, kindOf(e))
		require.NotEqual(t, "given_up", kindOf(e))
		require.GreaterOrEqual(t, e.Retry.Nanoseconds(), int64(0))
		_, _ = parseWindows(http.Header{"X-Ratelimit": {body}, "X-Ratelimit-Remaining": {body}, "X-Ratelimit-Reset": {body}})
	})
}
