package lines_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// read reads a text and returns the reader with the errors of its lines.
func read(t testing.TB, text string) (*lines.Reader, []*lines.LineError) {
	t.Helper()
	var bad []*lines.LineError
	r := lines.NewReader("", func(e *lines.LineError) { bad = append(bad, e) })
	require.NoError(t, r.Read("in", strings.NewReader(text)))
	return r, bad
}

// claim is what every form of the notification of S4 is read as.
var claim = events.Event{
	Type: "USER_ACCOUNT_ACTIVATED", Date: 1743627006,
	Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "user_m_01JQVHDG0S0TJP5KFX029211BF"},
}

func TestContract_EveryFormOfTheSameNotificationIsTheSameEvent(t *testing.T) {
	t.Parallel()
	const query = "EventType=USER_ACCOUNT_ACTIVATED&RessourceId=user_m_01JQVHDG0S0TJP5KFX029211BF&Date=1743627006"
	for _, form := range []string{
		query,
		"Date=1743627006.0&ResourceId=user_m_01JQVHDG0S0TJP5KFX029211BF&EventType=USER_ACCOUNT_ACTIVATED",
		"?" + query,
		"/hooks/t=k?" + query,
		"https://example.com/hooks/t=k?" + query + "#part=of?the=page",
		"HTTPS://example.com?" + query,
		`{"EventType":"USER_ACCOUNT_ACTIVATED","RessourceId":"user_m_01JQVHDG0S0TJP5KFX029211BF","Date":1743627006}`,
		`{"Date":"1743627006","ResourceId":"user_m_01JQVHDG0S0TJP5KFX029211BF","EventType":"USER_ACCOUNT_ACTIVATED"}`,
		`{"EventType":"USER_ACCOUNT_ACTIVATED","RessourceId":"user_m_01JQVHDG0S0TJP5KFX029211BF","Date":1743627006.0,"more":[{}]}`,
		"\t " + query + " \r",
		"\uFEFF" + query,
	} {
		r, bad := read(t, form)
		assert.Empty(t, bad, form)
		assert.Equal(t, []events.Event{claim}, r.Events(), form)
		assert.Equal(t, lines.Summary{Kind: "summary", Notifications: 1}, r.Summary(), form)
	}
}

func TestAnIdentifierKeepsEveryOddCharacter(t *testing.T) {
	t.Parallel()
	r, bad := read(t, strings.Join([]string{
		"EventType=USER_KYC_LIGHT&RessourceId=a/b?c#d&Date=1",
		"EventType=USER_KYC_LIGHT&RessourceId=%00%22%5C%F0%9F%92%B6&Date=1",
		`{"EventType":"USER_KYC_LIGHT","RessourceId":"\u0000\"\\\ud83d\udcb6","Date":1}`,
		"EventType=USER_KYC_LIGHT&RessourceId=" + strings.Repeat("é", mangopay.MaxLength) + "&Date=1",
	}, "\n"))
	assert.Empty(t, bad)
	require.Len(t, r.Events(), 3)
	assert.Equal(t, "a/b?c#d", r.Events()[0].Ref.ID)
	assert.Equal(t, "\x00\"\\💶", r.Events()[1].Ref.ID)
	assert.Equal(t, strings.Repeat("é", mangopay.MaxLength), r.Events()[2].Ref.ID)
	assert.Equal(t, 1, r.Summary().Duplicates, "both spellings of one identifier are one")
}

func TestASummaryCountsWhatWasRead(t *testing.T) {
	t.Parallel()
	r, bad := read(t, strings.Join([]string{
		"EventType=USER_KYC_LIGHT&RessourceId=u&Date=1",
		"EventType=USER_KYC_LIGHT&RessourceId=u&Date=1", // a duplicate
		"EventType=USER_KYC_LIGHT&RessourceId=&Date=1",  // a ping
		"EventType=USER_KYC_LIGHT&RessourceId=&Date=1",  // and another
		"EventType=NEVER_HEARD_OF&RessourceId=u&Date=1", // unknown
		"EventType=NEVER_HEARD_OF&RessourceId=u&Date=1", // unknown, a duplicate
		"EventType=PAYIN_NORMAL_SUCCEEDED&RessourceId=p&Date=1",
		"EventType=IDENTITY_VERIFICATION_TIMEOUT&RessourceId=s&Date=1", // an alias is modelled
		`{"type":"hookfold.observed","kind":"user","id":"u","date":1}`,
		`{"type":"hookfold.observed","kind":"user","id":"u","date":1.0}`, // a duplicate
		"rubbish",
	}, "\n"))
	assert.Len(t, bad, 1)
	assert.Equal(t, lines.Summary{
		Kind: "summary", Notifications: 8, Duplicates: 3, Pings: 2, Unmodelled: 2, Malformed: 1,
	}, r.Summary())
	assert.Len(t, r.Events(), 5)
	assert.Equal(t, mangopay.KindUnknown, r.Events()[1].Ref.Kind, "law 7: an unknown type is kept")
}

