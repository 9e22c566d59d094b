package proptest

import (
	"fmt"
	"os"
	"strings"

	"github.com/hookfold/hookfold/fsm"
)

// Want is one cell of an expectation table: what somebody who read the documents, and not the machine, expects.
type Want struct {
	State   string // "" is nothing known
	Event   string
	Guard   string // side of a guard: "", "name" or "!name"; a guarded pair has one Want for each side
	Verdict fsm.Verdict
	Next    string // equals State where the machine stays
}

// String is the cell as tables write it.
func (w Want) String() string {
	return fmt.Sprintf("%s %s %s %s %s", dash(w.State), w.Event, dash(w.Guard), w.Verdict, dash(w.Next))
}

// pair names a state and an event.
type pair struct{ state, event string }

func (w Want) pair() pair { return pair{w.State, w.Event} }

func (p pair) String() string { return fmt.Sprintf("%s × %s", dash(p.state), p.event) }

// dash stands for nothing.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func undash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// Table reads an expectation table from a file: one cell a line as "state event guard verdict next", separated by
// blanks, where "-" stands for nothing. Empty lines and lines that begin with # are for people. A file that does not
// read fails the test at once.
func Table(t TB, file string) []Want {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("expectation table: %v", err)
	}
	want, err := parseTable(string(text))
	if err != nil {
		t.Fatalf("expectation table %s: %v", file, err)
	}
	return want
}

func parseTable(text string) ([]Want, error) {
	var want []Want
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		w, err := parseWant(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		want = append(want, w)
	}
	return want, nil
}

func parseWant(f []string) (Want, error) {
	if len(f) != 5 {
		return Want{}, fmt.Errorf("%d words: give state, event, guard, verdict and next, with - for nothing", len(f))
	}
	w := Want{State: undash(f[0]), Event: f[1], Guard: undash(f[2]), Next: undash(f[4])}
	return w, w.Verdict.UnmarshalText([]byte(f[3]))
}
