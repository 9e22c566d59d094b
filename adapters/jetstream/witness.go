package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/hookfold/hookfold/projections"
)

// Witness remembers in a file how far a log had come. Without one, and without a store whose checkpoints outlive the
// process, a log that lost its tail, or everything, would begin again as if nothing had been.
type Witness struct {
	File string
	Log  projections.Log
	// Every is how often Watch looks; 0: 10 seconds. What is lost of the time since then goes unnoticed.
	Every time.Duration
}

// ErrLost says that a log does not hold what it held before. The error also wraps what is wrong with the log:
// projections.ErrRewound, ErrRecreated or ErrHole.
var ErrLost = errors.New("jetstream: the log does not hold what it held before: restore its data, or accept the loss and remove the witness's file")

// Examine compares the log with what was written down last. A missing file is a first start.
func (w Witness) Examine(ctx context.Context) error {
	b, err := os.ReadFile(w.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("jetstream: how far the log had come cannot be read: %w", err)
	}
	var seen projections.Position
	if err := json.Unmarshal(b, &seen); err != nil {
		return fmt.Errorf("jetstream: %s is damaged; remove it if the log is intact: %w", w.File, err)
	}
	cursor, err := w.Log.Open(ctx, seen)
	if err != nil {
		for _, loss := range []error{projections.ErrRewound, projections.ErrRecreated, projections.ErrHole} {
			if errors.Is(err, loss) {
				return fmt.Errorf("%w (it had come to sequence %d): %w", ErrLost, seen.Seq, err)
			}
		}
		return err
	}
	return cursor.Close()
}

// Note writes down how far the log has come, so that a reader sees the old text or the new one. An empty log is not noted.
func (w Witness) Note(ctx context.Context) error {
	head, err := w.Log.Head(ctx)
	if err != nil || head.Seq == 0 {
		return err
	}
	b, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("jetstream: a position does not render: %w", err)
	}
	if err := replace(w.File, b); err != nil {
		return fmt.Errorf("jetstream: how far the log has come cannot be written down: %w", err)
	}
	return nil
}

// replace puts new content into a file at one instant, on the disk.
func replace(file string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".position-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error tells more
	}
	return err
}

// Watch notes until the context ends. It tells of every note that fails, and goes on: the log does not depend on it.
func (w Witness) Watch(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(orDefault(w.Every, 10*time.Second))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := w.Note(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		case <-ctx.Done():
			return
		}
	}
}
