package projections

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookfold/hookfold/events"
)

// Seq is a log sequence: 1 for the first record, without gaps, and greater for every later record. In a log that somebody
// else fills, sequences only rise: it may begin anywhere, and others' messages stand between its records.
type Seq uint64

// Record is one event as the log keeps it.
type Record struct {
	Seq   Seq
	Time  time.Time // when the log stored it; zero where no log is involved
	Event events.Event
}

// Position is a place in a log with a fingerprint, so that a log that lost its tail or was made anew is noticed.
// The zero Position is the beginning of whatever log is there.
type Position struct {
	Stream  string    // name of the log
	Created time.Time // when the log was made
	Seq     Seq       // newest record that was read; 0: none
	Time    time.Time // when that record was stored
}

// Log is the one truth: every record in one order, never changed.
type Log interface {
	// Append stores events in their order and returns the sequence of the last one when all are durable. An event whose
	// identity the log still remembers is not stored again; its old sequence counts. Errors: ErrFull, ErrAway, and
	// ErrReadOnly always where somebody else fills the log.
	Append(ctx context.Context, es ...events.Event) (Seq, error)
	// Open reads every record after from. Errors: ErrRewound, ErrRecreated, ErrAway; it never skips.
	Open(ctx context.Context, from Position) (Cursor, error)
	// Head is the position of the newest record.
	Head(ctx context.Context) (Position, error)
}

// Cursor reads a log in order. One goroutine at a time may use it.
type Cursor interface {
	// Next waits for records and returns at least one, in order and without a hole, or an error: the context's, ErrHole
	// or ErrAway. How many at once is the log's choice, by count and age. The slice is valid until the next call.
	Next(ctx context.Context) ([]Record, error)
	// Position is the fingerprint of the last record that Next returned.
	Position() Position
	Close() error
}

// Finder is a Log that can be read from any record on, as it is for what stood still. Where a Log is none, it is read from
// its beginning.
type Finder interface {
	// Find is the position of a record. Errors: ErrHole where it is not there, ErrAway.
	Find(ctx context.Context, seq Seq) (Position, error)
}

// What can be wrong with a log. Every error of a Log wraps at most one of them.
var (
	// ErrFull says that the log takes no more; what was to be appended is not stored.
	ErrFull = errors.New("the log is full: raise its size limit or archive old records")
	// ErrAway says that the log cannot be reached; nothing is known of what was to be appended.
	ErrAway = errors.New("the log cannot be reached: check the server and try again")
	// ErrRewound says that the log no longer holds what was read before: it lost its tail.
	ErrRewound = errors.New("the log lost records that were read before: restore it, or forget the read models and fold them anew")
	// ErrRecreated says that the log was made anew under the same name, or is another one.
	ErrRecreated = errors.New("the log is not the one that was read before: name that one, or forget the read models and fold them anew")
	// ErrHole says that a record is missing in the middle of the log.
	ErrHole = errors.New("the log has a hole: a record is missing or damaged; restore it from a copy")
	// ErrReadOnly says that the log belongs to somebody else.
	ErrReadOnly = errors.New("the log is read-only: it is filled by somebody else")
)

// LagError says that a read model has not yet come as far as was asked.
type LagError struct{ Have, Want Seq }

// Error tells both sequences.
func (e *LagError) Error() string {
	return fmt.Sprintf("projections: applied up to sequence %d, asked for %d: try again later", e.Have, e.Want)
}
