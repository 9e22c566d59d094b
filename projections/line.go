package projections

import "github.com/hookfold/hookfold/fsm"

// Line is one entry of a document's history: what one event did to one machine, and why.
type Line struct {
	Date    int64       `json:"date"`    // Unix seconds
	Event   string      `json:"event"`   // event type, verbatim
	Machine string      `json:"machine"` // "" where no machine is concerned
	Verdict fsm.Verdict `json:"verdict"`
	From    string      `json:"from"`            // state before; "" is nothing known
	To      string      `json:"to"`              // state after
	Why     string      `json:"why"`             // one plain sentence
	Count   int         `json:"count,omitempty"` // how many deliveries the line stands for (fold rule 25)
	Until   int64       `json:"until,omitempty"` // Unix seconds of the last of them
}

// History collects the lines that Model.Apply gives and counts what matters in them. A nil History is not usable.
type History struct {
	Lines     []Line `json:"lines,omitempty"`
	Conflicts int    `json:"conflicts,omitempty"`
	Gaps      int    `json:"gaps,omitempty"`
	// Known tells that some line concerned a machine: only then is there a document (fold rule 8).
	Known bool `json:"known,omitempty"`

	keep int      // how many lines to keep: 0 none, -1 all
	tell Verdicts // of all lines
	room any      // where a model's value may be worked on: nothing to read
}

// all marks a History that keeps every line.
const all = -1

// Add appends a line.
func (h *History) Add(l Line) {
	h.count(l, 1)
	if h.keep == 0 {
		return
	}
	h.Lines = append(h.Lines, l)
	h.trim()
}

// AddRun appends a line for count deliveries, or lengthens the last line when it has the same event and verdict (fold
// rule 25).
func (h *History) AddRun(l Line, count int) {
	h.count(l, count)
	if h.keep == 0 {
		return
	}
	l.Count, l.Until = count, l.Date
	if n := len(h.Lines); n > 0 {
		last := &h.Lines[n-1]
		if last.Count > 0 && last.Event == l.Event && last.Verdict == l.Verdict {
			last.Count, last.Until, last.To, last.Why = last.Count+count, l.Date, l.To, l.Why
			return
		}
	}
	h.Lines = append(h.Lines, l)
	h.trim()
}

func (h *History) count(l Line, n int) {
	switch l.Verdict {
	case fsm.Conflict:
		h.Conflicts += n
	case fsm.Gap:
		h.Gaps += n
	}
	h.tell[l.Verdict] += uint32(n)
	h.Known = h.Known || l.Machine != ""
}

func (h *History) trim() {
	if h.keep > 0 && len(h.Lines) > h.keep {
		h.Lines = h.Lines[len(h.Lines)-h.keep:]
	}
}

// fork copies the history so that adding to the copy leaves the original as it is, and keeps as many lines as told.
func (h History) fork(keep int) History {
	h.keep, h.room = keep, nil
	if keep == 0 {
		h.Lines = nil
	} else {
		h.Lines = append([]Line(nil), h.Lines...)
	}
	return h
}
