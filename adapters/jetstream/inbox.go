package jetstream

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// delivery is one message with what the server says of it.
type delivery struct {
	msg      jetstream.Msg
	seq      uint64 // in the stream
	consumer uint64 // in what the consumer sent
	more     uint64 // how many records of the stream follow
	time     time.Time
}

// inbox is the bounded hand-over from the client library's goroutine to the reader's.
type inbox struct {
	mu    sync.Mutex
	queue []delivery
	limit int
	ripe  bool // the batch is full, or nothing follows

	arrived chan struct{} // the queue is no longer empty, or has become ripe
	room    chan struct{} // the queue was taken
	closed  chan struct{}
	once    sync.Once
}

func newInbox(limit int) *inbox {
	return &inbox{
		limit:   limit,
		arrived: make(chan struct{}, 1),
		room:    make(chan struct{}, 1),
		closed:  make(chan struct{}),
	}
}

// put hands a message over. It waits while the inbox is full and open: so the server is not asked for more.
func (b *inbox) put(m jetstream.Msg) {
	d, err := deliveryOf(m)
	if err != nil {
		return // not from a stream; a record that is missing for it would be noticed
	}
	for !b.offer(d) {
		select {
		case <-b.room:
		case <-b.closed:
			return
		}
	}
}

// offer appends a message if there is room.
func (b *inbox) offer(d delivery) bool {
	b.mu.Lock()
	n := len(b.queue)
	if n >= b.limit {
		b.mu.Unlock()
		return false
	}
	b.queue = append(b.queue, d)
	ripe := n+1 == b.limit || d.more == 0
	tell := n == 0 || ripe && !b.ripe
	b.ripe = b.ripe || ripe
	b.mu.Unlock()
	if tell {
		signal(b.arrived)
	}
	return true
}

// state tells whether something is there, and whether waiting longer would bring nothing.
func (b *inbox) state() (some, ripe bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.queue) > 0, b.ripe
}

// take returns what is there and goes on with an empty queue in the given room.
func (b *inbox) take(spare []delivery) []delivery {
	b.mu.Lock()
	taken := b.queue
	b.queue, b.ripe = spare[:0], false
	b.mu.Unlock()
	signal(b.room)
	return taken
}

// close lets every put return.
func (b *inbox) close() { b.once.Do(func() { close(b.closed) }) }

// signal leaves one token in a channel of capacity 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
