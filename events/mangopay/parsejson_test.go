package mangopay_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestParseJSON_EveryWayOfSayingItReadsTheSame(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006}`,
		`{"EventType":"USER_KYC_REGULAR","ResourceId":"user_m_1","Date":1743627006.0}`,
		`{"EventType":"USER_KYC_REGULAR","ResourceId":"user_m_1","Date":"1743627006.00"}`,
		` {"Date" : "1743627006", "x":{"Date":[1]}, "RessourceId":"user\u005fm_1","EventType":"USER_KYC_REGULAR","ResourceId":"user_m_1"}` + "\r\n",
		`{"eventtype":"A","x":null,"x":1,"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006,"DATE":1}`,
	} {
		n, err := mangopay.ParseJSON([]byte(line))
		require.NoError(t, err, line)
		assert.Equal(t, wanted, n, line)
	}
}

// unreadableJSON lines, each with the key and the reason of its error, and the type that is known all the same.
var unreadableJSON = []struct {
	line, key string
	err       error
	known     events.Type
}{
	{``, "", mangopay.ErrJSON, ""},
	{`null`, "", mangopay.ErrJSON, ""},
	{`[]`, "", mangopay.ErrJSON, ""},
	{`{`, "", mangopay.ErrJSON, ""},
	{`{"EventType":"A"`, "", mangopay.ErrJSON, ""},
	{`{"EventType":"A","RessourceId":"a","Date":1}{}`, "", mangopay.ErrJSON, ""},
	{`{"EventType":"A","RessourceId":"a","Date":1},`, "", mangopay.ErrJSON, ""},
	{`{"EventType":"A","RessourceId":"a","Date":01}`, "", mangopay.ErrJSON, ""},
	{`{"EventType":"A","RessourceId":"a` + "\n" + `","Date":1}`, "", mangopay.ErrJSON, ""},
	{strings.Repeat(`{"a":`, 20000), "", mangopay.ErrJSON, ""},
	{"{\"EventType\":\"A\",\"RessourceId\":\"\xff\",\"Date\":1}", "", mangopay.ErrEncoding, ""},
	{`{}`, "EventType", mangopay.ErrNoEventType, ""},
	{`{"EventType":"","RessourceId":"a","Date":1}`, "EventType", mangopay.ErrNoEventType, ""},
	{`{"EventType":null,"RessourceId":"a","Date":1}`, "EventType", mangopay.ErrNoEventType, ""},
	{`{"EventType":5,"RessourceId":"a","Date":1}`, "EventType", mangopay.ErrJSON, ""},
	{`{"EventType":"hookfold.observed","RessourceId":"a","Date":1}`, "EventType", mangopay.ErrReserved, ""},
	{`{"EventType":"A","EventType":"A","RessourceId":"a","Date":1}`, "EventType", mangopay.ErrRepeated, "A"},
	{`{"EventType":"A","RessourceId":"a","RessourceId":"a","Date":1}`, "RessourceId", mangopay.ErrRepeated, "A"},
	{`{"EventType":"A","RessourceId":"a","ResourceId":"b","Date":1}`, "ResourceId", mangopay.ErrRepeated, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":1,"Date":1}`, "Date", mangopay.ErrRepeated, "A"},
	{`{"EventType":"A","RessourceId":""}`, "RessourceId", mangopay.ErrPing, "A"},
	{`{"EventType":"A","RessourceId":null}`, "RessourceId", mangopay.ErrPing, "A"},
	{`{"EventType":"A","RessourceId":17,"Date":1}`, "RessourceId", mangopay.ErrJSON, "A"},
	{`{"EventType":"A","RessourceId":["a"],"Date":1}`, "RessourceId", mangopay.ErrJSON, "A"},
	{`{"EventType":"A","RessourceId":"\ud83d","Date":1}`, "RessourceId", mangopay.ErrEncoding, "A"},
	{`{"EventType":"A","RessourceId":"\ude00\ud83d","Date":1}`, "RessourceId", mangopay.ErrEncoding, "A"},
	{`{"EventType":"A","RessourceId":"\ud83dx\ude00","Date":1}`, "RessourceId", mangopay.ErrEncoding, "A"},
	{`{"EventType":"A","Date":1}`, "RessourceId", mangopay.ErrMissing, "A"},
	{`{"EventType":"A","RessourceId":"a"}`, "Date", mangopay.ErrMissing, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":null}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":true}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":{}}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":-1}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":0}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":1.5}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":1e9}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"a","Date":253402300800}`, "Date", mangopay.ErrDate, "A"},
	{`{"EventType":"A","RessourceId":"` + strings.Repeat("a", 129) + `","Date":1}`, "RessourceId", mangopay.ErrTooLong, "A"},
	{`{"EventType":"A","RessourceId":"` + strings.Repeat("a", 1<<20) + `","Date":1}`, "RessourceId", mangopay.ErrTooLong, "A"},
}

func TestParseJSON_WhatCannotBeReadHasATypedAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range unreadableJSON {
		n, err := mangopay.ParseJSON([]byte(c.line))
		var parse *mangopay.ParseError
		require.ErrorAs(t, err, &parse, "%.80s", c.line)
		assert.Equal(t, c.key, parse.Key, "%.80s", c.line)
		assert.ErrorIs(t, err, c.err, "%.80s", c.line)
		assert.Equal(t, c.known, n.Type, "%.80s", c.line)
	}
}

func TestParseJSON_EscapesAreText(t *testing.T) {
	t.Parallel()
	pairs := strings.Repeat(`\ud83d\ude00`, 128)
	n, err := mangopay.ParseJSON([]byte(`{"EventType":"A","RessourceId":"` + pairs + `","Date":1}`))
	require.NoError(t, err)
	assert.Equal(t, strings.Repeat("😀", 128), n.ResourceID)
	n, err = mangopay.ParseJSON([]byte(`{"EventType":"A","RessourceId":"\\ud83d\ufffd\u00e9\"","Date":1}`))
	require.NoError(t, err)
	assert.Equal(t, "\\ud83d\uFFFDé\"", n.ResourceID, "an escaped backslash begins no escape")
}

func TestParseJSON_SaysWhatParseSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := anyNotification(t)
		line, err := json.Marshal(map[string]any{"EventType": n.Type, "RessourceId": n.ResourceID, "Date": n.Date})
		if err != nil {
			t.Fatal(err)
		}
		got, err := mangopay.ParseJSON(line)
		if err != nil || got != n {
			t.Fatalf("%+v became %+v, %v", n, got, err)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"EventType":"USER_KYC_REGULAR","RessourceId":"user_m_1","Date":1743627006.0}`))
	for _, c := range unreadableJSON {
		if len(c.line) < 4096 {
			f.Add([]byte(c.line))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		n, err := mangopay.ParseJSON(line)
		judge(t, n, err)
		if err == nil && !json.Valid(line) {
			t.Fatalf("read what is not JSON: %q", line)
		}
	})
}