func TestAMalformedLineIsNamedAndDoesNotStopTheRest(t *testing.T) {
	t.Parallel()
	good := "EventType=USER_KYC_LIGHT&RessourceId=u&Date="
	text := good + "1\r\n\r\n" + "rubbish\n" + "   \n" + strings.Repeat("x", lines.MaxLine+1) + "\n" + good + "2\n{\n" + good + "3"
	var bad []*lines.LineError
	r := lines.NewReader("mangopay", func(e *lines.LineError) { bad = append(bad, e) })
	require.NoError(t, r.Read("a.txt", strings.NewReader(text)))
	require.NoError(t, r.Read("", strings.NewReader("{}\n")))
	require.Len(t, bad, 4)
	assert.Equal(t, "a.txt: line 3: not a notification: give a JSON object, a URL, or a query string with EventType, RessourceId and Date", bad[0].Error())
	assert.ErrorIs(t, bad[0], lines.ErrForm)
	assert.Equal(t, "a.txt: line 5: longer than 1 MiB: no notification is", bad[1].Error())
	assert.ErrorIs(t, bad[1], lines.ErrLong)
	assert.Equal(t, 7, bad[2].Line)
	assert.ErrorIs(t, bad[2], mangopay.ErrJSON)
	assert.Equal(t, "line 1: mangopay: EventType is missing or empty, so this is no notification: check who sends it", bad[3].Error())
	assert.Len(t, r.Events(), 3)
	assert.Equal(t, 4, r.Summary().Malformed)
}

func TestNoErrorRepeatsTheLine(t *testing.T) {
	t.Parallel()
	const canary = "Jane-Doe-1987"
	_, bad := read(t, strings.Join([]string{
		canary, "x=" + canary, "?" + canary, `{"` + canary + `"}`, `{"type":"` + canary + `"}`, `{"type":5,"id":"` + canary + `"}`,
		"EventType=A&RessourceId=u&Date=" + canary, `{"type":"hookfold.observed","id":"u","kind":"user","date":"` + canary + `"}`,
		`{"type":"hookfold.observed","id":"u","kind":"user","date":1,"values":{"` + canary + `":1}}`,
		`{"type":"hookfold.observed","id":["` + canary + `"],"kind":"user","date":1}`,
	}, "\n"))
	assert.Len(t, bad, 10)
	for _, e := range bad {
		assert.NotContains(t, e.Error(), canary)
	}
}

func TestALineAtTheLimitIsReadAndALongerOneIsNot(t *testing.T) {
	t.Parallel()
	line := func(n int) string {
		s := "EventType=USER_KYC_LIGHT&RessourceId=u&Date=1&more="
		return s + strings.Repeat("m", n-len(s))
	}
	r, bad := read(t, line(lines.MaxLine-1)+"\n"+line(lines.MaxLine+1)+"\n"+line(lines.MaxLine))
	require.Len(t, bad, 1)
	assert.Equal(t, 2, bad[0].Line)
	assert.Equal(t, 1, r.Summary().Duplicates)
}

func TestOnlyTheFirstLineMayBeginWithAByteOrderMark(t *testing.T) {
	t.Parallel()
	_, bad := read(t, "\uFEFF\r\n\uFEFFEventType=A&RessourceId=u&Date=1\n")
	require.Len(t, bad, 1)
	assert.Equal(t, 2, bad[0].Line)
}

func TestABrokenInputIsAnErrorOfTheInput(t *testing.T) {
	t.Parallel()
	broken := errors.New("on purpose")
	good := "EventType=USER_KYC_LIGHT&RessourceId=u&Date=1\n"
	for _, name := range []string{"a.txt", ""} {
		r := lines.NewReader("", nil)
		err := r.Read(name, io.MultiReader(strings.NewReader(good), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
		assert.Contains(t, err.Error(), "line 2")
		assert.Len(t, r.Events(), 1, "what was read before is kept")
	}
}

func TestARepetitionInAnotherFileIsADuplicate(t *testing.T) {
	t.Parallel()
	r := lines.NewReader("elsewhere", nil)
	for range 2 {
		require.NoError(t, r.Read("", strings.NewReader("EventType=USER_KYC_LIGHT&RessourceId=u&Date=1\nrubbish")))
	}
	assert.Len(t, r.Events(), 1)
	assert.Equal(t, "elsewhere", r.Events()[0].Ref.Source)
	assert.Equal(t, lines.Summary{Kind: "summary", Notifications: 2, Duplicates: 1, Malformed: 2}, r.Summary())
}

func FuzzReaderNeverPanicsAndCountsEveryLine(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		told := 0
		r := lines.NewReader("", func(*lines.LineError) { told++ })
		require.NoError(t, r.Read("", bytes.NewReader(text)))
		s := r.Summary()
		require.Equal(t, told, s.Malformed)
		require.LessOrEqual(t, s.Malformed+s.Notifications, bytes.Count(text, []byte("\n"))+1)
		for _, e := range r.Events() {
			_, _, err := events.Encode(e)
			require.NoError(t, err, "what is read can be stored: %s", fmt.Sprintf("%+v", e))
			require.Positive(t, e.Date)
		}
	})
}

// seeds are lines of every form, good and bad.
var seeds = []string{
	"EventType=USER_KYC_LIGHT&RessourceId=u&Date=1", "https://h/p?EventType=A&RessourceId=%ff&Date=1", "?", "=", "{", "{}", "\uFEFF{}",
	`{"EventType":"A","RessourceId":"b","Date":1}`, `{"EventType":"A","RessourceId":"\ud800","Date":1}`,
	`{"type":"hookfold.observed","kind":"user","id":"u","date":1743627006.0,"values":{"kyc":"REGULAR","sca":true},"created":5}`,
	`{"type":"hookfold.observed","kind":"user","id":"\ud800","date":1}`, `{"type":"hookfold.observed","found":false,"kind":"\ufffd","id":"u","date":1}`,
	`{"type":"hookfold.hook.delivery.failed","hook":"A","date":1,"count":12}` + "\n" + `{"type":"hookfold.hook.delivery.failed","hook":"A","date":1,"count":12}`,
	`{"type":"hookfold.hook.updated","hook":"A","date":253402300799,"url":"<&>","status":"X","validity":"VALID","hook_id":"h"}`,
	`{"\u0074ype":"hookfold.tick"}`, `{"type":"hookfold.observed","type":"x"}`, "\r\n \n\x00",
}
