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

	mu     sync.Mutex
	losses uint64          // how often the connection was lost, as far as we heard
	ctx    context.Context // of the connection between two losses
	cut    context.CancelFunc
	epoch  uint64 // how many losses came before ctx
	closed bool
}

// newLink watches a connection until the link or the connection is closed.
func newLink(nc *nats.Conn) *link {
	k := &link{nc: nc, status: nc.StatusChanged(nats.RECONNECTING, nats.CLOSED), losses: nc.Stats().Reconnects}
	k.begin(k.losses)
	go k.watch()
	return k
}

// begin cuts what was and begins the time after so many losses.
func (k *link) begin(epoch uint64) {
	if k.closed {
		return
	}
	if k.cut != nil {
		k.cut()
	}
	k.ctx, k.cut = context.WithCancel(context.Background())
	k.epoch = epoch
}

// watch cuts the link at every loss.
func (k *link) watch() {
	for status := range k.status {
		if status == nats.CLOSED {
			break
		}
		k.mu.Lock()
		if k.losses++; k.losses > k.epoch {
			k.begin(k.losses)
		}
		k.mu.Unlock()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.cut()
}

// close ends the watch and every request, also those to come.
func (k *link) close() {
	k.nc.RemoveStatusListener(k.status)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.cut()
}

// now is the context of the present connection. After a reconnect it is a new one even when the watch has yet to hear
// of the loss, which must not end what began after it.
func (k *link) now() context.Context {
	reconnects := k.nc.Stats().Reconnects
	k.mu.Lock()
	defer k.mu.Unlock()
	if reconnects > k.epoch {
		k.begin(reconnects)
	}
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
	if present.Err() != nil { // asked at once: AfterFunc below would tell a goroutine, which the request can outrun
		return nil, nil, fmt.Errorf("jetstream: %w (the log was closed)", projections.ErrAway)
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
