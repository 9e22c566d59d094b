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

// Prepare makes a model's table and view, or brings them up to its documents, as Open does for Config.Models. The model may
// go by the name of a side of another one, as projections.Generations fold it anew: the view shows it from Publish on. Errors:
// ErrUnavailable, ErrRefused, ErrNewer.
func (s *Store) Prepare(ctx context.Context, m projections.AnyModel) error {
	s.mu.Lock()
	s.models[m.ID()] = m
	s.mu.Unlock()
	return s.prepare(ctx, m)
}

func (s *Store) prepare(ctx context.Context, m projections.AnyModel) error {
	of := projections.NewRenderer(m)
	blank, columns, err := shape(of)
	if err != nil {
		return err
	}
	doing := "preparing the table of " + m.ID()
	t, rendered, err := s.look(ctx, s.pool, m.ID())
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return explain(doing, err)
	}
	if err != nil || t.blank != blank {
		err = s.change(ctx, func(tx txn) error {
			if t, err = s.make(ctx, tx, m.ID(), of); err != nil {
				return err
			}
			if t.blank != blank {
				if err := s.reshape(ctx, tx, t, of, columns); err != nil {
					return err
				}
				t.blank = blank
			}
			return s.show(ctx, tx, m, t, columns, false)
		})
		if err != nil {
			return explain(doing, err)
		}
		if t, rendered, err = s.look(ctx, s.pool, m.ID()); err != nil {
			return explain(doing, err)
		}
	}
	s.remember(t)
	if rendered != t.blank {
		return s.Render(ctx, m.ID())
	}
	return nil
}

// reshape gives a table the columns that it lacks. It waits for commits under way; those of programs with other documents
// are refused from then on.
func (s *Store) reshape(ctx context.Context, tx txn, t table, of *projections.Renderer, columns []column) error {
	if _, err := tx.Exec(ctx, fmt.Sprintf("LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", s.relation(t.name))); err != nil {
		return err
	}
	have, err := s.columnsOf(ctx, tx, t.name)
	if err != nil {
		return err
	}
	var lacking []column
	for _, c := range columns {
		switch kind := have.kind(c.name); kind {
		case c.kind:
		case "":
			lacking = append(lacking, c)
		default:
			return fmt.Errorf("postgres: column %s of %s is %s and is to be %s: raise the model's Version: %w", quoted(c.name), t.name, kind, c.kind, ErrRefused)
		}
	}
	if ddl := s.adding(t, of, lacking); len(ddl) > 0 {
		if _, err := tx.Exec(ctx, strings.Join(ddl, ";\n")); err != nil {
			return err
		}
	}
	blank, _, err := shape(of)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET blank = $2 WHERE model = $1", s.relation("_models")), asText(t.model), blank)
	if err == nil {
		s.tell("a table was changed", t, "columns_added", len(lacking))
	}
	return err
}

// Render renders the documents of all rows of a model anew, page by page, while others write and read. It is needed where
// the code of Model.Document changed and its fields did not; Open sees when the fields did. Errors: ErrUnavailable,
// ErrRefused, ErrNewer.
func (s *Store) Render(ctx context.Context, model string) error {
	t, stands, err := s.table(ctx, model)
	if err != nil || !stands {
		return explain("rendering "+model, err)
	}
	rows := 0
	for q := (projections.Query{Model: model, Limit: 1000}); ; {
		page, err := s.List(ctx, q)
		if err != nil {
			return err
		}
		page.Rows = slices.DeleteFunc(page.Rows, func(row projections.Row) bool { return !readable(row) }) // they stand still
		if err := s.rewrite(ctx, t, page.Rows); err != nil {
			return err
		}
		rows += len(page.Rows)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	_, err = s.pool.Exec(ctx, fmt.Sprintf("UPDATE %s SET rendered = blank WHERE model = $1 AND blank = $2", s.relation("_models")), asText(model), t.blank)
	s.tell("documents were rendered anew", t, "rows", rows)
	return explain("rendering "+model, err)
}

// rewrite writes rows as they are. One that somebody wrote meanwhile is newer, and stays.
func (s *Store) rewrite(ctx context.Context, t table, rows []projections.Row) error {
	if len(rows) == 0 {
		return nil
	}
	w, err := s.render(t, rows)
	if err != nil {
		return err
	}
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	return explain("rendering "+t.model, s.transact(ctx, t, nil, w))
}
