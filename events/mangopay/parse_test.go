package mangopay_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

const regular = events.Type("USER_KYC_REGULAR")

var wanted = mangopay.Notification{Type: regular, ResourceID: "user_m_1", Date: 1743627006}

// readable queries all say the same.
var readable = map[string]string{
	"S4: the documented order":               "EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006",
	"order as logs show it":                  "RessourceId=user_m_1&EventType=USER_KYC_REGULAR&Date=1743627006",
	"Date first":                             "Date=1743627006&EventType=USER_KYC_REGULAR&RessourceId=user_m_1",
	"trap 30: the spelling of the list":      "EventType=USER_KYC_REGULAR&ResourceId=user_m_1&Date=1743627006",
	"both spellings that agree":              "EventType=USER_KYC_REGULAR&ResourceId=user_m_1&RessourceId=user%5Fm_1&Date=1743627006",
	"a Url with a query string of its own":   "_t=17&EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006&x",
	"an unknown key that cannot be decoded":  "%zz=%zz&EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006&x=%f",
	"unknown keys twice":                     "a=1&a=2&EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006",
	"keys are case-sensitive":                "eventtype=X&date=1&EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006&DATE=2",
	"empty pairs":                            "&&EventType=USER_KYC_REGULAR&&RessourceId=user_m_1&Date=1743627006&",
	"percent-encoded key and value":          "Event%54ype=USER%5FKYC_REGULAR&%52essourceId=user_m_1&Date=%31743627006",
	"trap 23: a fraction of one zero":        "EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006.0",
	"trap 23: a fraction of zeros":           "EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006.000",
	"leading zeros":                          "EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=001743627006",
	"an encoded key that is not one of ours": "Event%zzype=X&%45vent=Y&EventType=USER_KYC_REGULAR&RessourceId=user_m_1&Date=1743627006",
}

func TestS4_EveryWayOfSayingItReadsTheSame(t *testing.T) {
	t.Parallel()
	for name, query := range readable {
		n, err := mangopay.Parse(query)
		require.NoError(t, err, name)
		assert.Equal(t, wanted, n, name)
	}
}

