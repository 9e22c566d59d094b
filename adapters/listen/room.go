package listen

import (
	"container/list"
	"net"
	"sync"
	"time"
)

// room is a listener that bounds how many connections there are.
type room struct {
	net.Listener
	most  int
	dress func(*conn) net.Conn // puts TLS over a connection; nil: it stays plain
	told  func(status int)     // hears of refusals

	patience time.Duration // with whoever was refused and is still writing

	mu      sync.Mutex
	freed   *sync.Cond // a connection has ended, or waits
	open    int
	waiting *list.List // connections without a request under way; whoever waits longest is first
	closed  bool
}

func newRoom(l net.Listener, c Config) *room {
	r := &room{Listener: l, most: c.MaxConns, told: c.Refused, patience: c.ReadTimeout, waiting: list.New()}
	r.freed = sync.NewCond(&r.mu)
	return r
}

// Accept returns the next connection when there is a place for it.
func (r *room) Accept() (net.Conn, error) {
	raw, err := r.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw, raw: raw, room: r}
	if !r.enter(c) {
		_ = raw.Close() // nobody serves it any more
		return nil, net.ErrClosed
	}
	if r.dress != nil {
		return r.dress(c), nil
	}
	return c, nil
}

// Close ends also an Accept that waits for a place.
func (r *room) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.freed.Broadcast()
	return r.Listener.Close()
}

// enter gives a place to a connection: a free one, that of whoever waits longest, or the first whose request is answered.
func (r *room) enter(c *conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.open >= r.most && !r.closed {
		if first := r.waiting.Front(); first != nil {
			out := first.Value.(*conn)
			r.remove(out)
			_ = out.raw.Close() // whoever serves it will see
			continue
		}
		r.freed.Wait()
	}
	if r.closed {
		return false
	}
	r.open++
	c.place = r.waiting.PushBack(c)
	return true
}

// begin notes that a request is under way: from here on, what is written is the handler's.
func (r *room) begin(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.answering.Store(true)
	r.stand(c)
}

// rest notes that there is no request under way.
func (r *room) rest(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.answering.Store(false)
	c.lined.Store(false)
	if !c.gone {
		c.place = r.waiting.PushBack(c)
		r.freed.Signal()
	}
}

// leave gives a place back.
func (r *room) leave(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(c)
	r.freed.Signal()
}

// remove takes a connection off the count, once.
func (r *room) remove(c *conn) {
	if c.gone {
		return
	}
	c.gone = true
	r.open--
	r.stand(c)
}

// stand takes a connection out of those that wait.
func (r *room) stand(c *conn) {
	if c.place != nil {
		r.waiting.Remove(c.place)
		c.place = nil
	}
}
