package jetstream

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// ErrClosed says that a cursor was closed.
var ErrClosed = errors.New("jetstream: the cursor is closed: open another one")

const (
	// promise is how long a cursor waits for a record of which the server said that it is there, before it asks for it.
	promise = 2 * time.Second
	// firstPause and longestPause bound the wait before a server that does not answer is asked again.
	firstPause   = 20 * time.Millisecond
	longestPause = 2 * time.Second
	// faultsInARow is how many consumers may fail one after the other without a record before the caller hears of it.
	faultsInARow = 5
)

// cursor reads the stream from a position on. It outlives its consumers: when one fails, the next is made where the
// cursor stands, after the position was verified. All of that happens on the goroutine that calls Next.
type cursor struct {
	log    *Log
	status chan nats.Status
	life   context.Context // ends with Close
	end    context.CancelFunc

	mu   sync.Mutex // held by Next, and by Close when Next has left
	at   *attachment
	rest []delivery // taken from the inbox, not yet returned
	room []delivery // of which rest is a part; given back to the inbox

	records []projections.Record // room for those that Next returns
	decoder events.Decoder

	want   projections.Seq
	more   bool  // the server says that a record follows
	doubt  bool  // the consumer may have lost messages: take what it delivered and make another one
	faults int   // consumers that failed soon, one after the other
	alone  bool  // read the next record by itself before the next consumer is made
	broken error // what is wrong with the log for good

	silent  bool     // the server promised a message of somebody else's stream and none came
	deleted []uint64 // sequences of that stream of which the server said that somebody deleted them, rising

	pos projections.Position
}

// Open reads every record after a position. The zero position is the first record. Errors: projections.ErrRewound,
// ErrRecreated, ErrHole where records after the position are gone, and ErrAway.
func (l *Log) Open(ctx context.Context, from projections.Position) (projections.Cursor, error) {
	c, err := l.open(ctx, from)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// open opens a cursor.
func (l *Log) open(ctx context.Context, from projections.Position) (*cursor, error) {
	life, end := context.WithCancel(context.Background())
	c := &cursor{log: l, life: life, end: end, pos: from, status: l.nc.StatusChanged(nats.CONNECTED, nats.CLOSED)}
	at, err := l.attach(ctx, from)
	if err != nil {
		end()
		l.nc.RemoveStatusListener(c.status)
		return nil, err
	}
	c.pos.Stream, c.pos.Created = l.config.Stream, at.created
	if l.foreign != nil {
		c.pos.Seq = max(c.pos.Seq, at.first-1)
	}
	c.use(at)
	return c, nil
}

// use goes on with a new consumer.
func (c *cursor) use(at *attachment) {
	c.at, c.doubt = at, false
	c.want, c.more = at.first, at.head >= at.first
}

// Position is the fingerprint of the last record that Next returned; before the first one, of the log itself.
func (c *cursor) Position() projections.Position { return c.pos }

// Close ends the cursor and a Next that waits, and leaves no goroutine and no consumer behind.
func (c *cursor) Close() error {
	c.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = ErrClosed
		c.log.nc.RemoveStatusListener(c.status)
	}
	c.drop()
	return nil
}

// drop gives the consumer up, with what it delivered.
func (c *cursor) drop() {
	if c.at != nil {
		c.at.detach()
		c.at, c.rest = nil, nil
	}
}
