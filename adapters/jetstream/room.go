package jetstream

import (
	"context"
	"errors"
	"fmt"
)

// Limit is something at which the log takes no more, in bytes.
type Limit struct {
	Name string // "stream"; the embedded server adds "server" and "disk"
	Left int64  // negative where the limit was lowered below what there is
	Size int64
}

// What must be left of a limit where nothing else is said: a gigabyte is about two million notifications, half a day at
// fifty a second. Of a small limit that would be all there is, so there it is a tenth.
const (
	DefaultReserve = 1 << 30
	reservePart    = 10
)

// ErrScarce says that a limit is near. Nothing has failed yet.
var ErrScarce = errors.New("the log is nearly full: make room, raise the limit or archive old records before it refuses notifications")

// Enough returns nil while every limit has more left than a reserve, in bytes; 0: DefaultReserve, but at most a tenth of
// the limit. The error is ErrScarce and tells the first limit that has less.
func Enough(reserve int64, limits ...Limit) error {
	for _, l := range limits {
		want := reserve
		if want == 0 {
			want = min(DefaultReserve, l.Size/reservePart)
		}
		if l.Left <= want {
			return fmt.Errorf("jetstream: %w (%s: %s of %s left, reserve %s)", ErrScarce, l.Name, mebibytes(l.Left), mebibytes(l.Size), mebibytes(want))
		}
	}
	return nil
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// Limits tells how much more the log's stream may hold; nothing where it has no limit of its own. What the server's disk
// or an account has left is not told to clients: for a server of one's own that is for its operator to watch. Errors:
// ErrAway.
func (l *Log) Limits(ctx context.Context) ([]Limit, error) {
	ctx, cancel, err := l.link.request(ctx, l.config.Timeout)
	if err != nil {
		return nil, err
	}
	defer cancel()
	info, err := l.info(ctx)
	if err != nil || info.Config.MaxBytes <= 0 {
		return nil, err
	}
	return []Limit{{Name: "stream", Left: info.Config.MaxBytes - int64(info.State.Bytes), Size: info.Config.MaxBytes}}, nil
}
