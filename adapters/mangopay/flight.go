package mangopay

import (
	"context"
	"sync"
)

// flights collapses equal questions: who asks what is being asked already waits for the same answer, good or bad. Unlike
// with golang.org/x/sync/singleflight a flight has no owner: it goes on while anybody waits for it, whoever leaves, and
// ends when nobody does.
type flights[T any] struct {
	mu      sync.Mutex
	running map[string]*flight[T]
}

func newFlights[T any]() *flights[T] { return &flights[T]{running: map[string]*flight[T]{}} }

// flight is one question and those who wait for its answer.
type flight[T any] struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{} // closed when got and err are set
	got     T
	err     error
}

// do returns what work finds, or what a flight of the same key finds that is already on its way.
func (f *flights[T]) do(ctx context.Context, key string, work func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	fl := f.join(ctx, key, work)
	select {
	case <-fl.done:
		return fl.got, fl.err
	case <-ctx.Done():
		f.leave(key, fl)
		return none, ctx.Err()
	}
}

func (f *flights[T]) join(ctx context.Context, key string, work func(context.Context) (T, error)) *flight[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl, on := f.running[key]
	if !on {
		loose, cancel := context.WithCancel(context.WithoutCancel(ctx))
		fl = &flight[T]{cancel: cancel, done: make(chan struct{})}
		f.running[key] = fl
		go func() {
			fl.got, fl.err = work(loose)
			f.land(key, fl)
		}()
	}
	fl.waiting++
	return fl
}

func (f *flights[T]) land(key string, fl *flight[T]) {
	f.forget(key, fl)
	fl.cancel()
	close(fl.done)
}

// leave takes a caller off. A flight that nobody waits for is cancelled, and nobody may join it any more.
func (f *flights[T]) leave(key string, fl *flight[T]) {
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

func (f *flights[T]) forget(key string, fl *flight[T]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.running[key] == fl {
		delete(f.running, key)
	}
}

// part lets nobody join what is on its way now, because something has been written since.
func (f *flights[T]) part() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.running)
}