// unreadable queries, each with the key and the reason of its error, and the type that is known all the same.
var unreadable = []struct {
	name, query, key string
	err              error
	known            events.Type
}{
	{"nothing", "", "EventType", mangopay.ErrNoEventType, ""},
	{"no EventType", "RessourceId=a&Date=1", "EventType", mangopay.ErrNoEventType, ""},
	{"empty EventType", "EventType=&RessourceId=a&Date=1", "EventType", mangopay.ErrNoEventType, ""},
	{"EventType without =", "EventType&RessourceId=a&Date=1", "EventType", mangopay.ErrNoEventType, ""},
	{"another case", "eventtype=A&RessourceId=a&Date=1", "EventType", mangopay.ErrNoEventType, ""},
	{"trap 6: the dashboard's ping", "RessourceId=&EventType=A&Date=1468540800", "RessourceId", mangopay.ErrPing, "A"},
	{"ping without Date", "EventType=A&RessourceId=", "RessourceId", mangopay.ErrPing, "A"},
	{"ping with any Date", "EventType=A&RessourceId=&Date=never&Date=%zz", "RessourceId", mangopay.ErrPing, "A"},
	{"ping without =", "EventType=A&RessourceId&Date=1", "RessourceId", mangopay.ErrPing, "A"},
	{"ping in the other spelling", "EventType=A&ResourceId=&Date=1", "ResourceId", mangopay.ErrPing, "A"},
	{"ping in both spellings", "EventType=A&ResourceId=&RessourceId=&Date=1", "RessourceId", mangopay.ErrPing, "A"},
	{"no RessourceId", "EventType=A&Date=1", "RessourceId", mangopay.ErrMissing, "A"},
	{"no RessourceId and no Date", "EventType=A", "RessourceId", mangopay.ErrMissing, "A"},
	{"no Date", "EventType=A&RessourceId=a", "Date", mangopay.ErrMissing, "A"},
	{"EventType twice", "EventType=A&EventType=B&RessourceId=a&Date=1", "EventType", mangopay.ErrRepeated, "A"},
	{"EventType twice and equal", "EventType=A&EventType=A&RessourceId=a&Date=1", "EventType", mangopay.ErrRepeated, "A"},
	{"EventType twice, first empty", "EventType=&EventType=A&RessourceId=a&Date=1", "EventType", mangopay.ErrRepeated, ""},
	{"RessourceId twice and equal", "EventType=A&RessourceId=a&RessourceId=a&Date=1", "RessourceId", mangopay.ErrRepeated, "A"},
	{"RessourceId twice and empty", "EventType=A&RessourceId=&RessourceId=&Date=1", "RessourceId", mangopay.ErrRepeated, "A"},
	{"two spellings, two values", "EventType=A&RessourceId=a&ResourceId=A&Date=1", "ResourceId", mangopay.ErrRepeated, "A"},
	{"two spellings, one empty", "EventType=A&RessourceId=&ResourceId=A&Date=1", "ResourceId", mangopay.ErrRepeated, "A"},
	{"second spelling twice", "EventType=A&RessourceId=a&ResourceId=a&ResourceId=a&Date=1", "ResourceId", mangopay.ErrRepeated, "A"},
	{"Date twice and equal", "EventType=A&RessourceId=a&Date=1&Date=1", "Date", mangopay.ErrRepeated, "A"},
	{"repeated behind an encoded key", "EventType=A&%45ventType=A&RessourceId=a&Date=1", "EventType", mangopay.ErrRepeated, "A"},
	{"long EventType", "EventType=" + strings.Repeat("A", 129) + "&RessourceId=a&Date=1", "EventType", mangopay.ErrTooLong, ""},
	{"long id", "EventType=A&RessourceId=" + strings.Repeat("a", 129) + "&Date=1", "RessourceId", mangopay.ErrTooLong, "A"},
	{"very long id", "EventType=A&RessourceId=" + strings.Repeat("%41", 1<<18) + "&Date=1", "RessourceId", mangopay.ErrTooLong, "A"},
	{"long second spelling", "EventType=A&RessourceId=a&ResourceId=" + strings.Repeat("a", 129) + "&Date=1", "ResourceId", mangopay.ErrTooLong, "A"},
	{"half an escape", "EventType=A&RessourceId=a%4&Date=1", "RessourceId", mangopay.ErrEncoding, "A"},
	{"no escape", "EventType=A&RessourceId=%zz&Date=1", "RessourceId", mangopay.ErrEncoding, "A"},
	{"not UTF-8", "EventType=A&RessourceId=%ff&Date=1", "RessourceId", mangopay.ErrEncoding, "A"},
	{"not UTF-8, raw", "EventType=A&RessourceId=\xff&Date=1", "RessourceId", mangopay.ErrEncoding, "A"},
	{"second spelling not UTF-8", "EventType=A&RessourceId=a&ResourceId=%ff&Date=1", "ResourceId", mangopay.ErrEncoding, "A"},
	{"EventType not UTF-8", "EventType=%ff&RessourceId=a&Date=1", "EventType", mangopay.ErrEncoding, ""},
	{"Date not UTF-8", "EventType=A&RessourceId=a&Date=%ff", "Date", mangopay.ErrEncoding, "A"},
	{"one of our own types", "EventType=hookfold.observed&RessourceId=a&Date=1", "EventType", mangopay.ErrReserved, ""},
	{"one of our own types, encoded and twice", "EventType=hookfold%2Etick&EventType=A&RessourceId=a&Date=1", "EventType", mangopay.ErrReserved, ""},
}

func TestTraps_WhatCannotBeReadHasATypedAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range unreadable {
		n, err := mangopay.Parse(c.query)
		var parse *mangopay.ParseError
		require.ErrorAs(t, err, &parse, c.name)
		assert.Equal(t, c.key, parse.Key, c.name)
		assert.ErrorIs(t, err, c.err, c.name)
		assert.Equal(t, c.known, n.Type, c.name)
	}
}

func TestTrap33_DatesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, date := range []string{
		"", "0", "0.0", "-1", "+1", "%2B1", "1e9", "0x10", "1_000", "1.5", "1.", ".0", "1.0.0", "1,0", " 1", "1 ", "NaN", "Inf",
		"٣", "253402300800", "9223372036854775808", "18446744073709551617", strings.Repeat("0", 200) + "1", strings.Repeat("9", 5000),
	} {
		n, err := mangopay.Parse("EventType=A&RessourceId=a&Date=" + date)
		assert.ErrorIs(t, err, mangopay.ErrDate, "%.20q", date)
		assert.Equal(t, mangopay.Notification{Type: "A", ResourceID: "a"}, n)
	}
}

func TestTrap33_DatesThatAreAbsurdAndReadable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"1": 1, "4070908800": 4070908800, "253402300799": 253402300799} {
		n, err := mangopay.Parse("EventType=A&RessourceId=a&Date=" + text)
		require.NoError(t, err)
		assert.Equal(t, want, n.Date)
	}
}

