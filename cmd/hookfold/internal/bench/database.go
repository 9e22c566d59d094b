package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hookfold/hookfold/adapters/postgres"
	"github.com/hookfold/hookfold/projections/views"
)

// database is a PostgreSQL with a schema for our store, and another one for a table that pgx alone writes.
type database struct {
	pool   *pgxpool.Pool
	schema string
	store  *postgres.Store
	table  string // the other table, quoted; it has the columns and indexes of the store's own
}

// ErrDatabase is wrapped by the error of a Run that cannot use the database that it was given.
var ErrDatabase = errors.New("bench: the database cannot be used")

// longestCleaning bounds how long the schemas may take to go.
const longestCleaning = time.Minute

// openDatabase makes both schemas, under names that nobody else has.
func openDatabase(ctx context.Context, url string) (*database, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, explain(err)
	}
	d := &database{pool: pool, schema: "hookfold_bench_" + strings.ToLower(rand.Text()[:12])}
	if err := d.prepare(ctx, url); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *database) prepare(ctx context.Context, url string) (err error) {
	d.store, err = postgres.Open(ctx, postgres.Config{URL: url, Schema: d.schema, Models: views.All()})
	if err != nil {
		return err
	}
	var name string
	ask := "SELECT table_name FROM " + d.named("_models") + " WHERE model = $1"
	if err := d.pool.QueryRow(ctx, ask, views.Users.ID()).Scan(&name); err != nil {
		return err
	}
	d.table = pgx.Identifier{d.alone(), "users"}.Sanitize()
	_, err = d.pool.Exec(ctx, fmt.Sprintf("CREATE SCHEMA %s; CREATE TABLE %s (LIKE %s INCLUDING ALL)",
		pgx.Identifier{d.alone()}.Sanitize(), d.table, d.named(name)))
	return err
}

// named is the quoted name of something in the store's schema.
func (d *database) named(relation string) string {
	return pgx.Identifier{d.schema, relation}.Sanitize()
}

// alone is the schema without anything of ours.
func (d *database) alone() string { return d.schema + "_plain" }

// rest has the server write what is left of the laps before, so that it is not paid for by the next one. A server that does
// not let this user ask for it is measured as it is.
func (d *database) rest(ctx context.Context) error {
	_, err := d.pool.Exec(ctx, "CHECKPOINT")
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		return nil
	}
	return err
}

// close removes both schemas.
func (d *database) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), longestCleaning)
	defer cancel()
	if d.store != nil {
		d.store.Close()
	}
	var errs []error
	for _, schema := range []string{d.schema, d.alone()} {
		_, err := d.pool.Exec(ctx, fmt.Sprintf("DROP SCHEMA IF EXISTS %s CASCADE", pgx.Identifier{schema}.Sanitize()))
		errs = append(errs, err)
	}
	d.pool.Close()
	return errors.Join(errs...)
}

// describe says what a database is and whether it syncs, and proves that it can be reached before minutes are spent.
func describe(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", explain(err)
	}
	var version, sync, commit string
	err = conn.QueryRow(ctx, "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')").
		Scan(&version, &sync, &commit)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return "", explain(err)
	}
	version, _, _ = strings.Cut(version, " ")
	return fmt.Sprintf("PostgreSQL %s, fsync %s, synchronous_commit %s", version, sync, commit), nil
}

// explain says why a database cannot be used, without its address.
func explain(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return fmt.Errorf("%w: it refuses with SQLSTATE %s: give one where you may log in and make schemas", ErrDatabase, said.Code)
	}
	return fmt.Errorf("%w: give the URL of one that answers, as postgres://user@host/database", ErrDatabase)
}
