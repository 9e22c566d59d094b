package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hookfold/hookfold/projections"
)

// Store is a projections.Store in PostgreSQL: one table for each read model. All methods are safe for all goroutines.
//
// A commit is one transaction: the checkpoint, by compare-and-set on sequence and epoch, and all rows, none of which goes
// back behind the sequence that is stored. Whatever dies, and whenever, a commit is there as a whole or not at all.
type Store struct {
	config Config
	pool   *pgxpool.Pool

	mu     sync.Mutex
	models map[string]projections.AnyModel
	tables map[string]table // that are known to stand, by model
}

var (
	_ projections.Store     = (*Store)(nil)
	_ projections.Publisher = (*Store)(nil)
)

// Open opens the store: it makes or migrates the schema and the tables of Config.Models where that is needed, under a lock,
// so that many processes may begin at once. With nothing to be made it only reads. Where a model's documents gained or
// lost a field since, every row is rendered anew, which takes a while. Errors: every problem of the configuration at once;
// ErrUnavailable, ErrRefused, ErrNewer.
func Open(ctx context.Context, c Config) (*Store, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Store{config: c, pool: c.Pool, models: map[string]projections.AnyModel{}, tables: map[string]table{}}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// connect makes the store's own pool. It does not connect yet.
func (s *Store) connect(ctx context.Context) error {
	if s.pool != nil {
		return nil
	}
	pool, err := pgxpool.ParseConfig(s.config.URL)
	if err != nil {
		return &Error{Doing: "reading the URL", Why: "it cannot be read as postgres://user:password@host/database", kinds: []error{ErrRefused}}
	}
	if s.config.Conns > 0 {
		pool.MaxConns = int32(s.config.Conns)
	}
	if c := pool.ConnConfig; c.ConnectTimeout == 0 || c.ConnectTimeout > s.config.Timeout {
		c.ConnectTimeout = s.config.Timeout // a server that hangs still takes connections
	}
	if pool.ConnConfig.RuntimeParams["application_name"] == "" {
		pool.ConnConfig.RuntimeParams["application_name"] = "hookfold"
	}
	s.pool, err = pgxpool.NewWithConfig(ctx, pool)
	return explain("opening a pool", err)
}

// begin makes what is missing.
func (s *Store) begin(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return err
	}
	for _, m := range s.config.Models {
		if err := s.Prepare(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// shown is the model that a table shows the documents of; nil where it shows none.
func (s *Store) shown(model string) projections.AnyModel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.models[model]
}

// Close closes the store's own pool; the caller's stays open. Calls under way end first.
func (s *Store) Close() {
	if s.config.Pool == nil {
		s.pool.Close()
	}
}

// Features declares what PostgreSQL promises.
func (s *Store) Features() projections.Features {
	return projections.Features{Durable: true, Sorted: true, Atomic: true, Indexed: true}
}

// bounded bounds a call.
func (s *Store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.config.Timeout)
}

// tell logs what was done to a table.
func (s *Store) tell(what string, t table, more ...any) {
	s.config.Logger.Info(what, append([]any{slog.String("table", s.config.Schema+"."+t.name)}, more...)...)
}

// Forget deletes all rows and checkpoints of models, named as their ID gives them; tables, views and rights stay. They are
// folded anew from the log, by projectors that begin afterwards; those at work are fenced. Errors: ErrUnavailable,
// ErrRefused.
func (s *Store) Forget(ctx context.Context, models ...string) error {
	for _, model := range models {
		if err := s.forget(ctx, model); err != nil {
			return explain("forgetting "+model, err)
		}
	}
	return nil
}

func (s *Store) forget(ctx context.Context, model string) error {
	t, stands, err := s.table(ctx, model)
	if err != nil {
		return err
	}
	return s.change(ctx, func(tx txn) error {
		// The checkpoints first, as a commit locks them first.
		if _, err := tx.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE model = $1", s.relation("_checkpoints")), asText(model)); err != nil || !stands {
			return err
		}
		_, err := tx.Exec(ctx, "TRUNCATE "+s.relation(t.name))
		return err
	})
}
