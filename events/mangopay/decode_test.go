package mangopay_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// carried is what all good messages of these tests say.
var carried = mangopay.Notification{Type: mangopay.UserKYCRegular, ResourceID: "user_m_1", Date: 1743627006}.Event("")

type headers = map[string][]string

func TestADecoderReadsANotificationWhateverCarriesIt(t *testing.T) {
	t.Parallel()
	stored, data, err := events.Encode(carried)
	require.NoError(t, err)
	ce := headers{"ce-type": {"USER_KYC_REGULAR"}, "ce-subject": {"user_m_1"}, "ce-time": {"2025-04-02T20:50:06Z"}}
	for name, c := range map[string]struct {
		decode func(string, map[string][]string, []byte) (events.Event, error)
		header headers
		data   string
	}{
		"JSON":          {mangopay.DecodeJSON, nil, `{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}`},
		"JSON, in list": {mangopay.DecodeJSON, nil, ` {"Id":"e","Date":"1743627006","ResourceId":"user_m_1","EventType":"USER_KYC_REGULAR"} `},
		"query":         {mangopay.DecodeQuery, nil, "EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006\n"},
		"URL":           {mangopay.DecodeQuery, nil, "https://example.com/hooks/a=b?x=1&EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006#f"},
		"path":          {mangopay.DecodeQuery, nil, "/hooks?EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006"},

		"structured": {mangopay.DecodeCloudEvent, headers{"Content-Type": {"application/cloudevents+json; charset=utf-8"}},
			`{"specversion":"1.0","id":"a","source":"/acme","type":"USER_KYC_REGULAR","subject":"user_m_1","time":"2025-04-02T22:50:06.9+02:00"}`},
		"structured, without a header": {mangopay.DecodeCloudEvent, nil,
			`{"type":"USER_KYC_REGULAR","subject":"user_m_1","time":"2025-04-02T20:50:06Z","data":null}`},
		"structured, data names the resource": {mangopay.DecodeCloudEvent, nil,
			`{"type":"USER_KYC_REGULAR","subject":"wallets/7","time":"2025-04-02T20:50:06Z","data":{"RessourceId":"user_m_1"}}`},
		"structured, data knows the date": {mangopay.DecodeCloudEvent, nil,
			`{"type":"USER_KYC_REGULAR","subject":"user_m_1","time":"2030-01-01T00:00:00Z","data":{"Date":1743627006.0}}`},
		"structured, data is the notification": {mangopay.DecodeCloudEvent, nil,
			`{"type":"com.acme.hook","subject":"x","time":"2030-01-01T00:00:00Z","data":{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}}`},
		"structured, data is text": {mangopay.DecodeCloudEvent, nil,
			`{"type":"USER_KYC_REGULAR","subject":"user_m_1","time":"2025-04-02T20:50:06Z","data":"hello"}`},

		"binary": {mangopay.DecodeCloudEvent, ce, ""},
		"binary, other data": {mangopay.DecodeCloudEvent, headers{"Ce-Type": ce["ce-type"], "CE-SUBJECT": ce["ce-subject"],
			"ce-time": ce["ce-time"], "content-type": {"application/json"}, "ce-id": {"1"}}, `{"Tag":"x"}`},
		"binary, escaped":                  {mangopay.DecodeCloudEvent, headers{"ce-type": {"USER%5FKYC_REGULAR"}, "ce-subject": {"user_m%5f1"}, "ce-time": ce["ce-time"]}, ""},
		"binary, data is the notification": {mangopay.DecodeCloudEvent, headers{"ce-type": {"hook"}}, `{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}`},
		"binary, of another log":           {mangopay.DecodeCloudEvent, stored, string(data)},
	} {
		got, err := c.decode("acme.payments.hooks", c.header, []byte(c.data))
		require.NoError(t, err, name)
		assert.Equal(t, carried, got, name)
	}
}

func TestADecoderTellsAPingFromWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	ping := `{"EventType":"USER_KYC_REGULAR","RessourceId":"","Date":1743627006}`
	observed, data, err := events.Encode(events.Event{Type: events.Observed, Ref: carried.Ref, Date: 1})
	require.NoError(t, err)
	type decoder = func(string, map[string][]string, []byte) (events.Event, error)
	for _, c := range []struct {
		decode decoder
		header headers
		data   string
		want   error
	}{
		{mangopay.DecodeJSON, nil, ping, nil},
		{mangopay.DecodeQuery, nil, "EventType=X&RessourceId=&Date=1", nil},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","data":` + ping + `}`, nil},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","time":"2025-04-02T20:50:06Z","data":{"RessourceId":""}}`, mangopay.ErrPing},
		{mangopay.DecodeCloudEvent, headers{"ce-type": {"X"}, "ce-subject": {""}, "ce-time": {"2025-04-02T20:50:06Z"}}, "", nil},

		{mangopay.DecodeJSON, nil, "EventType=X", mangopay.ErrJSON},
		{mangopay.DecodeJSON, nil, `{"EventType":"hookfold.observed","RessourceId":"1","Date":1}`, mangopay.ErrReserved},
		{mangopay.DecodeQuery, nil, "", mangopay.ErrNoEventType},
		{mangopay.DecodeQuery, nil, `{"EventType":"X"}`, mangopay.ErrNoEventType},
		{mangopay.DecodeQuery, nil, "EventType=X&RessourceId=1&Date=x", mangopay.ErrDate},
		{mangopay.DecodeCloudEvent, nil, "", mangopay.ErrJSON},
		{mangopay.DecodeCloudEvent, nil, `[]`, mangopay.ErrJSON},
		{mangopay.DecodeCloudEvent, nil, `{"type":7}`, mangopay.ErrJSON},
		{mangopay.DecodeCloudEvent, nil, `{"subject":"1"}`, mangopay.ErrNoEventType},
		{mangopay.DecodeCloudEvent, nil, `{"type":"hookfold.observed","subject":"1","time":"2025-04-02T20:50:06Z"}`, mangopay.ErrReserved},
		{mangopay.DecodeCloudEvent, observed, string(data), mangopay.ErrReserved},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","type":"Y","subject":"1","time":"2025-04-02T20:50:06Z"}`, mangopay.ErrRepeated},
		{mangopay.DecodeCloudEvent, headers{"ce-type": {"X", "Y"}, "ce-subject": {"1"}}, "", mangopay.ErrRepeated},
		{mangopay.DecodeCloudEvent, headers{"ce-type": {"X"}, "ce-subject": {"%zz"}}, "", mangopay.ErrEncoding},
		{mangopay.DecodeCloudEvent, headers{"ce-type": {"X"}, "ce-subject": {"%ff"}}, "", mangopay.ErrEncoding},
		{mangopay.DecodeCloudEvent, headers{"ce-type": {"X"}, "ce-subject": {"1"}}, "{", mangopay.ErrJSON},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","subject":"1"}`, mangopay.ErrMissing},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","time":"2025-04-02T20:50:06Z"}`, mangopay.ErrMissing},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","subject":"1","time":"yesterday"}`, mangopay.ErrDate},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","subject":"1","data":{"Date":"x"}}`, mangopay.ErrDate},
		{mangopay.DecodeCloudEvent, nil, `{"type":"X","subject":"1","time":"1969-01-01T00:00:00Z"}`, mangopay.ErrDate},
	} {
		got, err := c.decode("s", c.header, []byte(c.data))
		assert.Equal(t, events.Event{}, got, c.data)
		if c.want == nil || errors.Is(c.want, mangopay.ErrPing) {
			assert.NoError(t, err, "%s %v", c.data, c.header)
			continue
		}
		assert.ErrorIs(t, err, c.want, "%s %v", c.data, c.header)
	}
}

// A CloudEvent's own id is no identity: a publisher may give each copy of a notification another one.
func TestLaw4_ARepetitionInAnotherCloudEventIsTheSameEvent(t *testing.T) {
	t.Parallel()
	ids := map[events.ID]bool{}
	for _, id := range []string{"1", "2"} {
		e, err := mangopay.DecodeCloudEvent("", headers{"ce-id": {id}, "ce-source": {id}, "ce-type": {"X"}, "ce-subject": {"1"},
			"ce-time": {time.Unix(1743627006, int64(len(id))).Format(time.RFC3339Nano)}}, nil)
		require.NoError(t, err)
		ids[e.ID()] = true
	}
	assert.Len(t, ids, 1)
}

func FuzzDecodeCloudEvent(f *testing.F) {
	f.Add("", "", "", `{"type":"X","subject":"1","time":"2025-04-02T20:50:06Z","data":{"Date":1}}`)
	f.Add("X", "1", "2025-04-02T20:50:06Z", `{"v":1,"source":"s","type":"X","kind":"k","id":"1","date":1}`)
	f.Fuzz(func(t *testing.T, typ, subject, at, data string) {
		header := headers{}
		if typ != "" {
			header = headers{"ce-type": {typ}, "ce-subject": {subject}, "ce-time": {at}}
		}
		e, err := mangopay.DecodeCloudEvent("s", header, []byte(data))
		if err != nil || e.Type == "" {
			assert.Equal(t, events.Event{}, e)
			return
		}
		assert.False(t, e.Type.Own())
		assert.NotEmpty(t, e.Ref.ID)
		_, _, err = events.Encode(e)
		assert.NoError(t, err)
	})
}
