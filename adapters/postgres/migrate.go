package postgres

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// migrations are the steps of the schema, each a file that begins with its number. A step that was released is never
// changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// txn is a transaction.
type txn = pgx.Tx

// steps are the texts of the migrations, in order: the n-th leads to version n.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var out []string
	for i, name := range names {
		if !strings.HasPrefix(name, fmt.Sprintf("migrations/%04d_", i+1)) {
			return nil, fmt.Errorf("postgres: migration %d is missing before %s", i+1, name)
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	return out, nil
}

// migrate brings the schema to the newest version, all at once or not at all.
func (s *Store) migrate(ctx context.Context) error {
	all, err := steps()
	if err != nil {
		return err
	}
	at, err := s.version(ctx, s.pool)
	if missing(err) {
		at, err = 0, nil
	}
	if err != nil {
		return explain("reading the schema's version", err)
	}
	if at < len(all) {
		err = s.change(ctx, func(tx txn) error { at, err = s.upgrade(ctx, tx, all); return err })
	}
	if err == nil && at > len(all) {
		return fmt.Errorf("postgres: schema %s has version %d, this program knows %d: %w", quoted(s.config.Schema), at, len(all), ErrNewer)
	}
	return explain("migrating the schema", err)
}

// missing tells that a relation, or the whole schema, is not there.
func missing(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == codeNoTable || e.Code == "3F000")
}

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (s *Store) version(ctx context.Context, q querier) (version int, err error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	err = q.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM "+s.relation("_migrations")).Scan(&version)
	return version, err
}

// change runs a transaction that only one process at a time may run in this schema. It takes as long as it takes: a table
// that gains a column is written anew. For its turn, and for a table or view that others read, it waits only a moment at a
// time, since all who want to read after it wait behind it; then it lets them pass and tries again, as long as one call may
// take.
func (s *Store) change(ctx context.Context, do func(txn) error) error {
	for began := time.Now(); ; {
		err := s.changeOnce(ctx, do)
		if !locked(err) || time.Since(began) > s.config.Timeout-2*lockWait {
			return err
		}
		select {
		case <-time.After(lockWait):
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		}
	}
}

// lockWait is how long a change lets others pass before it tries again. It waits for its turn, and for those who use a table or
// view, so much longer than PostgreSQL takes until it ends an autovacuum that is in the way (deadlock_timeout).
const lockWait = time.Second

// locked tells that somebody held a table or view for too long.
func locked(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == codeLockTimeout
}

func (s *Store) changeOnce(ctx context.Context, do func(txn) error) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return pgx.BeginFunc(ctx, conn, func(tx txn) error {
		if err := s.turn(ctx, tx); err != nil {
			return err
		}
		return do(tx)
	})
}

// acquire takes a connection, for which it waits as long as one call may take.
func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	return s.pool.Acquire(ctx)
}

// turn waits a moment until no other process changes the schema.
func (s *Store) turn(ctx context.Context, tx txn) error {
	const wait = `SELECT set_config('lock_timeout',
		((extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::bigint + $1::bigint)::text, true)`
	if _, err := tx.Exec(ctx, wait, lockWait.Milliseconds()); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte("hookfold schema " + s.config.Schema))
	_, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(binary.BigEndian.Uint64(sum[:])))
	return err
}

// upgrade takes the steps that are missing and tells where it came.
func (s *Store) upgrade(ctx context.Context, tx txn, all []string) (at int, err error) {
	if err := s.found(ctx, tx); err != nil {
		return 0, err
	}
	if at, err = s.version(ctx, tx); err != nil {
		return 0, err
	}
	for ; at < len(all); at++ {
		if _, err := tx.Exec(ctx, strings.ReplaceAll(all[at], "{schema}", quoted(s.config.Schema))); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (version) VALUES ($1)", s.relation("_migrations")), at+1); err != nil {
			return 0, err
		}
		s.config.Logger.Info("the schema was migrated", "schema", s.config.Schema, "version", at+1)
	}
	return at, nil
}

// found makes the schema and the table of its versions where they are missing. Who may not make a schema may use one.
func (s *Store) found(ctx context.Context, tx txn) error {
	var stands bool
	var encoding string
	const ask = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1), current_setting('server_encoding')"
	if err := tx.QueryRow(ctx, ask, s.config.Schema).Scan(&stands, &encoding); err != nil {
		return err
	}
	if encoding != "UTF8" {
		return &Error{Doing: "migrating the schema", Why: "the database's encoding is not UTF8: make one with it", kinds: []error{ErrRefused}}
	}
	if !stands {
		if _, err := tx.Exec(ctx, "CREATE SCHEMA "+quoted(s.config.Schema)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())", s.relation("_migrations")))
	return err
}
