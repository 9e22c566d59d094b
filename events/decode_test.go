package events_test

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/events"
)

const claimData = `{"v":1,"source":"mangopay","type":"USER_KYC_REGULAR","kind":"user","id":"user_m_01JQVHDG0S0TJP5KFX029211BF","date":1743627006}`

func TestDecode_OrderBlanksEscapesAndUnknownMembersDoNotMatter(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		claimData,
		`{"date":1743627006,"id":"user_m_01JQVHDG0S0TJP5KFX029211BF","kind":"user","type":"USER_KYC_REGULAR","source":"mangopay","v":1}`,
		strings.ReplaceAll(claimData, ",", " ,\n\t"),
		strings.ReplaceAll(claimData, "user", `\u0075ser`),
		strings.Replace(claimData, `}`, `,"added":{"later":[1,2]},"Type":"X","ID":"Y"}`, 1),
		strings.Replace(claimData, `"date"`, `"DATE":7,"date"`, 1),
	} {
		e, err := events.Decode(nil, []byte(in))
		require.NoError(t, err, in)
		assert.Equal(t, claim(), e, in)
	}
}

func TestDecode_TrustsTheDataAlone(t *testing.T) {
	t.Parallel()
	lying := map[string][]string{"ce-type": {"USER_KYC_LIGHT"}, "ce-id": {"0"}, "ce-subject": {"user/x"}}
	e, err := events.Decode(lying, []byte(claimData))
	require.NoError(t, err)
	assert.Equal(t, claim(), e)
}

func TestDecode_RefusesANewerVersionAndSaysToUpgrade(t *testing.T) {
	t.Parallel()
	for _, in := range []string{strings.Replace(claimData, `"v":1`, `"v":2`, 1), `{"v":99,"shape":"unheard of","id":17}`} {
		_, err := events.Decode(nil, []byte(in))
		require.ErrorIs(t, err, events.ErrNewer)
		assert.Contains(t, err.Error(), "upgrade")
	}
}

func TestDecode_RefusesWhatIsNoEnvelope(t *testing.T) {
	t.Parallel()
	change := func(old, with string) string { return strings.Replace(claimData, old, with, 1) }
	for _, in := range []string{
		"", "{}", "null", "[]", `"x"`, "{", claimData + "{}", claimData + ",", claimData[:len(claimData)-1],
		change(`"v":1,`, ``), change(`"v":1`, `"v":0`), change(`"v":1`, `"v":-1`), change(`"v":1`, `"v":"1"`), change(`"v":1`, `"v":1.5`), change(`"v":1`, `"v":null`),
		change(`"source":"mangopay",`, ``), change(`"type":"USER_KYC_REGULAR",`, ``), change(`"kind":"user",`, ``),
		change(`,"date":1743627006`, ``), change(`"id":"user_m_01JQVHDG0S0TJP5KFX029211BF",`, ``),
		change(`"mangopay"`, `""`), change(`"USER_KYC_REGULAR"`, `""`), change(`"user"`, `""`), change(`"user"`, `7`), change(`"user"`, `null`),
		change(`1743627006`, `"1743627006"`), change(`1743627006`, `1743627006.0`), change(`1743627006`, `null`), change(`1743627006`, `01`),
		change(`1743627006`, `9223372036854775808`), change(`1743627006`, `-`), change(`1743627006`, ``),
		change(`}`, `,"attempt":-1}`), change(`}`, `,"received":"x"}`), change(`}`, `,"replica":7}`), change(`}`, `,"data":}`), change(`}`, `,"data":{}`),
		change(`}`, `,"data":{"a":01}}`), change(`}`, `,"id":"another"}`),
		change(`USER`, "USER\n"), change(`USER`, "\xff"), change(`USER`, `\ud800`), change(`USER`, `\q`), change(`}`, ",\"x\":\"\xff\"}"),
	} {
		_, err := events.Decode(nil, []byte(in))
		assert.ErrorIs(t, err, events.ErrEnvelope, in)
	}
}

// What Encode writes is read on a short way, everything else on a long one. Blanks lead to the long way.
func TestDecode_BothWaysReadTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		_, data, err := events.Encode(anyEvent().Draw(t, "event"))
		if err != nil {
			t.Fatal(err)
		}
		short, err := events.Decode(nil, data)
		long, err2 := events.Decode(nil, append([]byte(" "), data...))
		if err != nil || err2 != nil || !assert.ObjectsAreEqual(long, short) {
			t.Fatalf("%s: %+v, %v; %+v, %v", data, short, err, long, err2)
		}
	})
}

