package sender

import (
	"sync/atomic"
	"time"
)

// crockford is the alphabet of ULIDs.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ids makes identifiers of the time and a number.
func ids(now func() time.Time) func(string) string {
	var last atomic.Uint64
	return func(prefix string) string {
		var b [26]byte
		rest := last.Add(1)
		for i := 25; i >= 10; i-- {
			b[i], rest = crockford[rest%32], rest/32
		}
		rest = uint64(max(now().UnixMilli(), 0))
		for i := 9; i >= 0; i-- {
			b[i], rest = crockford[rest%32], rest/32
		}
		return prefix + string(b[:])
	}
}
