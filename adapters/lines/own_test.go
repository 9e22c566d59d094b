package lines_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// one reads the one event of a line.
func one(t *testing.T, line string) events.Event {
	t.Helper()
	r, bad := read(t, line)
	require.Empty(t, bad, line)
	require.Len(t, r.Events(), 1, line)
	return r.Events()[0]
}

// data reads an event's data.
func data[T any](t *testing.T, e events.Event) (out T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(e.Data, &out))
	return out
}

func TestContract_AnObservationHoldsWhatTheAPISaid(t *testing.T) {
	t.Parallel()
	e := one(t, `{"type":"hookfold.observed","kind":"idv_session","id":"s/1","date":1743627006.0,`+
		`"values":{"session":"VALIDATED","sca":true,"blocks":false,"tomorrow":"<&>"},`+
		`"person_type":"LEGAL","legal_person_type":"BUSINESS","user_id":"u","created":1743620000,"else":{"type":[1]}}`)
	assert.Equal(t, events.Observed, e.Type)
	assert.Equal(t, int64(1743627006), e.Date)
	assert.Equal(t, events.Ref{Source: "mangopay", Kind: "idv_session", ID: "s/1"}, e.Ref)
	assert.Equal(t, events.Reading{
		Values: map[string]string{"session": "VALIDATED", "sca": "true", "blocks": "false", "tomorrow": "<&>"},
		Attributes: map[string]string{
			"person_type": "LEGAL", "legal_person_type": "BUSINESS", "user_id": "u", "created": "1743620000",
		},
	}, data[events.Reading](t, e), "law 7: a machine that nobody knows is kept")
}

func TestRule13_AResourceThatTheAPIDoesNotKnowIsAnObservationToo(t *testing.T) {
	t.Parallel()
	e := one(t, `{"type":"hookfold.observed","kind":"user","id":"u","date":1,"found":false}`)
	assert.Equal(t, events.Reading{Missing: true}, data[events.Reading](t, e))
	e = one(t, `{"type":"hookfold.observed","kind":"user","id":"u","date":1,"found":true,"values":null,"created":null}`)
	assert.Equal(t, events.Reading{}, data[events.Reading](t, e))
}

func TestContract_FactsAboutAHookAreKeyedByItsEventType(t *testing.T) {
	t.Parallel()
	for _, kind := range []events.Type{events.DeliveryFailed, events.DeliverySucceeded} {
		e := one(t, fmt.Sprintf(`{"type":%q,"hook":"USER_KYC_REGULAR","date":1743627006,"count":12,"replica":"b"}`, kind))
		assert.Equal(t, kind, e.Type)
		assert.Equal(t, events.Ref{Source: "mangopay", Kind: "hook", ID: "USER_KYC_REGULAR"}, e.Ref)
		assert.Equal(t, events.Attempt{At: 1743627006000, Count: 12, Replica: "b"}, data[events.Attempt](t, e))
	}
	e := one(t, `{"type":"hookfold.hook.updated","hook":"USER_KYC_REGULAR","date":"1743627006","hook_id":"h","url":"https://x?a=b","status":"ENABLED","validity":"VALID"}`)
	assert.Equal(t, events.HookReading{
		At: 1743627006000, HookID: "h", URL: "https://x?a=b", Status: "ENABLED", Validity: "VALID",
	}, data[events.HookReading](t, e))
}

func TestRule1_EqualLinesAboutAHookAreDifferentEvents(t *testing.T) {
	t.Parallel()
	const failed = `{"type":"hookfold.hook.delivery.failed","hook":"A","date":1}`
	const updated = `{"type":"hookfold.hook.updated","hook":"A","date":1,"status":"ENABLED"}`
	r, bad := read(t, strings.Join([]string{failed, updated, failed, failed, updated, strings.Replace(failed, "1", "2", 1)}, "\n"))
	assert.Empty(t, bad)
	assert.Len(t, r.Events(), 6)
	assert.Zero(t, r.Summary().Duplicates)
	assert.Zero(t, r.Summary().Notifications)
	var numbers []uint64
	for _, e := range r.Events() {
		if e.Type == events.DeliveryFailed {
			numbers = append(numbers, data[events.Attempt](t, e).N)
		}
	}
	assert.Equal(t, []uint64{0, 1, 2, 0}, numbers, "n is how many equal lines came before")
}

func TestAnObjectWithAnEventTypeIsANotification(t *testing.T) {
	t.Parallel()
	e := one(t, `{"type":"hookfold.observed","EventType":"USER_KYC_LIGHT","RessourceId":"u","Date":1,"id":"v","kind":"user","date":9}`)
	assert.Equal(t, events.Type("USER_KYC_LIGHT"), e.Type)
	assert.Equal(t, events.Claim, e.Basis())
	_, bad := read(t, `{"type":"hookfold.observed","EventType":null,"kind":"user","id":"u","date":1}`)
	require.Len(t, bad, 1, "an empty one is no notification, and no local event")
	assert.ErrorIs(t, bad[0], mangopay.ErrNoEventType)
}

func TestNamesOfMembersAreCaseSensitive(t *testing.T) {
	t.Parallel()
	e := one(t, `{"type":"hookfold.observed","Date":7,"date":1,"ID":"x","id":"u","kind":"user","VALUES":3,"DATE":"no"}`)
	assert.Equal(t, "u", e.Ref.ID)
	assert.Equal(t, int64(1), e.Date)
	_, bad := read(t, `{"Type":"hookfold.observed","kind":"user","id":"u","date":1}`)
	require.Len(t, bad, 1)
}

