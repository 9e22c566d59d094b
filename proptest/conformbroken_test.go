package proptest_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/proptest"
)

// brokenStore is a memory store that one of its methods can betray.
type brokenStore struct {
	*projections.MemoryStore
	commit     func(*projections.MemoryStore, projections.Commit) error
	load       func([]projections.Row) []projections.Row
	checkpoint func(projections.Checkpoint) projections.Checkpoint
	list       func(projections.Query, projections.Page, error) (projections.Page, error)
	features   projections.Features
}

func (s *brokenStore) Commit(ctx context.Context, c projections.Commit) error {
	if s.commit != nil {
		return s.commit(s.MemoryStore, c)
	}
	return s.MemoryStore.Commit(ctx, c)
}

func (s *brokenStore) Load(ctx context.Context, model string, refs []events.Ref) ([]projections.Row, error) {
	rows, err := s.MemoryStore.Load(ctx, model, refs)
	if s.load != nil {
		rows = s.load(rows)
	}
	return rows, err
}

func (s *brokenStore) Checkpoint(ctx context.Context, model string, slot int) (projections.Checkpoint, error) {
	c, err := s.MemoryStore.Checkpoint(ctx, model, slot)
	if s.checkpoint != nil {
		c = s.checkpoint(c)
	}
	return c, err
}

func (s *brokenStore) List(ctx context.Context, q projections.Query) (projections.Page, error) {
	page, err := s.MemoryStore.List(ctx, q)
	if s.list != nil {
		return s.list(q, page, err)
	}
	return page, err
}

func (s *brokenStore) Features() projections.Features {
	f := s.MemoryStore.Features()
	f.Durable = s.features.Durable
	return f
}

// failing names the cases that a store fails.
func failing(features projections.Features, place func() proptest.StorePlace) []string {
	var names []string
	for _, c := range proptest.StoreCases(features) {
		if verdictOf(func(t proptest.TB) { c.Run(t, place()) }) != "" {
			names = append(names, c.Name)
		}
	}
	return names
}

// unfenced commits from whatever checkpoint there is.
func unfenced(s *projections.MemoryStore, c projections.Commit) error {
	ctx := context.Background()
	for {
		have, err := s.Checkpoint(ctx, c.Model, c.Slot)
		if err != nil {
			return err
		}
		c.From, c.To.Epoch = have, max(have.Epoch, c.To.Epoch)
		if err := s.Commit(ctx, c); !errors.Is(err, projections.ErrFenced) {
			return err
		}
	}
}

