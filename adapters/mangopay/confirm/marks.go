package confirm

import (
	"context"
	"sync"

	"github.com/hookfold/hookfold/projections"
)

// MarksModel is the name under which [StoreMarks] keeps the mark in a store: that of a model without rows.
const MarksModel = "confirm-marks_v1"

// StoreMarks keeps the mark as a checkpoint in a store of read models, be it in KV, in memory or elsewhere. Loading takes
// over: whoever loaded before can save no more and gets projections.ErrFenced.
type StoreMarks struct {
	// Store keeps the mark.
	Store projections.Store
	// Slot tells the marks of several sources in one store apart.
	Slot int

	mu   sync.Mutex
	held projections.Checkpoint
}

// Load returns the mark and takes it over.
func (m *StoreMarks) Load(ctx context.Context) (projections.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, err := m.Store.Checkpoint(ctx, MarksModel, m.Slot)
	if err != nil {
		return projections.Position{}, err
	}
	return from.Position, m.commit(ctx, from, projections.Checkpoint{Position: from.Position, Epoch: from.Epoch + 1})
}

// Save keeps a mark.
func (m *StoreMarks) Save(ctx context.Context, p projections.Position) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.commit(ctx, m.held, projections.Checkpoint{Position: p, Epoch: m.held.Epoch})
}

func (m *StoreMarks) commit(ctx context.Context, from, to projections.Checkpoint) error {
	err := m.Store.Commit(ctx, projections.Commit{Model: MarksModel, Slot: m.Slot, From: from, To: to})
	if err == nil {
		m.held = to
	}
	return err
}
