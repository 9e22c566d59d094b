package jetstream

import (
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// stampOf reads what the server says of a message. The client library would split the reply subject into texts; the
// cursor needs four numbers of it.
func stampOf(m jetstream.Msg) (stamp, error) {
	if d, ok := readReply(m.Reply()); ok {
		return d, nil
	}
	meta, err := m.Metadata()
	if err != nil {
		return stamp{}, err
	}
	return stamp{
		seq: meta.Sequence.Stream, consumer: meta.Sequence.Consumer, more: meta.NumPending, time: meta.Timestamp,
	}, nil
}

// replyPrefix begins the reply subject of a message from a stream:
//
//	$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>
//	$JS.ACK.<domain>.<account hash>.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>[.…]
const replyPrefix = "$JS.ACK."

// readReply reads a reply subject of either form; false where it is of neither, or has a number that is none.
func readReply(reply string) (d stamp, ok bool) {
	rest, ok := strings.CutPrefix(reply, replyPrefix)
	if !ok {
		return stamp{}, false
	}
	skip := 3 // stream, consumer and how often it was delivered
	switch n := strings.Count(rest, ".") + 1; {
	case n >= 9:
		skip += 2
	case n != 7:
		return stamp{}, false
	}
	for range skip {
		_, rest, _ = strings.Cut(rest, ".")
	}
	var nanos uint64
	for _, into := range [...]*uint64{&d.seq, &d.consumer, &nanos, &d.more} {
		token, after, _ := strings.Cut(rest, ".")
		if *into, ok = readNumber(token); !ok {
			return stamp{}, false
		}
		rest = after
	}
	d.time = time.Unix(0, int64(nanos))
	return d, true
}

// readNumber reads decimal digits, of which 18 are enough for every sequence there will be; a time has 19.
func readNumber(s string) (n uint64, ok bool) {
	if s == "" || len(s) > 19 {
		return 0, false
	}
	for i := range len(s) {
		digit := s[i] - '0'
		if digit > 9 {
			return 0, false
		}
		n = 10*n + uint64(digit)
	}
	return n, true
}
