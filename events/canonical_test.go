package events_test

import (
	"encoding/json"
	"math"
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
