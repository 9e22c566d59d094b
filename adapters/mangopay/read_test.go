package mangopay

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ask answers one call with a body.
func ask[T any](t *testing.T, body string, call func(*Client, context.Context, string) (Answer[T], error), id string) (Answer[T], error) {
	t.Helper()
	return call(newStandIn(t, always(200, body)).client(t), context.Background(), id)
}

var now = time.Date(2025, 4, 2, 20, 50, 6, 0, time.UTC)

func TestUserReadsWhatTheDocumentsShow(t *testing.T) {
	t.Parallel()
	got, err := ask(t, sample(t, goodUser), (*Client).User, "user_m_1")
	require.NoError(t, err)
	require.Equal(t, Answer[User]{User{
		ID: "user_m_1", Created: 1743620000, PersonType: "NATURAL", Status: "PENDING_USER_ACTION", Category: "OWNER", KYCLevel: "LIGHT",
	}, now}, got)
	got, err = ask(t, sample(t, `{"Id":"4659626451","PersonType":"LEGAL","LegalPersonType":"SOLETRADER","Name":"x","UserStatus":"ACTIVE",
		"LegalRepresentative":{"FirstName":"x","Birthday":-1},"UserCategory":"PAYER","KYCLevel":"REGULAR","CreationDate":-5,"PendingUserAction":null}`), (*Client).User, "4659626451")
	require.NoError(t, err)
	require.Equal(t, User{ID: "4659626451", Created: -5, PersonType: "LEGAL", LegalPersonType: "SOLETRADER", Status: "ACTIVE", Category: "PAYER", KYCLevel: "REGULAR"}, got.Value)
}

func TestScaStatusReadsWhatTheDocumentsShow(t *testing.T) {
	t.Parallel()
	got, err := ask(t, sample(t, `{"UserStatus":"ACTIVE","IsEnrolled":true,"LastEnrollmentDate":"1768478400","LastConsentCollectionDate":null,
		"ConsentScope":{"ContactInformationUpdate":"ACTIVE","Transfer":null}}`), (*Client).ScaStatus, "user_m_1")
	require.NoError(t, err)
	require.Equal(t, Answer[ScaStatus]{ScaStatus{"ACTIVE", true, 1768478400}, now}, got)
	got, err = ask(t, `{"UserStatus":"PENDING_USER_ACTION","IsEnrolled":false,"LastEnrollmentDate":null}`, (*Client).ScaStatus, "user_m_1")
	require.NoError(t, err)
	require.Equal(t, ScaStatus{"PENDING_USER_ACTION", false, 0}, got.Value)
}

func TestRegulatoryReadsWhatTheDocumentsShow(t *testing.T) {
	t.Parallel()
	got, err := ask(t, sample(t, `{"ActionCode":"008701 ","ScopeBlocked":{"Inflows":true,"Outflows":false},"Id":"user_m_1",
		"KycInformation":{"LastKycDate":1735689600,"KycRenewalDeadline":1798761600.0}}`), (*Client).Regulatory, "user_m_1")
	require.NoError(t, err)
	require.Equal(t, Answer[Regulatory]{Regulatory{"008701", true, false, 1798761600}, now}, got)
	got, err = ask(t, `{"ActionCode":null,"ScopeBlocked":{"Inflows":false,"Outflows":false},"KycInformation":"none"}`, (*Client).Regulatory, "user_m_1")
	require.NoError(t, err)
	require.Equal(t, Regulatory{}, got.Value)
}

func TestS3_SessionReadsStatusAndChecks(t *testing.T) {
	t.Parallel()
	got, err := ask(t, sample(t, `{"Id":"idnver_1","Tag":null,"HostedUrl":"https://x/?redirectURL=y","ReturnUrl":"https://y","Status":"VALIDATED","UserId":"user_m_1",
		"CreationDate":1736340768,"LastUpdate":1736340999,"Checks":[
		{"CheckId":"idnchc_1","Type":"IDENTITY_DOCUMENT_VERIFICATION","CheckStatus":"REFUSED","Reasons":[{"Type":"FACE_MATCH_FAIL","Value":"looks like `+canaryName+`"}],
		 "CreationDate":1,"LastUpdate":2,"Data":[{"Type":"FIRST_NAME","Value":"`+canaryName+`"},{"Type":"BIRTHDATE","Value":"-652117514"},{"Type":"X","Value":null}]},
		{"CheckId":"idnchc_2","Type":"SOMETHING_NEW","CheckStatus":"VALIDATED","Reasons":null}],
		"PSCs":[{"FirstName":"`+canaryName+`"}]}`), (*Client).Session, "idnver_1")
	require.NoError(t, err)
	require.Equal(t, Answer[Session]{Session{ID: "idnver_1", UserID: "user_m_1", Status: "VALIDATED", Created: 1736340768, Updated: 1736340999, Checks: []Check{
		{"idnchc_1", "IDENTITY_DOCUMENT_VERIFICATION", "REFUSED", []string{"FACE_MATCH_FAIL"}}, {"idnchc_2", "SOMETHING_NEW", "VALIDATED", nil},
	}}, now}, got)
	for _, text := range prints(got) {
		clean(t, "Session", text)
	}
}

