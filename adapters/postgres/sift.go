package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// ofValues tells the errors that come of a value and not of the database: those of SQLSTATE's classes data exception and
// program limit.
func ofValues(err error) bool {
	var server *pgconn.PgError
	if !errors.As(err, &server) || len(server.Code) < 2 {
		return false
	}
	class := server.Code[:2]
	return class == "22" || class == "54"
}

// sift leaves out the documents among the rows [from, to) that the database takes for none, such as one with a number of a
// million digits or one that is nested too deeply: valid JSON all of it. Only their resources suffer (law 11). It tells how
// many they were. The whole is asked for at once, and halved as long as something is wrong with it.
func (s *Store) sift(ctx context.Context, w *writing, from, to int) (sifted int, err error) {
	if from == to {
		return 0, nil
	}
	_, err = s.pool.Exec(ctx, "SELECT count(document::jsonb) FROM unnest($1::text[]) AS v (document)", w.documents[from:to])
	switch {
	case !ofValues(err):
		return 0, err
	case to-from == 1:
		why := notRendered
		w.documents[from], w.parked[from] = nil, &why
		return 1, nil
	}
	half := from + (to-from)/2
	first, err := s.sift(ctx, w, from, half)
	if err != nil {
		return first, err
	}
	second, err := s.sift(ctx, w, half, to)
	return first + second, err
}
