package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/projections"
)

// Commit stores rows and checkpoint in one transaction if the stored checkpoint is c.From. Errors: projections.ErrFenced,
// and nothing was changed; ErrUnavailable, after which it may be stored, as a whole, or not: begin again from the store;
// ErrRefused, ErrNewer.
func (s *Store) Commit(ctx context.Context, c projections.Commit) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	doing := "committing to " + c.Model
	if c.To.Epoch < c.From.Epoch {
		return fenced(c)
	}
	t, err := s.writable(ctx, c.Model, len(c.Rows))
	if err != nil {
		return explain(doing, err)
	}
	w, err := s.render(t, c.Rows) // outside the transaction, which is to be short
	if err != nil {
		return err
	}
	if err := s.transact(ctx, t, &c, w); err != nil {
		s.doubt(t, err)
		return explain(doing, err)
	}
	for i := range c.Rows {
		c.Rows[i].Revision = revisionOf(c.Rows[i].Seq)
	}
	return nil
}

// transact writes rows, and moves the checkpoint if there is one, in one transaction. Where the database takes one of the
// documents for none, it is done again without that document.
func (s *Store) transact(ctx context.Context, t table, c *projections.Commit, w *writing) error {
	once := func() error {
		return pgx.BeginFunc(ctx, s.pool, func(tx txn) error {
			if err := s.enter(ctx, tx, t, c); err != nil {
				return err
			}
			return s.write(ctx, tx, t, w)
		})
	}
	err := once()
	if !ofValues(err) {
		return err
	}
	if sifted, unsifted := s.sift(ctx, w, 0, len(w.ids)); sifted == 0 || unsifted != nil {
		return errors.Join(unsifted, err)
	}
	return once()
}

// revisionOf is the note on a row. The row's sequence says all: a row is always written whole, and never over a newer one.
func revisionOf(seq projections.Seq) projections.Revision {
	return projections.Revision{Number: uint64(seq), Seq: seq}
}

func fenced(c projections.Commit) error {
	return fmt.Errorf("postgres: %s slot %d does not stand at %d in epoch %d: %w", c.Model, c.Slot, c.From.Position.Seq, c.From.Epoch, projections.ErrFenced)
}

// enter begins a transaction that writes rows: it bounds it on the server's side, holds the table as it is, and moves the
// checkpoint, which keeps others of the same slot waiting until the transaction ends. All that goes out at once.
//
// The lock on the table is one that all commits hold together; only a change of its columns waits for it, and is waited
// for. So a program whose documents are older than the columns is seen, and cannot leave a column empty.
func (s *Store) enter(ctx context.Context, tx txn, t table, c *projections.Commit) error {
	var b pgx.Batch
	limit := fmt.Sprint(s.config.Timeout.Milliseconds())
	b.Queue("SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $1, true)", limit)
	if t.name != "" {
		b.Queue(fmt.Sprintf("LOCK TABLE %s IN ROW EXCLUSIVE MODE", s.relation(t.name)))
		b.Queue(fmt.Sprintf("SELECT blank FROM %s WHERE model = $1", s.relation("_models")), asText(t.model))
	}
	if c != nil {
		if err := s.queueCheckpoint(&b, c); err != nil {
			return err
		}
	}
	results := tx.SendBatch(ctx, &b)
	err := s.entered(results, t, c)
	if closed := results.Close(); err == nil {
		err = closed
	}
	return err
}

// entered reads what the database answered.
func (s *Store) entered(results pgx.BatchResults, t table, c *projections.Commit) error {
	if _, err := results.Exec(); err != nil {
		return err
	}
	if t.name != "" {
		if err := unchanged(results, t); err != nil {
			return err
		}
	}
	if c == nil {
		return nil
	}
	moved, err := results.Exec()
	if err == nil && moved.RowsAffected() == 0 {
		err = fenced(*c)
	}
	return err
}

// unchanged reads that the table is locked and as this program knows it.
func unchanged(results pgx.BatchResults, t table) error {
	if _, err := results.Exec(); err != nil {
		return err
	}
	var blank string
	err := results.QueryRow().Scan(&blank)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("postgres: the table of %s is not ours any more: %w", t.model, ErrRefused)
	case err != nil:
		return err
	case blank != t.blank:
		return fmt.Errorf("postgres: the documents of %s have other fields than the table, which a restart of this program changes back: %w", t.model, ErrNewer)
	}
	return nil
}

// queueCheckpoint moves the checkpoint by compare-and-set. Only where nothing was ever committed may it be made.
func (s *Store) queueCheckpoint(b *pgx.Batch, c *projections.Commit) error {
	from, to := c.From, c.To
	if to.Epoch > math.MaxInt64 || to.Position.Seq > math.MaxInt64 || c.Slot > math.MaxInt32 || c.Slot < 0 {
		return fmt.Errorf("postgres: a checkpoint of %s is too great to be stored: %w", c.Model, ErrRefused)
	}
	args := []any{asText(c.Model), c.Slot, int64(to.Epoch), asText(to.Position.Stream), asTime(to.Position.Created), int64(to.Position.Seq), asTime(to.Position.Time)}
	at := s.relation("_checkpoints")
	if from.Position.Seq == 0 && from.Epoch == 0 {
		b.Queue(fmt.Sprintf(`INSERT INTO %s AS c (model, slot, epoch, stream, created, seq, time) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (model, slot) DO UPDATE SET epoch = $3, stream = $4, created = $5, seq = $6, time = $7 WHERE c.epoch = 0 AND c.seq = 0`, at), args...)
		return nil
	}
	b.Queue(fmt.Sprintf(`UPDATE %s SET epoch = $3, stream = $4, created = $5, seq = $6, time = $7
		WHERE model = $1 AND slot = $2 AND epoch = $8 AND seq = $9`, at), append(args, int64(from.Epoch), int64(from.Position.Seq))...)
	return nil
}

// Checkpoint returns where a slot stands; the zero value if it never began. Errors: ErrUnavailable, ErrRefused.
func (s *Store) Checkpoint(ctx context.Context, model string, slot int) (projections.Checkpoint, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	var epoch, seq int64
	var stream, created, stored string
	ask := fmt.Sprintf("SELECT epoch, stream, created, seq, time FROM %s WHERE model = $1 AND slot = $2", s.relation("_checkpoints"))
	err := s.pool.QueryRow(ctx, ask, asText(model), slot).Scan(&epoch, &stream, &created, &seq, &stored)
	if errors.Is(err, pgx.ErrNoRows) {
		return projections.Checkpoint{}, nil
	}
	if err != nil {
		return projections.Checkpoint{}, explain("reading a checkpoint of "+model, err)
	}
	c := projections.Checkpoint{Epoch: uint64(epoch), Position: projections.Position{Seq: projections.Seq(seq)}}
	var bad [3]error
	c.Position.Stream, bad[0] = fromText(stream)
	c.Position.Created, bad[1] = fromTime(created)
	c.Position.Time, bad[2] = fromTime(stored)
	if err := errors.Join(bad[:]...); err != nil {
		return projections.Checkpoint{}, fmt.Errorf("postgres: the checkpoint of %s cannot be read, forget the model and fold it anew: %w", model, ErrRefused)
	}
	return c, nil
}

// asTime and fromTime keep a time to the nanosecond, which PostgreSQL's own type does not.
func asTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func fromTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, s)
}