func TestParse_IdentifiersAreOpaqueAndUpTo128Characters(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		" ", "a b", "A.b*c>d=e", "\x00\n", "é", "user_M_1", "%", "+", strings.Repeat("a", 128), strings.Repeat("😀", 128),
	} {
		n, err := mangopay.Parse("EventType=A&RessourceId=" + url.QueryEscape(id) + "&Date=1")
		require.NoError(t, err, "%q", id)
		assert.Equal(t, id, n.ResourceID)
	}
	n, err := mangopay.Parse("EventType=A+B&RessourceId=a+b;c&Date=1")
	require.NoError(t, err)
	assert.Equal(t, mangopay.Notification{Type: "A B", ResourceID: "a b;c", Date: 1}, n, "a plus is a space, a semicolon itself")
}

func TestParse_ErrorsNeverEchoAValue(t *testing.T) {
	t.Parallel()
	const secret = "Zq7"
	for _, query := range []string{
		"EventType=" + secret + "&RessourceId=" + secret + "%zz&Date=1", "EventType=" + secret + "%zz",
		"EventType=A&RessourceId=" + secret + "&Date=" + secret, "EventType=A&RessourceId=" + secret + "&ResourceId=x&Date=1",
		secret + "=1", "EventType=hookfold." + secret,
	} {
		_, err := mangopay.Parse(query)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), secret)
	}
}

func TestParse_AMegabyteIsOnePass(t *testing.T) { // not parallel: it counts allocations
	for _, part := range []string{"&", "EventType=A&", "%45ventType=A&", "x=%41&", "Date=1", "%", "=", "RessourceId=&"} {
		query := strings.Repeat(part, (1<<20)/len(part))
		allocs := testing.AllocsPerRun(1, func() { _, _ = mangopay.Parse(query) })
		if strings.HasPrefix(part, "%45") { // an encoded key is decoded, and that is all
			assert.Less(t, allocs, float64(2*(1<<20)/len(part)))
			continue
		}
		assert.Less(t, allocs, 10.0, part)
	}
}

// anyNotification draws notifications that can be said.
func anyNotification(t *rapid.T) mangopay.Notification {
	text := rapid.StringN(1, 128, -1).Filter(func(s string) bool { return !events.Type(s).Own() })
	return mangopay.Notification{
		Type:       events.Type(text.Draw(t, "type")),
		ResourceID: text.Draw(t, "id"),
		Date:       rapid.Int64Range(1, mangopay.MaxDate).Draw(t, "date"),
	}
}

func TestParse_ReadsBackWhatUrlValuesWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := anyNotification(t)
		got, err := mangopay.Parse(queryOf(n))
		if err != nil || got != n {
			t.Fatalf("%+v became %+v, %v", n, got, err)
		}
	})
}

func queryOf(n mangopay.Notification) string {
	return url.Values{
		"EventType": {string(n.Type)}, "RessourceId": {n.ResourceID}, "Date": {itoa(n.Date)}, "_t": {"1"},
	}.Encode()
}

func FuzzParse(f *testing.F) {
	for _, query := range readable {
		f.Add(query)
	}
	for _, c := range unreadable {
		if len(c.query) < 4096 {
			f.Add(c.query)
		}
	}
	f.Fuzz(func(t *testing.T, query string) {
		n, err := mangopay.Parse(query)
		judge(t, n, err)
		if err != nil {
			return
		}
		if again, err := mangopay.Parse(queryOf(n)); err != nil || again != n {
			t.Fatalf("%+v became %+v, %v", n, again, err)
		}
	})
}

// sentinels are all the reasons there are.
var sentinels = []error{
	mangopay.ErrNoEventType, mangopay.ErrReserved, mangopay.ErrPing, mangopay.ErrMissing, mangopay.ErrRepeated,
	mangopay.ErrTooLong, mangopay.ErrDate, mangopay.ErrEncoding, mangopay.ErrJSON,
}

// judge holds what is true of every answer.
func judge(t *testing.T, n mangopay.Notification, err error) {
	t.Helper()
	if n.Type.Own() {
		t.Fatalf("a notification with our own type %q", n.Type)
	}
	if err == nil {
		if n.Type == "" || n.ResourceID == "" || n.Date < 1 || n.Date > mangopay.MaxDate {
			t.Fatalf("incomplete: %+v", n)
		}
		return
	}
	var parse *mangopay.ParseError
	if !errors.As(err, &parse) {
		t.Fatalf("not a ParseError: %v", err)
	}
	for _, s := range sentinels {
		if errors.Is(parse.Err, s) {
			return
		}
	}
	t.Fatalf("an unknown reason: %v", parse.Err)
}