func TestDecoder_ReadsWhatDecodeReads(t *testing.T) {
	t.Parallel()
	var d events.Decoder
	rapid.Check(t, func(t *rapid.T) {
		_, data, err := events.Encode(anyEvent().Draw(t, "event"))
		if err != nil {
			t.Fatal(err)
		}
		if at := rapid.IntRange(0, 3*len(data)).Draw(t, "damage at"); at < len(data) {
			data[at] = rapid.Byte().Draw(t, "with")
		}
		alike(t, &d, data)
	})
}

// alike demands that a decoder reads as Decode does, on the first way and on a later one.
func alike(t interface{ Fatalf(string, ...any) }, d *events.Decoder, data []byte) {
	want, wantErr := events.Decode(nil, data)
	for range 2 {
		got, err := d.Decode(data)
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() || !assert.ObjectsAreEqual(want, got) {
			t.Fatalf("%q: %+v, %v; the decoder: %+v, %v", data, want, wantErr, got, err)
		}
	}
}

func TestDecoder_SharesTextsAndKeepsNothingOfTheData(t *testing.T) {
	t.Parallel()
	var d events.Decoder
	data := []byte(claimData)
	first, err := d.Decode(data)
	require.NoError(t, err)
	copied := []byte(claimData)
	second, err := d.Decode(copied)
	require.NoError(t, err)
	assert.Equal(t, claim(), first)
	assert.Same(t, unsafe.StringData(string(first.Type)), unsafe.StringData(string(second.Type)))
	assert.Same(t, unsafe.StringData(first.Ref.Kind), unsafe.StringData(second.Ref.Kind))
	clear(data)
	clear(copied)
	assert.Equal(t, claim(), first)
	assert.Equal(t, claim(), second)
}

func TestDecoder_ForgedTypesDoNotFillIt(t *testing.T) {
	t.Parallel()
	var d events.Decoder
	for i := range 3000 {
		typ := fmt.Sprintf("FORGED_%d%s", i, strings.Repeat("X", i%300))
		e, err := d.Decode([]byte(strings.Replace(claimData, "USER_KYC_REGULAR", typ, 1)))
		require.NoError(t, err)
		require.Equal(t, events.Type(typ), e.Type)
	}
	assert.LessOrEqual(t, d.Shared(), 512+4)
}

func TestDecoder_TakesOneAllocationForTheId(t *testing.T) { // not parallel: it counts allocations
	_, data, err := events.Encode(golden(t)["v1-claim"])
	require.NoError(t, err)
	var d events.Decoder
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = d.Decode(data) }), 1.0)
}

func TestDecode_TakesOneAllocation(t *testing.T) { // not parallel: it counts allocations
	header, data, err := events.Encode(golden(t)["v1-claim"])
	require.NoError(t, err)
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = events.Decode(header, data) }), 1.0)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(claimData))
	f.Add([]byte(strings.Replace(claimData, `}`, `,"origin":"webhook","received":-5,"replica":"\u0041","attempt":7,"data":{"a":[1]}}`, 1)))
	for _, e := range golden(f) {
		_, data, err := events.Encode(e)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		alike(t, new(events.Decoder), data)
		short, err := events.Decode(nil, data)
		long, err2 := events.Decode(nil, append([]byte(" "), data...))
		if (err == nil) != (err2 == nil) || !assert.ObjectsAreEqual(long, short) {
			t.Fatalf("%+v, %v; %+v, %v", short, err, long, err2)
		}
		if err != nil {
			return
		}
		header, again, err := events.Encode(short)
		if err != nil {
			return // data that is not canonical is read and not written
		}
		if back, err := events.Decode(header, again); err != nil || !assert.ObjectsAreEqual(short, back) {
			t.Fatalf("%+v became %+v, %v", short, back, err)
		}
	})
}

func TestDecode_BlanksAroundDataAreNotData(t *testing.T) {
	t.Parallel()
	for _, own := range []string{` {"a":1}`, `{"a":1} `, "\n{\"a\":1}\t"} {
		e, err := events.Decode(nil, []byte(strings.Replace(claimData, `}`, `,"data":`+own+`}`, 1)))
		require.NoError(t, err)
		assert.Equal(t, `{"a":1}`, string(e.Data))
	}
}