func TestKYCDocumentReadsWhatTheDocumentsShow(t *testing.T) {
	t.Parallel()
	got, err := ask(t, sample(t, `{"Type":"IDENTITY_PROOF","UserId":"151479566","Flags":[],"Id":"158785224","Tag":"x","CreationDate":1671864905,
		"ProcessedDate":null,"Status":"REFUSED","RefusedReasonType":"DOCUMENT_UNREADABLE","RefusedReasonMessage":"`+canaryName+`"}`), (*Client).KYCDocument, "158785224")
	require.NoError(t, err)
	require.Equal(t, Answer[KYCDocument]{KYCDocument{"158785224", "151479566", "IDENTITY_PROOF", "REFUSED", "DOCUMENT_UNREADABLE"}, now}, got)
}

func TestTrap23_JSONOfAllGenerationsIsRead(t *testing.T) {
	t.Parallel()
	want := Session{ID: "144", UserID: "151", Status: "REVIEW", Created: 1746458497}
	for name, body := range map[string]string{
		"floats":          `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497.0,"LastUpdate":0.0}`,
		"fractions":       `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497.9}`,
		"exponents":       `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1.746458497e9}`,
		"numbers as text": `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":"1746458497"}`,
		"dates as text":   `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":"2025-05-05T15:21:37Z"}`,
		"ids as numbers":  `{"Id":144,"UserId":151,"Status":"REVIEW","CreationDate":1746458497}`,
		"trailing blanks": `{"Id":"144 ","UserId":"151","Status":"REVIEW ","CreationDate":1746458497}`,
		"null":            `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497,"LastUpdate":null,"Checks":null}`,
		"odd shapes":      `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497,"LastUpdate":{"x":1},"Checks":{"x":[]}}`,
		"odd elements":    `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497,"Checks":[1,"x",null,[]]}`,
		"key case":        `{"id":"144","userId":"151","STATUS":"REVIEW","creationDate":1746458497}`,
		"unknown members": `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497,"New":{"a":[1,{}]}}`,
		"a byte mark":     "\xef\xbb\xbf" + `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497}` + "\r\n",
		"absurd times":    `{"Id":"144","UserId":"151","Status":"REVIEW","CreationDate":1746458497,"LastUpdate":1e300}`,
	} {
		got, err := ask(t, body, (*Client).Session, "144")
		require.NoError(t, err, name)
		require.Equal(t, want, got.Value, name)
	}
}

func TestLaw7_AnUnknownStatusIsKeptVerbatim(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"EXPIRED", "OUTDATED", "TIMEOUT", "SOMETHING_NEW", "ünbekannt"} {
		got, err := ask(t, `{"Id":"a","Status":"`+status+`"}`, (*Client).Session, "a")
		require.NoError(t, err)
		require.Equal(t, status, got.Value.Status)
	}
}

func TestAnAnswerThatIsNotTheObjectIsNotTakenForIt(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty": ``, "null": `null`, "a page": `<html>login</html>`, "an array": `[]`, "text": `"a"`, "cut": `{"Id":"a","Status":"VALI`, "more": `{"Id":"a","Status":"X"}{}`,
		"no id": `{"Status":"VALIDATED"}`, "another id": `{"Id":"b","Status":"VALIDATED"}`, "another case": `{"Id":"A","Status":"VALIDATED"}`,
		"no status": `{"Id":"a"}`, "null status": `{"Id":"a","Status":null}`,
	} {
		_, err := ask(t, body, (*Client).Session, "a")
		require.ErrorIs(t, err, ErrUnreadable, name)
		require.Equal(t, 200, asError(t, err).HTTPStatus)
	}
	for name, body := range map[string]string{"nothing said": `{}`, "null": `{"IsEnrolled":null}`, "odd": `{"IsEnrolled":{}}`} {
		_, err := ask(t, body, (*Client).ScaStatus, "a")
		require.ErrorIs(t, err, ErrUnreadable, "%s: that is not: not enrolled", name)
	}
	for name, body := range map[string]string{"nothing said": `{}`, "null": `{"ScopeBlocked":null}`, "one": `{"ScopeBlocked":{"Inflows":false}}`, "odd": `{"ScopeBlocked":"x"}`} {
		_, err := ask(t, body, (*Client).Regulatory, "a")
		require.ErrorIs(t, err, ErrUnreadable, "%s: that is not: not blocked", name)
	}
}

func TestAnEndlessAnswerIsCut(t *testing.T) {
	t.Parallel()
	s := newStandIn(t, func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 1<<16)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := s.client(t).User(context.Background(), "a")
	require.ErrorIs(t, err, ErrUnreadable)
	require.Len(t, s.Calls(), 1, "not repeated")
}
