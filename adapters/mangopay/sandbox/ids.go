package sandbox

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"time"
)

// crockford is the alphabet of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ids makes identifiers in the provider's shapes: a prefix and a ULID, or a UUID. It is safe for concurrent use.
type ids struct {
	mu     sync.Mutex
	random io.Reader
	last   int64  // millisecond of the last ULID
	n      uint64 // ULIDs made
}

// bytes returns n random bytes. A source that ends is a mistake of whoever configured it.
func (i *ids) bytes(n int) []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.draw(n)
}

func (i *ids) draw(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(i.random, b); err != nil {
		panic(fmt.Errorf("sandbox: Config.Random ended: give a source without end: %w", err))
	}
	return b
}

// ulid is a prefix and 26 characters: the time in milliseconds, a number that rises with every id, and chance. So each is
// greater than the ones before it, as the provider's are.
func (i *ids) ulid(prefix string, at time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.n++
	i.last = max(i.last, at.UnixMilli())
	out := base32(nil, uint64(i.last), 10)
	out = base32(out, i.n, 6)
	out = base32(out, binary.BigEndian.Uint64(i.draw(8)), 10)
	return prefix + string(out)
}

// base32 appends the last n digits of a number.
func base32(to []byte, v uint64, n int) []byte {
	for shift := 5 * (n - 1); shift >= 0; shift -= 5 {
		to = append(to, crockford[v>>shift&31])
	}
	return to
}

// uuid is the shape of an error's Id.
func (i *ids) uuid() string {
	b := i.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// secret is what nobody guesses: an access token or the token of a hosted page.
func (i *ids) secret() string { return hex.EncodeToString(i.bytes(20)) }
