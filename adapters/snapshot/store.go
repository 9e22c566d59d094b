package snapshot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// FileName is the name of the file in Config.Dir.
const FileName = "views.snapshot"

// memory is what is read and written.
type memory = projections.MemoryStore

// Store is a projections.Store in memory with a copy on disk. All methods are safe for all goroutines. Its features are
// those of memory: a row that was committed after the last copy goes with a process that is killed, together with its
// checkpoint, and is folded again from the log.
type Store struct {
	*memory
	config  Config
	refused error

	commits atomic.Uint64 // how many there were
	cutting sync.RWMutex  // commits wait here for a cut: in memory's own lock they would let readers wait too
	saving  sync.Mutex
	saved   uint64 // commits that the file holds
	stop    func()
	stopped chan struct{}
}

var _ projections.Store = (*Store)(nil)

// Open opens the store as the file has it, or empty where there is no file that can be used, and begins to copy it at
// intervals. Errors: every problem of the configuration at once; a folder that cannot be read; what the log says when it
// cannot be reached.
func Open(ctx context.Context, c Config) (*Store, error) {
	c = c.withDefaults()
	if err := c.validate(); err != nil {
		return nil, err
	}
	if err := prepare(c.Dir); err != nil {
		return nil, fmt.Errorf("snapshot: preparing the folder: %w", err)
	}
	began := time.Now()
	s := &Store{config: c, memory: projections.NewMemoryStore(), stopped: make(chan struct{})}
	found, err := s.resume(ctx)
	switch {
	case errors.Is(err, errRefused):
		s.refused = err
		c.Logger.Warn("the snapshot is left aside: the read models are folded from the beginning of the log", "file", s.file(), "reason", err)
	case err != nil:
		return nil, err
	case found != nil:
		s.memory = found
		c.Logger.Info("the read models are resumed from the snapshot", "file", s.file(), "took", time.Since(began))
	}
	s.begin()
	return s, nil
}

// Refused says why the file that was there was not used; nil where it was, or where there was none.
func (s *Store) Refused() error { return s.refused }

// Commit stores rows and checkpoint at one instant.
func (s *Store) Commit(ctx context.Context, c projections.Commit) error {
	s.cutting.RLock()
	defer s.cutting.RUnlock()
	err := s.memory.Commit(ctx, c)
	if err == nil {
		s.commits.Add(1)
	}
	return err
}

// Forget deletes all rows and checkpoints of models, named as their ID gives them. They are folded anew from the log.
func (s *Store) Forget(ctx context.Context, models ...string) error {
	s.cutting.RLock()
	defer s.cutting.RUnlock()
	err := s.memory.Forget(ctx, models...)
	if err == nil {
		s.commits.Add(1) // the file no longer says what there is
	}
	return err
}

// Save copies what the store holds at this instant to the disk. It does nothing where the file holds that already.
func (s *Store) Save(ctx context.Context) error {
	s.saving.Lock()
	defer s.saving.Unlock()
	if s.commits.Load() == s.saved {
		return nil
	}
	out, began := Saved{}, time.Now()
	cuts, commits := s.cut()
	out.Paused = time.Since(began)
	for _, c := range cuts {
		out.Rows += c.Len()
	}
	out.Bytes, out.Err = replace(ctx, s.file(), func(w *writer) error { return w.store(ctx, cuts) })
	out.Took = time.Since(began)
	if out.Err == nil {
		s.saved = commits
	} else {
		out.Err = fmt.Errorf("snapshot: the read models cannot be copied to the disk, and the copy before stands: %w", out.Err)
	}
	s.config.Observe(out)
	return out.Err
}

// cut gives what the store holds, and after how many commits.
func (s *Store) cut() ([]projections.Cut, uint64) {
	s.cutting.Lock()
	defer s.cutting.Unlock()
	return s.Cut(), s.commits.Load()
}

// Close stops copying at intervals and copies once more. Whoever folds into the store is to be stopped before.
func (s *Store) Close() error {
	s.stop()
	<-s.stopped
	return s.Save(context.Background())
}

// begin starts to copy at intervals.
func (s *Store) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	if s.config.Every < 0 {
		close(s.stopped)
		return
	}
	go func() {
		defer close(s.stopped)
		s.run(ctx)
	}()
}

// run copies until the context ends.
func (s *Store) run(ctx context.Context) {
	tick := time.NewTicker(s.config.Every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := s.Save(ctx); err != nil && ctx.Err() == nil {
				s.config.Logger.Warn("a restart will take longer", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *Store) file() string { return filepath.Join(s.config.Dir, FileName) }

// resume reads the file and verifies it. It is nil where there is no file; errRefused where it cannot be used.
func (s *Store) resume(ctx context.Context) (*memory, error) {
	if s.config.Fresh {
		return nil, nil
	}
	f, err := os.Open(s.file())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot: opening the file: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("snapshot: opening the file: %w", err)
	}
	found, err := read(ctx, f, info.Size(), s.config.folded())
	if err != nil {
		return nil, err
	}
	return found.store, s.prove(ctx, found.stands)
}

// prove opens the log at the place of every lane, because only so does it show that it is the log that was folded.
func (s *Store) prove(ctx context.Context, stands []projections.Position) error {
	proven := map[projections.Position]bool{}
	for _, at := range stands {
		if proven[at] {
			continue
		}
		proven[at] = true
		cursor, err := s.config.Log.Open(ctx, at)
		switch {
		case errors.Is(err, projections.ErrRewound), errors.Is(err, projections.ErrRecreated):
			return fmt.Errorf("%w: it reaches to record %d of another log than this: %w", errRefused, at.Seq, err)
		case err != nil:
			return fmt.Errorf("snapshot: comparing the file with the log: %w", err)
		}
		_ = cursor.Close() // it was only to be opened
	}
	return nil
}
