package projections

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/hookfold/hookfold/events"
)

// MemoryStore is a Store in memory. Its rows go with the process; a projector refolds them from the log.
type MemoryStore struct {
	mu          sync.RWMutex
	rows        map[string]map[events.Ref]Row // by model
	checkpoints map[lane]Checkpoint
}

// NewMemoryStore makes an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{rows: map[string]map[events.Ref]Row{}, checkpoints: map[lane]Checkpoint{}}
}

// Load returns the rows that exist.
func (s *MemoryStore) Load(_ context.Context, model string, refs []events.Ref) ([]Row, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []Row
	for _, ref := range refs {
		if row, ok := s.rows[model][ref]; ok {
			out = append(out, row)
		}
	}
	return out, nil
}

// Commit stores rows and checkpoint at one instant.
func (s *MemoryStore) Commit(_ context.Context, c Commit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := lane{c.Model, c.Slot}
	if have := s.checkpoints[l]; have.Position.Seq != c.From.Position.Seq || have.Epoch != c.From.Epoch || c.To.Epoch < have.Epoch {
		return fmt.Errorf("%w (%s slot %d stands at %d, not %d)", ErrFenced, c.Model, c.Slot, have.Position.Seq, c.From.Position.Seq)
	}
	rows := s.rows[c.Model]
	if rows == nil {
		rows = map[events.Ref]Row{}
		s.rows[c.Model] = rows
	}
	for _, row := range c.Rows {
		rows[row.Ref] = row
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

// List returns a page of rows, sorted by source, kind and id.
func (s *MemoryStore) List(_ context.Context, q Query) (Page, error) {
	after, err := readCursor(q.Cursor)
	if err != nil {
		return Page{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []Row
	for ref, row := range s.rows[q.Model] {
		wanted := q.Index == "" || row.Index[q.Index] == q.Value && q.Value != ""
		if wanted && (q.Cursor == "" || compareRefs(ref, after) > 0) {
			found = append(found, row)
		}
	}
	slices.SortFunc(found, func(a, b Row) int { return compareRefs(a.Ref, b.Ref) })
	limit := q.Limit
	if limit <= 0 {
		limit = 100
	}
	if len(found) <= limit {
		return Page{Rows: found}, nil
	}
	return Page{Rows: found[:limit], Next: writeCursor(found[limit-1].Ref)}, nil
}

// Features declares what memory promises.
func (s *MemoryStore) Features() Features {
	return Features{Sorted: true, Atomic: true, Indexed: true, Lends: true}
}

func compareRefs(a, b events.Ref) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
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
