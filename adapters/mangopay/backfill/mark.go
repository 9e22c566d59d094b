package backfill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"github.com/hookfold/hookfold/events"
	provider "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// Mark says how far one event type is in: what the provider lists from Since to UpTo is in the log, and nothing of that time
// is expected to be listed any more. All times are Unix seconds.
type Mark struct {
	Since int64 // where the run began that came this far
	UpTo  int64
	Goal  int64 // where a run under way leads; 0: none is
}

// Marks keep a Mark for each type of one source. A run saves one when what is before it is durable.
type Marks interface {
	// Load returns the mark of a type; the zero Mark where there is none.
	Load(ctx context.Context, t events.Type) (Mark, error)
	// Save keeps the mark of a type.
	Save(ctx context.Context, t events.Type, m Mark) error
}

// start is from where a run reads a type, for a demand for everything since a time (0: on from the mark). A demand that an
// interrupted run has partly met is gone on with. None leaves out what lies between the mark and the demand, because the
// mark is about to pass it.
func (m Mark) start(since, margin int64) int64 {
	underWay := m.Goal != 0 && m.Since <= since
	if m != (Mark{}) && (since == 0 || underWay || m.UpTo < since) {
		return m.UpTo
	}
	return since - margin
}

// MemoryMarks keep marks for as long as the process lives. The zero value is ready.
type MemoryMarks struct {
	mu    sync.Mutex
	marks map[events.Type]Mark
}

// Load returns the mark of a type.
func (s *MemoryMarks) Load(_ context.Context, t events.Type) (Mark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marks[t], nil
}

// Save keeps the mark of a type.
func (s *MemoryMarks) Save(_ context.Context, t events.Type, m Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.marks == nil {
		s.marks = map[events.Type]Mark{}
	}
	s.marks[t] = m
	return nil
}

// StoreMarks keep marks where the read models are kept, so that both are there or gone together. A mark is the checkpoint
// of a slot of its own: Position.Time is UpTo, Created is Since, Stream is Goal, and Seq counts how often it was saved.
type StoreMarks struct {
	// Store keeps the marks.
	Store projections.Store
	// Source is that of the Backfill: each has marks of its own. Default "mangopay".
	Source string
}

// Model is the name under which the marks stand in the store: that of a model without rows.
func (s StoreMarks) Model() string {
	return "backfill-" + events.Token(cmp.Or(s.Source, provider.Source)) + "_v1"
}

// slot gives a type its place.
func slot(t events.Type) int {
	h := fnv.New32a()
	h.Write([]byte(t))
	return int(h.Sum32() >> 1)
}

// Load returns the mark of a type. Errors: the store's.
func (s StoreMarks) Load(ctx context.Context, t events.Type) (Mark, error) {
	c, err := s.Store.Checkpoint(ctx, s.Model(), slot(t))
	if err != nil {
		return Mark{}, fmt.Errorf("backfill: reading how far %s is in: %w", t, err)
	}
	if c.Position.Seq == 0 {
		return Mark{}, nil
	}
	goal, err := strconv.ParseInt(c.Position.Stream, 10, 64)
	if err != nil {
		return Mark{}, fmt.Errorf("backfill: the mark of %s cannot be read: give the time from which to fill in", t)
	}
	return Mark{Since: c.Position.Created.Unix(), UpTo: c.Position.Time.Unix(), Goal: goal}, nil
}

// Save keeps the mark of a type. Two runs may save one at a time: the last one stands, and both are true. Errors: the
// store's.
func (s StoreMarks) Save(ctx context.Context, t events.Type, m Mark) error {
	for {
		err := s.save(ctx, t, m)
		if err == nil || !errors.Is(err, projections.ErrFenced) || ctx.Err() != nil {
			return err
		}
	}
}

func (s StoreMarks) save(ctx context.Context, t events.Type, m Mark) error {
	was, err := s.Store.Checkpoint(ctx, s.Model(), slot(t))
	if err != nil {
		return fmt.Errorf("backfill: noting how far %s is in: %w", t, err)
	}
	err = s.Store.Commit(ctx, projections.Commit{Model: s.Model(), Slot: slot(t), From: was, To: projections.Checkpoint{
		Epoch: was.Epoch,
		Position: projections.Position{
			Seq: was.Position.Seq + 1, Stream: strconv.FormatInt(m.Goal, 10), Created: time.Unix(m.Since, 0), Time: time.Unix(m.UpTo, 0),
		},
	}})
	if err != nil {
		return fmt.Errorf("backfill: noting how far %s is in: %w", t, err)
	}
	return nil
}
