package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/projections"
)

// table is where a read model stands.
type table struct {
	model string
	name  string
	// blank is the document of an unknown resource by which the columns were made; "" where they were not. Two programs
	// whose documents differ in their fields cannot both write: see commit.
	blank string
}

// base is what every table has.
const base = `source text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, ` +
	`seq bigint NOT NULL, parked text, document jsonb, fold_state bytea NOT NULL, fold_index jsonb`

// table finds where a read model stands.
func (s *Store) table(ctx context.Context, model string) (t table, stands bool, err error) {
	s.mu.Lock()
	t, stands = s.tables[model]
	s.mu.Unlock()
	if stands {
		return t, true, nil
	}
	t, _, err = s.look(ctx, s.pool, model)
	if errors.Is(err, pgx.ErrNoRows) {
		return table{}, false, nil
	}
	if err == nil {
		s.remember(t)
	}
	return t, err == nil, err
}

// look asks the database.
func (s *Store) look(ctx context.Context, q querier, model string) (t table, rendered string, err error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	t.model = model
	ask := fmt.Sprintf("SELECT table_name, blank, rendered FROM %s WHERE model = $1", s.relation("_models"))
	err = q.QueryRow(ctx, ask, asText(model)).Scan(&t.name, &t.blank, &rendered)
	return t, rendered, err
}

func (s *Store) remember(t table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[t.model] = t
}

// doubt forgets what is known of a table that an error says is not there.
func (s *Store) doubt(t table, err error) {
	if missing(err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.tables, t.model)
	}
}

// writable is the table of a read model for a commit of rows, which is made where it is missing. A checkpoint alone, such as
// the pointer to a live side, needs none: the table then has no name.
func (s *Store) writable(ctx context.Context, model string, rows int) (table, error) {
	t, stands, err := s.table(ctx, model)
	if err == nil && !stands && rows == 0 {
		return table{model: model}, nil
	}
	if err == nil && !stands {
		err = s.change(ctx, func(tx txn) error { t, err = s.make(ctx, tx, model, nil); return err })
		if err == nil {
			s.remember(t)
		}
	}
	if err == nil && t.blank != "" && s.shown(model) == nil {
		return t, fmt.Errorf("postgres: the table of %s shows documents, and this store cannot render them: name the model in Config.Models: %w", model, ErrRefused)
	}
	return t, err
}

// make makes a table, unless somebody else just did.
func (s *Store) make(ctx context.Context, tx txn, model string, of *projections.Renderer) (table, error) {
	t, _, err := s.look(ctx, tx, model)
	if !errors.Is(err, pgx.ErrNoRows) {
		return t, err
	}
	t = table{model: model, name: plainName(model)}
	var columns []column
	if of != nil {
		if t.blank, columns, err = shape(of); err != nil {
			return t, err
		}
	}
	ddl := []string{fmt.Sprintf("CREATE TABLE %s (%s, PRIMARY KEY (source, kind, id)) WITH (fillfactor = 80)", s.relation(t.name), base)}
	ddl = append(ddl, fmt.Sprintf("CREATE INDEX ON %s USING gin (fold_index jsonb_path_ops) WHERE fold_index IS NOT NULL", s.relation(t.name)))
	ddl = append(ddl, s.adding(t, of, columns)...)
	if _, err := tx.Exec(ctx, strings.Join(ddl, ";\n")); err != nil {
		return t, err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (model, table_name, blank, rendered) VALUES ($1, $2, $3, $3)", s.relation("_models")), asText(model), t.name, t.blank)
	if err == nil {
		s.tell("a table was made", t, "columns", len(columns))
	}
	return t, err
}

// shape is the document of an unknown resource, and the columns that follow from it.
func shape(of *projections.Renderer) (blank string, columns []column, err error) {
	doc, err := of.Blank()
	if err != nil {
		return "", nil, err
	}
	columns, err = columnsOf(doc)
	return asText(string(doc)), columns, err
}

// adding adds columns to a table, and an index on each that shows a secondary key, by which services join.
func (s *Store) adding(t table, of *projections.Renderer, columns []column) (ddl []string) {
	for _, c := range columns {
		ddl = append(ddl, fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", s.relation(t.name), c.definition()))
		if c.kind == "text" && of.KeyOf(c.field()) != "" {
			ddl = append(ddl, fmt.Sprintf("CREATE INDEX ON %s USING hash (%s) WHERE %s IS NOT NULL", s.relation(t.name), quoted(c.name), quoted(c.name)))
		}
	}
	return ddl
}
