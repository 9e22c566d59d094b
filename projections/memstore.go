package projections

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"sync"

	"github.com/hookfold/hookfold/events"
)

// MemoryStore is a Store in memory. Its rows go with the process; a projector refolds them from the log.
type MemoryStore struct {
	mu          sync.RWMutex
	rows        map[string]*shelf // by model
	checkpoints map[lane]Checkpoint
	lists       lists
}

// NewMemoryStore makes an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{rows: map[string]*shelf{}, checkpoints: map[lane]Checkpoint{}, lists: newLists()}
}

// Load returns the rows that exist.
func (s *MemoryStore) Load(_ context.Context, model string, refs []events.Ref) ([]Row, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.rows[model].rows(refs), nil
}

// Commit stores rows and checkpoint at one instant.
func (s *MemoryStore) Commit(_ context.Context, c Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := lane{c.Model, c.Slot}
	if have := s.checkpoints[l]; have.Position.Seq != c.From.Position.Seq || have.Epoch != c.From.Epoch || c.To.Epoch < have.Epoch {
		return fmt.Errorf("%w (%s slot %d stands at %d, not %d)", ErrFenced, c.Model, c.Slot, have.Position.Seq, c.From.Position.Seq)
	}
	if s.rows[c.Model] == nil {
		s.rows[c.Model] = &shelf{}
	}
	for i := range c.Rows {
		row := &c.Rows[i]
		was, had := s.rows[c.Model].put(row)
		s.lists.put(c.Model, row.Ref, was, row.Index, had)
	}
	s.checkpoints[l] = c.To
	return nil
}

// Checkpoint returns where a slot stands.
func (s *MemoryStore) Checkpoint(_ context.Context, model string, slot int) (Checkpoint, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.checkpoints[lane{model, slot}], nil
}

// List returns a page of rows, sorted by source, kind and id. The first list of a model, and the first by a secondary key,
// sorts all of its rows; a page after that costs what it holds.
func (s *MemoryStore) List(_ context.Context, q Query) (Page, error) {
	after, err := readCursor(q.Cursor)
	if err != nil {
		return Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 100
	}
	s.mu.RLock()
	for !s.lists.has(q) {
		s.mu.RUnlock()
		s.sort(q)
		s.mu.RLock()
	}
	defer s.mu.RUnlock()
	return s.page(q, after), nil
}

// sort makes the list of a question, unless somebody else just did.
func (s *MemoryStore) sort(q Query) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lists.has(q) {
		s.lists.make(q, s.rows[q.Model])
	}
}

// page cuts a page out of a list.
func (s *MemoryStore) page(q Query, after events.Ref) Page {
	list := s.lists.of(q)
	if list == nil {
		return Page{}
	}
	limit := min(q.Limit, s.rows[q.Model].len())
	found := list.after(after, limit+1)
	var p Page
	if len(found) > limit {
		found = found[:limit]
		p.Next = writeCursor(found[limit-1])
	}
	p.Rows = s.rows[q.Model].rows(found)
	return p
}

// Forget deletes all rows and checkpoints of models, named as their ID gives them. They are folded anew from the log.
func (s *MemoryStore) Forget(_ context.Context, models ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, model := range models {
		delete(s.rows, model)
		s.lists.forget(model)
		maps.DeleteFunc(s.checkpoints, func(l lane, _ Checkpoint) bool { return l.model == model })
	}
	return nil
}

// Features declares what memory promises.
func (s *MemoryStore) Features() Features {
	return Features{Sorted: true, Atomic: true, Indexed: true, Lends: true}
}

// writeCursor and readCursor name the last row of a page.
func writeCursor(ref events.Ref) string {
	b, _ := json.Marshal(ref) // strings always render
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCursor(cursor string) (events.Ref, error) {
	var ref events.Ref
	if cursor == "" {
		return ref, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &ref) != nil || writeCursor(ref) != cursor {
		return events.Ref{}, ErrCursor
	}
	return ref, nil
}
