package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/projections"
)

// typed are the columns of a table or view with their types, in order.
type typed [][2]string

// kind is the type of a column; "" where it is not there.
func (t typed) kind(name string) string {
	for _, c := range t {
		if c[0] == name {
			return c[1]
		}
	}
	return ""
}

// columnsOf asks for the columns of a table or view; none where it is not there.
func (s *Store) columnsOf(ctx context.Context, tx txn, name string) (typed, error) {
	const ask = `SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`
	rows, err := tx.Query(ctx, ask, s.config.Schema, name)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (c [2]string, err error) {
		err = r.Scan(&c[0], &c[1])
		return c, err
	})
}

// Publish makes the view of a model's name show this version of it, at one instant and for good, where another version was
// shown before. Open does it only where the view shows no other version. Rights on the view, and views that others built
// on it, stay: columns that the version does not have are NULL. Errors: ErrUnavailable, ErrRefused.
func (s *Store) Publish(ctx context.Context, m projections.AnyModel) error {
	t, stands, err := s.table(ctx, m.ID())
	if err == nil && (!stands || t.blank == "") {
		return fmt.Errorf("postgres: %s has no table with documents: name the model in Config.Models first: %w", m.ID(), ErrRefused)
	}
	if err != nil {
		return explain("publishing "+m.ID(), err)
	}
	_, columns, err := shape(projections.NewRenderer(m))
	if err != nil {
		return err
	}
	return explain("publishing "+m.ID(), s.change(ctx, func(tx txn) error { return s.show(ctx, tx, m, t, columns, true) }))
}

// Published tells which version the view of a model's name shows, as its ID gave it to Publish; "" where there is no view.
// Errors: ErrUnavailable, ErrRefused.
func (s *Store) Published(ctx context.Context, m projections.AnyModel) (string, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	shown, err := s.published(ctx, s.pool, plainName(m.Plural()))
	return shown, explain("asking what is shown of "+m.Plural(), err)
}

func (s *Store) published(ctx context.Context, q querier, view string) (shown string, err error) {
	err = q.QueryRow(ctx, fmt.Sprintf("SELECT model FROM %s WHERE view_name = $1", s.relation("_views")), view).Scan(&shown)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return fromText(shown)
}

// show makes the view of a model. One that shows another version is only changed where that is wanted.
func (s *Store) show(ctx context.Context, tx txn, m projections.AnyModel, t table, columns []column, flip bool) error {
	view := plainName(m.Plural())
	shown, err := s.published(ctx, tx, view)
	if err != nil {
		return err
	}
	if shown != "" && shown != t.model && !flip {
		return nil
	}
	have, err := s.columnsOf(ctx, tx, view)
	if err != nil {
		return err
	}
	sql := fmt.Sprintf("CREATE OR REPLACE VIEW %s AS SELECT %s FROM %s WHERE kind = %s AND (document IS NOT NULL OR parked IS NOT NULL)",
		s.relation(view), strings.Join(listed(have, columns), ", "), s.relation(t.name), literal(asPart(m.Singular())))
	if _, err := tx.Exec(ctx, sql); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s VALUES ($1, $2) ON CONFLICT (view_name) DO UPDATE SET model = excluded.model", s.relation("_views")), view, asText(t.model))
	return err
}

// listed are the columns of a view: those that it has, in their order, because PostgreSQL does not let them go, and then
// the new ones.
func listed(have typed, columns []column) []string {
	names := []string{"source", "kind", "id"}
	for _, c := range columns {
		names = append(names, c.name)
	}
	names = append(names, "seq", "parked", "document")
	var out []string
	for _, c := range have {
		name := quoted(c[0])
		if !slices.Contains(names, c[0]) {
			name = fmt.Sprintf("NULL::%s AS %s", c[1], name)
		}
		out = append(out, name)
	}
	for _, name := range names {
		if have.kind(name) == "" {
			out = append(out, quoted(name))
		}
	}
	return out
}