func TestStoreConformanceFailsOnBrokenStores(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	commit := func(change func(*projections.Commit)) func(*projections.MemoryStore, projections.Commit) error {
		return func(s *projections.MemoryStore, c projections.Commit) error {
			c.Rows = slices.Clone(c.Rows)
			change(&c)
			return s.Commit(ctx, c)
		}
	}
	for name, c := range map[string]struct {
		store brokenStore
		want  []string // some of the cases that must fail
	}{
		"none": {},
		"drops a row": {brokenStore{commit: commit(func(c *projections.Commit) {
			if len(c.Rows) > 1 {
				c.Rows = c.Rows[1:]
			}
		})}, []string{"rows come back as they were committed", "a great commit"}},
		"lets an old From through": {brokenStore{commit: unfenced}, []string{
			"a commit from anywhere else is fenced", "a take-over fences", "an epoch never falls", "linearizable: one slot", "linearizable: two slots", "Atomic",
		}},
		"fences by the position alone": {brokenStore{commit: func(s *projections.MemoryStore, c projections.Commit) error {
			if have, _ := s.Checkpoint(ctx, c.Model, c.Slot); have.Position.Seq == c.From.Position.Seq {
				return unfenced(s, c)
			}
			return projections.ErrFenced
		}}, []string{"a commit from anywhere else is fenced", "a take-over fences"}},
		"loses the epoch": {brokenStore{checkpoint: func(c projections.Checkpoint) projections.Checkpoint {
			c.Epoch = 0
			return c
		}}, []string{"a checkpoint comes back"}},
		"rounds the time of a checkpoint": {brokenStore{checkpoint: func(c projections.Checkpoint) projections.Checkpoint {
			c.Position.Time = c.Position.Time.Truncate(1000)
			return c
		}}, []string{"a checkpoint comes back"}},
		"keeps one checkpoint for all slots": {brokenStore{commit: commit(func(c *projections.Commit) { c.Slot = 0 })}, []string{"slots and models"}},
		"keeps one bucket for all models":    {brokenStore{commit: commit(func(c *projections.Commit) { c.Model = "things_v1" })}, []string{"slots and models"}},
		"gives a row twice": {brokenStore{load: func(rows []projections.Row) []projections.Row {
			return append(rows, rows...)
		}}, []string{"rows come back as they were committed"}},
		"does not give the second thousand": {brokenStore{load: func(rows []projections.Row) []projections.Row {
			return rows[:min(len(rows), 1000)]
		}}, []string{"a great commit"}},
		"mixes up case": {brokenStore{commit: commit(func(c *projections.Commit) {
			for i := range c.Rows {
				c.Rows[i].Ref.ID = strings.ToLower(c.Rows[i].Ref.ID)
			}
		})}, []string{"names of any bytes"}},
		"lists twice": {brokenStore{list: func(_ projections.Query, p projections.Page, err error) (projections.Page, error) {
			p.Rows = append(p.Rows, p.Rows...)
			return p, err
		}}, []string{"List: pages meet"}},
		"forgets what was not on the first page": {brokenStore{list: func(_ projections.Query, p projections.Page, err error) (projections.Page, error) {
			p.Next = ""
			return p, err
		}}, []string{"List: pages meet", "List: without a limit", "List: a row that is there throughout"}},
		"takes any cursor": {brokenStore{list: func(_ projections.Query, p projections.Page, err error) (projections.Page, error) {
			return p, nil
		}}, []string{"List: what is no cursor"}},
		"does not sort": {brokenStore{list: func(_ projections.Query, p projections.Page, err error) (projections.Page, error) {
			slices.Reverse(p.Rows)
			return p, err
		}}, []string{"Sorted"}},
		"finds by no key": {brokenStore{commit: commit(func(c *projections.Commit) {
			for i := range c.Rows {
				c.Rows[i].Index = nil
			}
		})}, []string{"Indexed: rows are found", "Indexed: a row with several keys", "Indexed: values of any bytes"}},
		"does not find what stands still": {brokenStore{commit: commit(func(c *projections.Commit) {
			for i := range c.Rows {
				c.Rows[i].Index = maps.Clone(c.Rows[i].Index)
				delete(c.Rows[i].Index, projections.QuarantineKey)
			}
		})}, []string{"Quarantine: what stands still", "Quarantine: one or all"}},
		"lets go on what it cannot read": {brokenStore{load: func(rows []projections.Row) []projections.Row {
			return slices.DeleteFunc(rows, func(row projections.Row) bool {
				b, err := row.State.MarshalBinary()
				return err == nil && len(b) == 2
			})
		}}, []string{"Quarantine: a row that cannot be read"}},
		"cuts long keys off": {brokenStore{commit: commit(func(c *projections.Commit) {
			for i, row := range c.Rows {
				if user := row.Index["user"]; len(user) > 100 {
					c.Rows[i].Index = map[string]string{"user": user[:100]}
				}
			}
		})}, []string{"Indexed: values of any bytes"}},
		"fails in silence": {brokenStore{features: projections.Features{Durable: true}, commit: func(s *projections.MemoryStore, c projections.Commit) error {
			return s.Commit(ctx, c) // without rendering anything
		}}, []string{"Durable: a state that does not render"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := failing(c.store.declared(), func() proptest.StorePlace {
				s := c.store
				s.MemoryStore = projections.NewMemoryStore()
				return proptest.StorePlace{Open: func() projections.Store { return &s }, Restart: func() {}}
			})
			if len(c.want) == 0 {
				assert.Empty(t, failed)
			}
			for _, want := range c.want {
				assert.True(t, slices.ContainsFunc(failed, func(name string) bool { return strings.Contains(name, want) }), "%q must fail, not only %q", want, failed)
			}
		})
	}
}

// declared are those that a store of this kind declares.
func (s brokenStore) declared() projections.Features {
	s.MemoryStore = projections.NewMemoryStore()
	return s.Features()
}

// forgetful loses on a restart what it was told last.
func TestStoreConformanceFailsOnAStoreThatForgets(t *testing.T) {
	t.Parallel()
	forget := func(keepsRows, keepsCheckpoints bool) []string {
		return failing(projections.Features{Durable: true, Indexed: true}, func() proptest.StorePlace {
			var mu sync.Mutex
			s, gone := &brokenStore{MemoryStore: projections.NewMemoryStore()}, false
			s.load = func(rows []projections.Row) []projections.Row {
				mu.Lock()
				defer mu.Unlock()
				if gone && !keepsRows {
					return nil
				}
				return rows
			}
			s.checkpoint = func(c projections.Checkpoint) projections.Checkpoint {
				mu.Lock()
				defer mu.Unlock()
				if gone && !keepsCheckpoints {
					return projections.Checkpoint{}
				}
				return c
			}
			return proptest.StorePlace{Open: func() projections.Store { return s }, Restart: func() {
				mu.Lock()
				defer mu.Unlock()
				gone = true
			}}
		})
	}
	const outlive = "Durable: rows and checkpoint outlive a restart"
	require.Contains(t, forget(false, true), outlive)
	require.Contains(t, forget(true, false), outlive)
	require.NotContains(t, forget(true, true), outlive)
}
