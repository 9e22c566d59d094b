package postgres

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hookfold/hookfold/projections"
)

// Config says where and how read models are kept. URL or Pool is needed.
type Config struct {
	// URL of the database, as libpq reads it: postgres://user:password@host/database?sslmode=verify-full. The store opens a
	// pool of its own and closes it.
	URL string
	// Pool is the caller's own instead, and stays the caller's. It needs two connections for each Store at least.
	Pool *pgxpool.Pool
	// Schema holds everything of ours and nothing else. It is made where it is missing. "": hookfold.
	Schema string
	// Models are those whose documents and columns are shown. Other models are kept as well, without either. nil: none, as
	// is right for a process that reads by other means than SQL.
	Models []projections.AnyModel
	// Conns is how many connections the store's own pool opens at most. A projector uses one, each reader one while it
	// reads. 0: what the URL says (pool_max_conns), else 4 or the number of cores, whichever is more.
	Conns int
	// Timeout bounds every call to the database, on both sides: the server ends a statement that takes longer, and a
	// transaction whose worker says nothing for so long, which frees the slot for others. What makes or changes a table may
	// take longer, because a table that gains a column is written anew: Timeout bounds its waiting for connections and locks,
	// and for others who change the schema. 0: 30 seconds.
	Timeout time.Duration
	// Logger is told of tables that are made, changed or rendered anew. nil: nobody.
	Logger *slog.Logger
}

// The defaults of Config.
const (
	DefaultSchema  = "hookfold"
	DefaultTimeout = 30 * time.Second
)

// longestName is how many bytes PostgreSQL gives a name.
const longestName = 63

// withDefaults puts in what the zero values stand for.
func (c Config) withDefaults() Config {
	if c.Schema == "" {
		c.Schema = DefaultSchema
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// validate reports every problem of a configuration whose defaults are in.
func (c Config) validate() error {
	var problems []error
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf("postgres: "+format, args...))
		}
	}
	wrong((c.URL == "") == (c.Pool == nil), "give either a URL or a Pool")
	wrong(len(c.Schema) > longestName || strings.ContainsRune(c.Schema, 0), "Schema: give at most %d bytes, none of them zero", longestName)
	wrong(strings.HasPrefix(c.Schema, "pg_") || c.Schema == "information_schema", "Schema %q: the name belongs to PostgreSQL", c.Schema)
	wrong(c.Conns < 0, "Conns %d: give a number, or 0 for the default", c.Conns)
	wrong(c.Conns > 0 && c.Pool != nil, "Conns: set it on your Pool")
	wrong(c.Timeout < 0, "Timeout %s: give a positive duration", c.Timeout)
	seen := map[string]bool{}
	for i, m := range c.Models {
		if m == nil {
			wrong(true, "model %d is nil", i)
			continue
		}
		wrong(seen[m.ID()], "model %q is given twice", m.ID())
		seen[m.ID()] = true
	}
	return errors.Join(problems...)
}
