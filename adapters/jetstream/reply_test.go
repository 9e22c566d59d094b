package jetstream

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

// replies are reply subjects of both forms with numbers and names of any kind.
func replies() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		head := rapid.SampledFrom([]string{"$JS.ACK", "$JS.ACK", "$JS.ACK", "$JS.NAK", "_INBOX"}).Draw(t, "head")
		names := rapid.IntRange(1, 5).Draw(t, "names")
		parts := []string{head}
		for range names {
			parts = append(parts, rapid.StringMatching(`[A-Za-z0-9_$]{1,8}`).Draw(t, "name"))
		}
		for range rapid.SampledFrom([]int{5, 5, 5, 4, 6}).Draw(t, "numbers") {
			parts = append(parts, rapid.StringMatching(`[1-9][0-9]{0,18}`).Draw(t, "number"))
		}
		return strings.Join(parts, ".")
	})
}

// The client library reads more of a reply than is needed, and slowly; what both read is the same.
func TestReadReply_ReadsWhatTheClientLibraryReads(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		reply := replies().Draw(t, "reply")
		got, ok := readReply(reply)
		sub := &nats.Subscription{}
		meta, err := (&nats.Msg{Reply: reply, Sub: sub}).Metadata()
		if !ok || err != nil {
			if ok {
				t.Fatalf("%q is read, and the client library says: %v", reply, err)
			}
			return
		}
		want := stamp{seq: meta.Sequence.Stream, consumer: meta.Sequence.Consumer, more: meta.NumPending, time: meta.Timestamp}
		if got != want {
			t.Fatalf("%q: want %+v, got %+v", reply, want, got)
		}
	})
}

func TestReadReply_BothFormsAndNothingElse(t *testing.T) {
	t.Parallel()
	want := stamp{seq: 12, consumer: 34, more: 56, time: time.Unix(1_743_600_000, 7)}
	numbers := fmt.Sprintf("1.12.34.%d.56", want.time.UnixNano())
	for _, reply := range []string{
		"$JS.ACK.S.C." + numbers, "$JS.ACK.hub.hash.S.C." + numbers, "$JS.ACK._.hash.S.C." + numbers + ".token", "$JS.ACK._.hash.S.C." + numbers + ".token.more",
	} {
		got, ok := readReply(reply)
		assert.True(t, ok, reply)
		assert.Equal(t, want, got, reply)
	}
	for _, reply := range []string{
		"", "$JS.ACK", "$JS.ACK.", "$JS.ACK.S.C." + numbers + ".one more", "$JS.ACK.C." + numbers, "_INBOX.S.C." + numbers,
		"$JS.ACK.S.C.1.12.34.x.56", "$JS.ACK.S.C.1..34.5.56", "$JS.ACK.S.C.1.-12.34.5.56", "$JS.ACK.S.C.1.12345678901234567890.34.5.56",
	} {
		_, ok := readReply(reply)
		assert.False(t, ok, reply)
	}
}

func TestReadReply_AllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	reply := "$JS.ACK.HOOKFOLD.OrderedConsumer.1.123456.123456.1743600000000000000.7"
	assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = readReply(reply) }))
}