func TestALocalEventThatCannotBeReadSaysWhichMember(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", mangopay.MaxLength+1)
	observed, failed := `"type":"hookfold.observed"`, `"type":"hookfold.hook.delivery.failed"`
	for line, member := range map[string]string{
		observed + `,"kind":"user","id":"u"`:                                     "date",
		observed + `,"kind":"user","id":"u","date":0`:                            "date",
		observed + `,"kind":"user","id":"u","date":-1743627006`:                  "date",
		observed + `,"kind":"user","id":"u","date":1.5`:                          "date",
		observed + `,"kind":"user","id":"u","date":1.` + "0000000000000001":      "date",
		observed + `,"kind":"user","id":"u","date":1e9`:                          "date",
		observed + `,"kind":"user","id":"u","date":253402300800`:                 "date",
		observed + `,"kind":"user","id":"u","date":99999999999999999999`:         "date",
		observed + `,"kind":"user","id":"u","date":"2025-04-02"`:                 "date",
		observed + `,"kind":"user","id":"u","date":[1]`:                          "date",
		observed + `,"kind":"user","id":"u","date":true`:                         "date",
		observed + `,"kind":"user","id":"u","date":1,"date":2`:                   "date",
		observed + `,"kind":"user","date":1`:                                     "id",
		observed + `,"kind":"user","id":"","date":1`:                             "id",
		observed + `,"kind":"user","id":7,"date":1`:                              "id",
		observed + `,"kind":"user","id":null,"date":1`:                           "id",
		observed + `,"kind":"user","id":"\ud800","date":1`:                       "id",
		observed + `,"kind":"user","id":"\ufffd\ud800","date":1`:                 "id",
		observed + `,"kind":"user","id":"` + long + `","date":1`:                 "id",
		observed + `,"kind":"user","id":"u","id":"u","date":1`:                   "id",
		observed + `,"id":"u","date":1`:                                          "kind",
		observed + `,"kind":["user"],"id":"u","date":1`:                          "kind",
		observed + `,"kind":"user","id":"u","date":1,"values":[]`:                "values",
		observed + `,"kind":"user","id":"u","date":1,"values":{"kyc":1}`:         "values",
		observed + `,"kind":"user","id":"u","date":1,"values":{"kyc":null}`:      "values",
		observed + `,"kind":"user","id":"u","date":1,"values":{"a":"x","a":"y"}`: "values",
		observed + `,"kind":"user","id":"u","date":1,"person_type":1`:            "person_type",
		observed + `,"kind":"user","id":"u","date":1,"user_id":{}`:               "user_id",
		observed + `,"kind":"user","id":"u","date":1,"created":-1`:               "created",
		observed + `,"kind":"user","id":"u","date":1,"found":"no"`:               "found",
		failed + `,"date":1`:                                                 "hook",
		failed + `,"hook":"` + long + `","date":1`:                           "hook",
		failed + `,"hook":"A"`:                                               "date",
		failed + `,"hook":"A","date":1,"count":0`:                            "count",
		failed + `,"hook":"A","date":1,"count":1.5`:                          "count",
		failed + `,"hook":"A","date":1,"count":"2"`:                          "count",
		failed + `,"hook":"A","date":1,"replica":2`:                          "replica",
		`"type":"hookfold.hook.updated","hook":"A","date":1,"status":true`:   "status",
		`"type":"hookfold.hook.updated","hook":"A","date":1,"validity":1`:    "validity",
		`"type":"hookfold.hook.updated","hook":"A","date":1,"hook_id":["h"]`: "hook_id",
		`"type":"hookfold.hook.updated","hook":"A","date":1,"url":0`:         "url",
	} {
		text := "{" + line + "}"
		require.True(t, json.Valid([]byte(text)), text)
		r, bad := read(t, text)
		require.Len(t, bad, 1, text)
		assert.ErrorIs(t, bad[0], lines.ErrMember, text)
		assert.Contains(t, bad[0].Error(), fmt.Sprintf("line 1: %q: missing or of the wrong kind: give ", member), text)
		assert.Empty(t, r.Events())
	}
}

func TestAnythingElseThatCallsItselfALocalEventIsRefused(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{`"hookfold.tick"`, `"hookfold.unreadable"`, `"hookfold.hook.alert"`, `"hookfold.nonsense"`, `"user.created"`, `""`, `5`, `{}`} {
		_, bad := read(t, `{"type":`+kind+`,"kind":"user","id":"u","hook":"A","date":1}`)
		require.Len(t, bad, 1, kind)
		assert.ErrorIs(t, bad[0], lines.ErrLocal, kind)
	}
	for _, text := range []string{
		`{"type":null,"date":1}`, `{"type":"hookfold.observed","kind":"user","id":"u","date":1} {}`, `{"type":"hookfold.observed"`,
		"{\"type\":\"hookfold.observed\",\"kind\":\"user\",\"id\":\"\xff\",\"date\":1}",
	} {
		r, bad := read(t, text)
		require.Len(t, bad, 1, text)
		assert.Empty(t, r.Events(), text)
	}
}

func TestAReplacementCharacterThatWasWrittenIsText(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"\uFFFD", `\ufffd`, `\uFFFD`, `\\ud800` + "\uFFFD", `\\ufffd\ufffd`} {
		e := one(t, `{"type":"hookfold.observed","kind":"user","id":"`+id+`","date":1}`)
		assert.Contains(t, e.Ref.ID, "\uFFFD")
	}
}
