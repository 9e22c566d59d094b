package confirm

import (
	"cmp"
	"context"
	"sync"

	"github.com/hookfold/hookfold/events"
	provider "github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
)

// StoreMarks keeps the mark as a checkpoint in a store of read models, be it in KV, in memory or elsewhere. Loading takes
// over: whoever loaded before can save no more and gets projections.ErrFenced.
type StoreMarks struct {
	// Store keeps the mark.
	Store projections.Store
	// Source is that of the Confirmer: each has a mark of its own. Default "mangopay".
	Source string

	mu   sync.Mutex
	held projections.Checkpoint
}

// Model is the name under which the mark stands in the store: that of a model without rows.
func (m *StoreMarks) Model() string {
	return "confirm-" + events.Token(cmp.Or(m.Source, provider.Source)) + "_v1"
}

// Load returns the mark and takes it over.
func (m *StoreMarks) Load(ctx context.Context) (projections.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, err := m.Store.Checkpoint(ctx, m.Model(), 0)
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
	err := m.Store.Commit(ctx, projections.Commit{Model: m.Model(), From: from, To: to})
	if err == nil {
		m.held = to
	}
	return err
}
