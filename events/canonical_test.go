package events_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

func TestCanonical_SortsKeysAndKeepsNumbersAndText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{ "b" : 1, "a" : [ true , null ] }`:              `{"a":[true,null],"b":1}`,
		`{"x":{"d":1,"c":{"b":2,"a":3}}}`:                 `{"x":{"c":{"a":3,"b":2},"d":1}}`,
		`{"n":9007199254740993,"m":18446744073709551615}`: `{"m":18446744073709551615,"n":9007199254740993}`,
		`{"n":123456789012345678901234567890}`:            `{"n":123456789012345678901234567890}`,
		`{"u":"https://x.test/?a=1&b=<2>"}`:               `{"u":"https://x.test/?a=1&b=<2>"}`,
		`{"\u00e9":"\u0041\u000a"}`:                       `{"é":"A\n"}`,
	} {
		got, err := events.Canonical(json.RawMessage(in))
		require.NoError(t, err, in)
		assert.Equal(t, want, string(got))
	}
}

func TestCanonical_EqualDataOfAStructAndAMapHasEqualBytes(t *testing.T) {
	t.Parallel()
	a, err := events.Canonical(events.Attempt{At: 5, Replica: "b", N: 2, Count: 3, First: 1})
	require.NoError(t, err)
	b, err := events.Canonical(map[string]any{"first": 1, "count": 3, "n": 2, "replica": "b", "at": 5})
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b))
	assert.Equal(t, `{"at":5,"count":3,"first":1,"n":2,"replica":"b"}`, string(a))
}

func TestCanonical_RefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	_, err := events.Canonical(math.NaN())
	assert.Error(t, err)
	_, err = events.Canonical(json.RawMessage(`{`))
	assert.Error(t, err)
}

func TestCanonical_OfItselfIsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := anyData().Draw(t, "data")
		twice, err := events.Canonical(json.RawMessage(once))
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%s became %s, %v", once, twice, err)
		}
	})
}

// anyData draws canonical data of Hookfold's own events.
func anyData() *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		values := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "values")
		deep := map[string]any{"values": values, "n": rapid.Uint64().Draw(t, "n"), "f": rapid.Float64().Draw(t, "f")}
		data, err := events.Canonical(deep)
		if err != nil {
			t.Fatal(err)
		}
		return data
	})
}

// isCanonical is what it means that data is canonical.
func isCanonical(data []byte) bool {
	want, err := events.Canonical(json.RawMessage(data))
	return json.Valid(data) && err == nil && bytes.Equal(want, data)
}

// traps are data at which a look at the bytes may err.
func traps() []string {
	deep := func(n int) string { return strings.Repeat(`{"a":[`, n) + strings.Repeat(`]}`, n) }
	return []string{
		``, `null`, `1`, `"a"`, `{}`, `[]`, `{"":0}`, `{"":0,"a":0}`, `{"a":0,"":0}`, `{"a":1,"a":1}`, `{"a":1,"b":{"a":1},"c":[{"b":1},{"a":1}]}`,
		`{"b":1,"a":1}`, `{"a":1,"aa":1}`, `{"aa":1,"a":1}`, `{"a":["b","a"]}`, `["b","a",{"b":"a"}]`, `{"a":{"z":1},"b":1}`, `{"b":{"a":1},"a":1}`,
		`{"a": 1}`, `{"a":1} `, ` {"a":1}`, "{\"a\":1}\n", `{"a ":" b"}`, `{"a":1}}`, `{"a":1`, `{"a"}`, `{"a":1,}`, `[1,]`, `"a`, `"\`, `"\u00`,
		`1.0`, `-0`, `1E5`, `1e400`, `01`, `123456789012345678901234567890`, `0.1e-7`,
		`"\""`, `"\\"`, `"\/"`, `"\b\f\n\r\t"`, `"\u0008"`, `"\u000a"`, `"\u0000"`, `"\u001f"`, `"\u001F"`, `"\u0020"`, `"\u007f"`, "\"\x7f\"", "\"\x00\"",
		`"\u00e9"`, `"é"`, `"<>&"`, `"\u003c"`, `"\u2028"`, `"\u2029"`, "\"\u2028\"", "\"\u2027\u202a\"", "\"\u2029\"", `"\ud83d\ude00"`, `"😀"`, `"\ud800"`, `"\ufffd"`, `"\ufffd"`, "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xe2\x80\"",
		`{"\n":1,"a":1}`, `{"a":1,"\n":1}`, `{" ":1,"\"":1}`, `{"\"":1," ":1}`, `{"\\":1,"a":1}`, `{"[":1,"\\":1}`, `{"]":1,"\\":1}`, `{"\u2028":1,"😀":1}`, `{"é":1,"\u2028":1}`, `{"\u2028":1,"é":1}`, `{"e":1,"é":1}`,
		`{"a\"":1,"a#":1}`, `{"a":":"}`, `["a",":"]`, deep(7), deep(9), deep(4999), deep(5000), deep(5001),
	}
}

func TestAnEventsDataIsKnownToBeCanonicalByOneLook(t *testing.T) {
	t.Parallel()
	is := map[bool]int{}
	for _, data := range traps() {
		want := isCanonical([]byte(data))
		assert.Equal(t, want, events.IsCanonical([]byte(data)), "%.40q", data)
		is[want]++
	}
	assert.Greater(t, is[true], 30)
	assert.Greater(t, is[false], 30)
	rapid.Check(t, func(t *rapid.T) {
		data := anyData().Draw(t, "data")
		if !events.IsCanonical(data) {
			t.Fatalf("%s is canonical", data)
		}
		piece := []byte(rapid.SampledFrom(traps()[:80]).Draw(t, "piece"))
		from := rapid.IntRange(0, len(data)).Draw(t, "from")
		to := rapid.IntRange(from, min(len(data), from+3)).Draw(t, "to")
		data = slices.Concat(data[:from], piece, data[to:])
		if want := isCanonical(data); want != events.IsCanonical(data) {
			t.Fatalf("%s is canonical: %v", data, want)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, data := range traps() {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if want := isCanonical(data); want != events.IsCanonical(data) {
			t.Fatalf("%q is canonical: %v", data, want)
		}
	})
}
