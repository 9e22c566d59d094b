package jetstream

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// delivery is what one message holds, and what the server says of it. The message itself, with all of its headers, is not
// kept: thousands of them would wait here, and the garbage collector would look through them again and again.
type delivery struct {
	stamp
	event events.Event
	err   error // why the event cannot be read
}

// stamp is what the server says of a message.
type stamp struct {
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
	read  func(jetstream.Msg, projections.Record) (events.Event, error)
	ripe  bool // the batch is full, or nothing follows

	arrived chan struct{} // the queue is no longer empty, or has become ripe
	room    chan struct{} // the queue was taken
	closed  chan struct{}
	once    sync.Once
}

func newInbox(limit int, read func(jetstream.Msg, projections.Record) (events.Event, error)) *inbox {
	return &inbox{
		limit:   limit,
		read:    read,
		arrived: make(chan struct{}, 1),
		room:    make(chan struct{}, 1),
		closed:  make(chan struct{}),
	}
}

// put hands a message over. It waits while the inbox is full and open: so the server is not asked for more.
func (b *inbox) put(m jetstream.Msg) {
	said, err := stampOf(m)
	if err != nil {
		return // not from a stream; a record that is missing for it would be noticed
	}
	d := delivery{stamp: said}
	d.event, d.err = b.read(m, projections.Record{Seq: projections.Seq(d.seq), Time: d.time.UTC()})
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
