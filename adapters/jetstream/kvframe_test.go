package jetstream

import (
	"encoding/hex"
	"math"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/projections"
)

// The golden bytes: whatever was written once is read for ever.
const (
	goldenRow  = "01ac0299020300010475736572" + "01" + "75" + "7374617465"
	goldenMark = "010305" + "02" + "0102030405060708" + "034c4f47" + "80c8ceb40d" + "95" + "9aef3a" + "ac02" + "80c8ceb40d" + "00"
)

func TestGoldenFramesAreReadAndWritten(t *testing.T) {
	t.Parallel()
	f := frame{seq: 300, settled: 281, generation: 3, slot: 0, index: map[string]string{"user": "u"}, state: []byte("state")}
	require.Equal(t, goldenRow, hex.EncodeToString(f.encode()))
	have, err := decodeFrame(unhex(t, goldenRow))
	require.NoError(t, err)
	require.Equal(t, f, have)

	made := time.Unix(1_800_000_000, 123456789).UTC()
	m := mark{generation: 5, ledger: ledger{count: 2, sum: 0x0102030405060708}}
	m.Epoch = 3
	m.Position = projections.Position{Stream: "LOG", Created: made, Seq: 300, Time: time.Unix(1_800_000_000, 0).UTC()}
	require.Equal(t, goldenMark, hex.EncodeToString(m.encode()))
	mark, err := decodeMark(unhex(t, goldenMark))
	require.NoError(t, err)
	require.Equal(t, m, mark)
	require.Equal(t, goldenProof, proof("$KV.b.r.s.k.a", 7))
}

const goldenProof = uint64(0x75110517ccc490be)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

func TestFramesComeBackAndTruncatedOnesAreRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := frame{
			seq: projections.Seq(rapid.Uint64().Draw(t, "seq")), settled: projections.Seq(rapid.Uint64().Draw(t, "settled")),
			generation: rapid.Uint64().Draw(t, "generation"), slot: rapid.IntRange(0, math.MaxInt).Draw(t, "slot"),
			index: rapid.MapOfN(rapid.String(), rapid.String(), 1, 3).Draw(t, "index"), state: []byte{},
		}
		b := f.encode()
		have, err := decodeFrame(b)
		require.NoError(t, err)
		require.Equal(t, f, have)
		_, err = decodeFrame(b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")])
		require.ErrorIs(t, err, errFrame)

		m := mark{generation: f.generation, ledger: ledger{f.generation, rapid.Uint64().Draw(t, "sum")}}
		m.Position = projections.Position{Stream: rapid.String().Draw(t, "stream"), Seq: f.seq,
			Time: time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "time"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()}
		b = m.encode()
		back, err := decodeMark(b)
		require.NoError(t, err)
		require.Equal(t, m, back)
		_, err = decodeMark(b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")])
		require.ErrorIs(t, err, errFrame)
		_, err = decodeMark(append(b, 0))
		require.ErrorIs(t, err, errFrame)
	})
}

func TestFramesOfANewerVersionAreRefusedAsSuch(t *testing.T) {
	t.Parallel()
	b := frame{seq: 1}.encode()
	b[0] = frameVersion + 1
	_, err := decodeFrame(b)
	require.ErrorIs(t, err, errNewer)
	_, err = decodeMark(b)
	require.ErrorIs(t, err, errNewer)
}

// FuzzFrame holds that no bytes break the reader.
func FuzzFrame(f *testing.F) {
	for _, s := range []string{goldenRow, goldenMark} {
		b, err := hex.DecodeString(s)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if row, err := decodeFrame(b); err == nil {
			again, err := decodeFrame(row.encode())
			require.NoError(t, err)
			require.Equal(t, row, again)
		}
		if m, err := decodeMark(b); err == nil {
			_, err := decodeMark(m.encode())
			require.NoError(t, err)
		}
	})
}

func TestLedgerIsTheSameWhateverTheWay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var by, at ledger
		seqs := map[string]projections.Seq{}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			key := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key")
			next := projections.Seq(rapid.Uint64Range(0, 5).Draw(t, "seq"))
			by.replace(key, seqs[key], next)
			seqs[key] = next
		}
		for key, seq := range seqs {
			at.replace(key, 0, seq)
		}
		require.Equal(t, at, by)
		key := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "changed")
		other := by
		other.replace(key, seqs[key], seqs[key]+1)
		require.NotEqual(t, at, other)
	})
}

// TestAnAnswerIsReadAsTheServerWritesIt compares the fast reading of acknowledgements with what servers send.
func TestAnAnswerOfAReplicatedServerIsAConflictToo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 5"},"stream":"KV_b","seq":0}`: true,
		`{"error":{"code":400,"err_code":10164,"description":"wrong last sequence"},"stream":"KV_b","seq":0}`:    true,
		`{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},"stream":"","seq":0}`:     false,
		`{"stream":"KV_b","seq":0}`: false,
		`{"stream":"KV_b"`:          false,
		``:                          false,
	} {
		ack := readAck(message(text))
		require.Error(t, ack.err, text)
		require.Equal(t, want, conflict(ack.err), text)
	}
	for text, want := range map[string]uint64{
		`{"stream":"KV_b","seq":7}`: 7, `{"stream":"KV_b", "seq": 8,"domain":"hub"}`: 8, `{"domain":"x","seq":9,"stream":"KV_b"}`: 9,
	} {
		require.Equal(t, acknowledgement{seq: want}, readAck(message(text)), text)
	}
}

func message(text string) *nats.Msg { return &nats.Msg{Data: []byte(text)} }
