package jetstream

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// courier carries answers back: one subscription for all requests of a store, each with a reply subject of its own. The
// answers to one request are handed over in their order, all on one goroutine.
type courier struct {
	prefix string
	sub    *nats.Subscription

	mu    sync.Mutex
	last  uint64
	calls map[uint64]func(rest string, m *nats.Msg)
}

func newCourier(nc *nats.Conn) (*courier, error) {
	c := &courier{prefix: nc.NewInbox() + ".", calls: map[uint64]func(string, *nats.Msg){}}
	sub, err := nc.Subscribe(c.prefix+">", c.deliver)
	if err != nil {
		return nil, err
	}
	c.sub = sub
	return c, sub.SetPendingLimits(-1, -1) // what may come is bounded by what was asked for
}

// open returns a reply subject whose answers go to take, until done is called. A sender may add a dot and a token of its
// own, which take then gets.
func (c *courier) open(take func(rest string, m *nats.Msg)) (reply string, done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	id := c.last
	c.calls[id] = take
	return c.prefix + strconv.FormatUint(id, 10), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.calls, id)
	}
}

// deliver finds out for whom an answer is.
func (c *courier) deliver(m *nats.Msg) {
	name, rest, _ := strings.Cut(m.Subject[min(len(c.prefix), len(m.Subject)):], ".")
	id, err := strconv.ParseUint(name, 10, 64)
	if err != nil {
		return
	}
	c.mu.Lock()
	take := c.calls[id]
	c.mu.Unlock()
	if take != nil {
		take(rest, m)
	}
}

// close ends the subscription.
func (c *courier) close() error {
	if !c.sub.IsValid() {
		return nil // the connection was closed before
	}
	if err := c.sub.Unsubscribe(); err != nil {
		return fmt.Errorf("jetstream: ending a subscription: %w", err)
	}
	return nil
}
