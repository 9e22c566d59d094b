package mangopay

import (
	"context"
	"sync"
)

// flights collapses equal reads: who asks what is being asked already waits for the same answer. Unlike with
// golang.org/x/sync/singleflight a flight has no owner: it goes on while anybody waits for it, whoever leaves, and ends
// when nobody does.
type flights struct {
	mu      sync.Mutex
	running map[string]*flight
}

// flight is one read and those who wait for it.
type flight struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{} // closed when got and err are set
	got     reply
	err     error
}

// do returns what work finds, or what a flight of the same key finds that is already on its way.
func (f *flights) do(ctx context.Context, key string, work func(context.Context) (reply, error)) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	fl := f.join(ctx, key, work)
	select {
	case <-fl.done:
		return fl.got, fl.err
	case <-ctx.Done():
		f.leave(key, fl)
		return reply{}, ctx.Err()
	}
}

func (f *flights) join(ctx context.Context, key string, work func(context.Context) (reply, error)) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl, on := f.running[key]
	if !on {
		loose, cancel := context.WithCancel(context.WithoutCancel(ctx))
		fl = &flight{cancel: cancel, done: make(chan struct{})}
		f.running[key] = fl
		go func() {
			fl.got, fl.err = work(loose)
			f.land(key, fl)
		}()
	}
	fl.waiting++
	return fl
}

func (f *flights) land(key string, fl *flight) {
	f.forget(key, fl)
	fl.cancel()
	close(fl.done)
}

// leave takes a caller off. A flight that nobody waits for is cancelled, and nobody may join it any more.
func (f *flights) leave(key string, fl *flight) {
	f.mu.Lock()
	fl.waiting--
	left := fl.waiting == 0
	if left && f.running[key] == fl {
		delete(f.running, key)
	}
	f.mu.Unlock()
	if left {
		fl.cancel()
	}
}

func (f *flights) forget(key string, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running[key] == fl {
		delete(f.running, key)
	}
}

// part lets nobody join what is on its way now, because something has been written since.
func (f *flights) part() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.running)
}
