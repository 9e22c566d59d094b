package events_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

var update = flag.Bool("update", false, "write testdata/golden anew")

// golden are the kinds of event that a log holds, by the name of their golden file.
func golden(t testing.TB) map[string]events.Event {
	user := claim().Ref
	hook := events.Ref{Source: "mangopay", Kind: "hook", ID: "USER_KYC_REGULAR"}
	odd := events.Ref{Source: "mangopay/tést 1", Kind: "unknown", ID: "a.b *>=\"\\\né\u2028<&>"}
	arrived := events.Delivery{Origin: events.Webhook, Received: 1743627006123, Replica: "a", Attempt: 17}
	return map[string]events.Event{
		"v1-claim":         {Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006, Delivery: arrived},
		"v1-claim-bare":    {Type: "USER_KYC_REGULAR", Ref: user, Date: 1743627006},
		"v1-claim-unknown": {Type: "BRAND NEW%\"<é>", Ref: odd, Date: 253402300799, Delivery: arrived},
		"v1-observation": {Type: events.Observed, Ref: user, Date: 1743627010, Data: data(t, events.Reading{
			Values: map[string]string{"kyc": "REGULAR", "category": "OWNER"}, Attributes: map[string]string{"person_type": "NATURAL"},
		})},
		"v1-observation-missing": {Type: events.Observed, Ref: user, Date: 1743627010, Data: data(t, events.Reading{Missing: true})},
		"v1-tick":                {Type: events.Tick, Ref: user, Date: 1743713406},
		"v1-delivery-succeeded": {Type: events.DeliverySucceeded, Ref: hook, Date: 1743627006, Data: data(t, events.Attempt{
			At: 1743627006123, Replica: "a", N: 17,
		})},
		"v1-delivery-failed": {Type: events.DeliveryFailed, Ref: hook, Date: 1743627006, Data: data(t, events.Attempt{
			At: 1743627006123, Replica: "a", N: 18, Count: 12, First: 1743627000000,
		})},
		"v1-hook-updated": {Type: events.HookUpdated, Ref: hook, Date: 1743627006, Data: data(t, events.HookReading{
			At: 1743627006123, HookID: "hook_m_1", URL: "https://www.example.com/hooks?a=1&b=<2>", Status: "ENABLED", Validity: "VALID",
		})},
		"v1-hook-alert": {Type: events.HookAlerted, Ref: hook, Date: 1743627006, Data: data(t, events.HookAlert{
			At: 1743627006123, Level: 50, Failures: 57,
		})},
		"v1-skipped": {Type: events.Skipped, Ref: hook, Date: 1743627006, Data: data(t, events.Skip{Seq: 12, Reason: "it is forged"})},
		"v1-retried": {Type: events.Retried, Ref: hook, Date: 1743627006, Data: data(t, events.Retry{Seq: 12})},
		"v1-unreadable": {Type: events.Unreadable, Ref: hook, Date: 1743627006, Delivery: arrived, Data: data(t, map[string]any{
			"query": "EventType=USER_KYC_REGULAR&RessourceId=%zz&Date=1", "error": "encoding",
		})},
	}
}

func data(t testing.TB, v any) []byte {
	t.Helper()
	b, err := events.Canonical(v)
	require.NoError(t, err)
	return b
}

// dump shows a message as a file: the header sorted by key, a blank line, the data.
func dump(header map[string][]string, data []byte) []byte {
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[key] {
			b.WriteString(key + ": " + value + "\n")
		}
	}
	b.WriteString("\n")
	b.Write(data)
	b.WriteString("\n")
	return b.Bytes()
}

func TestEncode_GoldenBytes(t *testing.T) {
	t.Parallel()
	for name, e := range golden(t) {
		header, data, err := events.Encode(e)
		require.NoError(t, err, name)
		path := filepath.Join("testdata", "golden", name+".txt")
		if *update {
			require.NoError(t, os.WriteFile(path, dump(header, data), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err, "run the test with -update to write it")
		assert.Equal(t, string(want), string(dump(header, data)), name)
		back, err := events.Decode(header, data)
		require.NoError(t, err, name)
		assert.Equal(t, e, back, name)
	}
}

// A file in testdata/golden never leaves: what was released stays readable, and reads back to the same bytes.
func TestDecode_EveryReleasedByteStaysReadable(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/golden/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), len(golden(t)))
	for _, path := range paths {
		file, err := os.ReadFile(path)
		require.NoError(t, err)
		_, body, found := bytes.Cut(file, []byte("\n\n"))
		require.True(t, found, path)
		e, err := events.Decode(nil, bytes.TrimSuffix(body, []byte("\n")))
		require.NoError(t, err, path)
		header, data, err := events.Encode(e)
		require.NoError(t, err, path)
		assert.Equal(t, string(file), string(dump(header, data)), path)
	}
}

