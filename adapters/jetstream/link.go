package jetstream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/hookfold/hookfold/projections"
)

// link ends every request that is under way when the connection is lost. The client library would let each wait for
// its time to run out, although the answer can no longer come.
type link struct {
	nc     *nats.Conn
	status chan nats.Status

	mu  sync.Mutex
	ctx context.Context // ends when the connection is lost
	cut context.CancelFunc
}

// newLink watches a connection until the link or the connection is closed.
func newLink(nc *nats.Conn) *link {
	k := &link{nc: nc, status: nc.StatusChanged(nats.RECONNECTING, nats.CLOSED)}
	k.ctx, k.cut = context.WithCancel(context.Background())
	go k.watch()
	return k
}

// watch cuts the link at every loss and begins a new one for the time after.
func (k *link) watch() {
	for status := range k.status {
		k.mu.Lock()
		k.cut()
		if status != nats.CLOSED {
			k.ctx, k.cut = context.WithCancel(context.Background())
		}
		k.mu.Unlock()
		if status == nats.CLOSED {
			return
		}
	}
}

// close ends the watch and every request, also those to come.
func (k *link) close() {
	k.nc.RemoveStatusListener(k.status)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cut()
}

// now is the context of the present connection.
func (k *link) now() context.Context {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ctx
}

// request bounds a request by its context, by a duration where that has no deadline, and by the life of the connection.
// It fails at once where there is no connection: the client library would keep the request until there is one, and
// nobody would know whether it is still wanted then.
func (k *link) request(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc, error) {
	present := k.now()
	if !k.nc.IsConnected() {
		return nil, nil, fmt.Errorf("jetstream: %w (connection %s)", projections.ErrAway, k.nc.Status())
	}
	ctx, end := bounded(ctx, d)
	ctx, lose := context.WithCancelCause(ctx)
	stop := context.AfterFunc(present, func() { lose(nats.ErrDisconnected) })
	return ctx, func() { stop(); lose(nil); end() }, nil
}

// bounded gives a context a deadline unless it has one.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}
