package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// tables is the store in PostgreSQL. A database that cannot be reached is no reason to refuse notifications, also not at
// the start: until it is there, every call tells why it is not, and what is kept is folded later.
type tables struct {
	connect func(context.Context) (*postgres.Store, error)
	logger  *slog.Logger
	store   atomic.Pointer[postgres.Store] // nil: not open yet
	trouble trouble                        // why not
	opened  chan struct{}                  // closed when it is open
}

var (
	_ projections.Store     = (*tables)(nil)
	_ projections.Publisher = (*tables)(nil)
	_ projections.Forgetter = (*tables)(nil)
)

// errOpening says that the database has not answered yet.
var errOpening = errors.New("the database has not answered yet")

const (
	// atStart is how long the start waits for a database, so that what is wrong for good ends it with its reason.
	atStart = 5 * time.Second
	// between is how long it is waited between attempts to open it.
	between = 2 * time.Second
)

// openTables makes the first attempt. What is not there now may be there later; what the database refuses is told at once.
func openTables(ctx context.Context, logger *slog.Logger, connect func(context.Context) (*postgres.Store, error)) (*tables, error) {
	t := &tables{connect: connect, logger: logger, opened: make(chan struct{})}
	t.trouble.set(errOpening)
	first, cancel := context.WithTimeout(ctx, atStart)
	defer cancel()
	err := t.try(first)
	if err != nil && (ctx.Err() != nil || !errors.Is(err, postgres.ErrUnavailable)) {
		return nil, err
	}
	return t, nil
}

// try opens the store.
func (t *tables) try(ctx context.Context) error {
	store, err := t.connect(ctx)
	t.trouble.set(err)
	if err != nil {
		return err
	}
	t.store.Store(store)
	close(t.opened)
	return nil
}

// await waits until the store is open or the context ends.
func (t *tables) await(ctx context.Context) {
	if t == nil {
		return
	}
	select {
	case <-t.opened:
	case <-ctx.Done():
	}
}

// open tries until the store is open or the context ends.
func (t *tables) open(ctx context.Context) {
	if t == nil || t.store.Load() != nil {
		return
	}
	t.logger.Warn("notifications are kept and not folded yet", "error", t.trouble.get())
	often := time.NewTicker(between)
	defer often.Stop()
	for said := time.Now(); ; {
		select {
		case <-often.C:
		case <-ctx.Done():
			return
		}
		err := t.try(ctx)
		if err == nil {
			t.logger.Info("the database is open")
			return
		}
		if now := time.Now(); now.Sub(said) > 30*time.Second {
			said = now
			t.logger.Warn("notifications are kept and not folded yet", "error", err)
		}
	}
}

// away tells why the store is not open; nil where it is, or is another one.
func (t *tables) away() error {
	if t == nil {
		return nil
	}
	_, err := t.ready()
	return err
}

// ready is the store, or why it is not open.
func (t *tables) ready() (*postgres.Store, error) {
	if store := t.store.Load(); store != nil {
		return store, nil
	}
	if err := t.trouble.get(); err != nil {
		return nil, err
	}
	return nil, errOpening // between two calls it was opened
}

func (t *tables) close() {
	if store := t.store.Load(); store != nil {
		store.Close()
	}
}

// Features are the same whether it is open or not.
func (t *tables) Features() projections.Features { return (*postgres.Store)(nil).Features() }

// Load is the store's.
func (t *tables) Load(ctx context.Context, model string, refs []events.Ref) ([]projections.Row, error) {
	store, err := t.ready()
	if err != nil {
		return nil, err
	}
	return store.Load(ctx, model, refs)
}

// Commit is the store's.
func (t *tables) Commit(ctx context.Context, c projections.Commit) error {
	store, err := t.ready()
	if err != nil {
		return err
	}
	return store.Commit(ctx, c)
}

// Checkpoint is the store's.
func (t *tables) Checkpoint(ctx context.Context, model string, slot int) (projections.Checkpoint, error) {
	store, err := t.ready()
	if err != nil {
		return projections.Checkpoint{}, err
	}
	return store.Checkpoint(ctx, model, slot)
}

// List is the store's.
func (t *tables) List(ctx context.Context, q projections.Query) (projections.Page, error) {
	store, err := t.ready()
	if err != nil {
		return projections.Page{}, err
	}
	return store.List(ctx, q)
}

// Forget is the store's.
func (t *tables) Forget(ctx context.Context, models ...string) error {
	store, err := t.ready()
	if err != nil {
		return err
	}
	return store.Forget(ctx, models...)
}

// Prepare is the store's.
func (t *tables) Prepare(ctx context.Context, m projections.AnyModel) error {
	store, err := t.ready()
	if err != nil {
		return err
	}
	return store.Prepare(ctx, m)
}

// Publish is the store's.
func (t *tables) Publish(ctx context.Context, m projections.AnyModel) error {
	store, err := t.ready()
	if err != nil {
		return err
	}
	return store.Publish(ctx, m)
}

// Published is the store's.
func (t *tables) Published(ctx context.Context, m projections.AnyModel) (string, error) {
	store, err := t.ready()
	if err != nil {
		return "", err
	}
	return store.Published(ctx, m)
}
