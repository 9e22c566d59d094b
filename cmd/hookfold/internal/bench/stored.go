package bench

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// stored is a stream with a database beside it.
type stored struct {
	*stream
	*database // nil without one
}

// openStored fills a stream of the length that these tables have, and prepares the database, if there is one.
func openStored(ctx context.Context, c Config) (*stored, error) {
	c.Events, c.Resources = c.Stored, c.storedUsers()
	on, err := openStream(ctx, c, workload{users: c.Resources, origin: events.Import})
	if err != nil {
		return nil, err
	}
	s := &stored{stream: on}
	if c.Postgres == "" {
		return s, nil
	}
	if s.database, err = openDatabase(ctx, c.Postgres); err != nil {
		return nil, errors.Join(err, on.close())
	}
	return s, nil
}

// close stops the stream's server and leaves the database as it was.
func (s *stored) close() error {
	err := s.stream.close()
	if s.database != nil {
		err = errors.Join(err, s.database.close())
	}
	return err
}

// postgres folds the stream into tables, as the server does.
func (s *stored) postgres(ctx context.Context) (lap, error) {
	log, done, err := s.log(ctx, s.batch)
	if err != nil {
		return lap{}, err
	}
	defer done()
	return s.intoTables(ctx, log, s.events, s.want)
}

// each folds the beginning of the stream with a transaction for every event.
func (s *stored) each(ctx context.Context) (lap, error) {
	n := min(s.events, eachEvents)
	want, err := projections.Documents(views.All(), s.records(n), projections.AsOf{})
	if err != nil {
		return lap{}, err
	}
	log, done, err := s.log(ctx, s.batch)
	if err != nil {
		return lap{}, err
	}
	defer done()
	l, err := s.intoTables(ctx, singly{log, n}, n, want)
	if err == nil && l.rows != n {
		err = fmt.Errorf("%d events made %d rows: more than one came at once", n, l.rows)
	}
	return l, err
}

// intoTables folds a log of n events into empty tables, proves what others read there, and empties them again.
func (s *stored) intoTables(ctx context.Context, log projections.Log, n int, want []projections.Document) (lap, error) {
	if err := s.rest(ctx); err != nil {
		return lap{}, err
	}
	l, err := s.projectTo(ctx, log, s.store, n, want)
	if err == nil {
		err = s.shows(ctx, s.named("users"), want)
	}
	return l, errors.Join(err, s.store.Forget(ctx, modelIDs()...))
}

// modelIDs names the read models.
func modelIDs() (ids []string) {
	for _, m := range views.All() {
		ids = append(ids, m.ID())
	}
	return ids
}

// shows proves that a relation shows as many documents as the fold, and compares a thousand of them, spread over all.
func (d *database) shows(ctx context.Context, relation string, want []projections.Document) error {
	var ids, texts []string
	for i := 0; i < len(want); i += max(len(want)/1000, 1) {
		ids, texts = append(ids, want[i].Ref.ID), append(texts, string(want[i].JSON))
	}
	var rows, equal int
	ask := fmt.Sprintf(`SELECT (SELECT count(*) FROM %[1]s), (SELECT count(*) FROM %[1]s AS t
		JOIN unnest($1::text[], $2::text[]) AS v (id, document) ON t.id = v.id AND t.document = v.document::jsonb)`, relation)
	if err := d.pool.QueryRow(ctx, ask, ids, texts).Scan(&rows, &equal); err != nil {
		return err
	}
	if rows != len(want) || equal != len(ids) {
		return fmt.Errorf("%s shows %d documents, the fold has %d; %d of %d are equal", relation, rows, len(want), equal, len(ids))
	}
	return nil
}