func TestEncode_ReadsBackAndHeadersAreASCII(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := anyEvent().Draw(t, "event")
		header, data, err := events.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		for key, values := range header {
			for _, c := range []byte(key + strings.Join(values, "")) {
				if c <= ' ' || c > '~' {
					t.Fatalf("%s: %q", key, values)
				}
			}
		}
		back, err := events.Decode(header, data)
		if err != nil || !assert.ObjectsAreEqual(e, back) {
			t.Fatalf("%+v became %s became %+v, %v", e, data, back, err)
		}
	})
}

func TestEncode_TheIdentityIsTheMessageID(t *testing.T) {
	t.Parallel()
	header, _, err := events.Encode(claim())
	require.NoError(t, err)
	id := claim().ID().String()
	assert.Equal(t, [2][]string{{id}, {id}}, [2][]string{header["ce-id"], header["Nats-Msg-Id"]})
	assert.Equal(t, []string{"2025-04-02T20:50:06Z"}, header["ce-time"])
	assert.Equal(t, []string{"user/user_m_01JQVHDG0S0TJP5KFX029211BF"}, header["ce-subject"])
}

func TestEncode_ADateBeyondTheCalendarHasNoTime(t *testing.T) {
	t.Parallel()
	for _, date := range []int64{-1 << 63, 253402300800, 1<<63 - 1} {
		e := claim()
		e.Date = date
		header, data, err := events.Encode(e)
		require.NoError(t, err)
		assert.NotContains(t, header, "ce-time")
		back, err := events.Decode(header, data)
		require.NoError(t, err)
		assert.Equal(t, e, back)
	}
}

func TestEncode_RefusesWhatWouldNotReadBack(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*events.Event){
		"no type":            func(e *events.Event) { e.Type = "" },
		"no source":          func(e *events.Event) { e.Ref.Source = "" },
		"no kind":            func(e *events.Event) { e.Ref.Kind = "" },
		"id not UTF-8":       func(e *events.Event) { e.Ref.ID = "\xff" },
		"type not UTF-8":     func(e *events.Event) { e.Type = "\xff" },
		"replica not UTF-8":  func(e *events.Event) { e.Delivery.Replica = "\xff" },
		"data not JSON":      func(e *events.Event) { e.Data = []byte(`{`) },
		"data with blanks":   func(e *events.Event) { e.Data = []byte(`{"a": 1}`) },
		"data around":        func(e *events.Event) { e.Data = []byte(` {}`) },
		"data not sorted":    func(e *events.Event) { e.Data = []byte(`{"b":1,"a":1}`) },
		"data repeated":      func(e *events.Event) { e.Data = []byte(`{"a":1,"a":1}`) },
		"data with escapes":  func(e *events.Event) { e.Data = []byte(`{"a":"\u003c"}`) },
		"data not UTF-8":     func(e *events.Event) { e.Data = []byte("{\"a\":\"\xff\"}") },
		"data with more":     func(e *events.Event) { e.Data = []byte(`{},"v":2`) },
		"data with a second": func(e *events.Event) { e.Data = []byte(`{}{}`) },
	} {
		e := observation()
		change(&e)
		_, _, err := events.Encode(e)
		assert.ErrorIs(t, err, events.ErrEvent, name)
	}
}

// anyEvent draws events that Encode takes.
func anyEvent() *rapid.Generator[events.Event] {
	word := rapid.OneOf(rapid.StringN(1, 40, -1), rapid.StringMatching(`[A-Z_]{1,40}`), rapid.SampledFrom([]string{"mangopay", "user", "é\u2028 \"%\\"}))
	own := rapid.SampledFrom([]string{string(events.Observed), string(events.Tick), string(events.DeliveryFailed)})
	return rapid.Custom(func(t *rapid.T) events.Event {
		e := events.Event{
			Type: events.Type(rapid.OneOf(word, own).Draw(t, "type")),
			Ref:  events.Ref{Source: word.Draw(t, "source"), Kind: word.Draw(t, "kind"), ID: rapid.StringN(0, 128, -1).Draw(t, "id")},
			Date: rapid.Int64().Draw(t, "date"),
		}
		if rapid.Bool().Draw(t, "has data") {
			e.Data = anyData().Draw(t, "data")
		}
		if rapid.Bool().Draw(t, "arrived") {
			e.Delivery = events.Delivery{
				Origin:   events.Origin(rapid.SampledFrom([]string{"", "webhook", "backfill", "é"}).Draw(t, "origin")),
				Received: rapid.Int64().Draw(t, "received"), Replica: rapid.String().Draw(t, "replica"),
				Attempt: rapid.Uint64().Draw(t, "attempt"),
			}
		}
		return e
	})
}
