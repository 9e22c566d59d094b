package projections

import (
	"sync"

	"github.com/hookfold/hookfold/events"
)

// watch notes what this process commits to a side that is being compared. The zero value notes nothing.
type watch struct {
	mu   sync.Mutex
	side string // "": none
	rows map[events.Ref]bool
	at   map[int]Checkpoint // where the side stands, by slot, if nobody else writes it
}

// begin notes from now on what is committed to a side, which stands at these checkpoints.
func (w *watch) begin(side string, at map[int]Checkpoint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.side, w.rows, w.at = side, map[events.Ref]bool{}, map[int]Checkpoint{}
	for slot, c := range at {
		w.at[slot] = c
	}
}

// end notes nothing any more.
func (w *watch) end() { w.begin("", nil) }

// writing notes the rows of a commit before the store is given it: some of them may be kept even where it fails.
func (w *watch) writing(c Commit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Model != w.side || w.side == "" {
		return
	}
	for _, row := range c.Rows {
		w.rows[row.Ref] = true
	}
}

// written notes where a commit that the store took left the side.
func (w *watch) written(c Commit) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Model == w.side && w.side != "" {
		w.at[c.Slot] = c.To
	}
}

// take hands over the rows that were noted since it was asked last.
func (w *watch) take() map[events.Ref]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	rows := w.rows
	w.rows = map[events.Ref]bool{}
	return rows
}

// alone tells whether nobody else wrote the side, which stands at these checkpoints.
func (w *watch) alone(at map[int]Checkpoint) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for slot, c := range at {
		if !sameCheckpoint(c, w.at[slot]) {
			return false
		}
	}
	return true
}
