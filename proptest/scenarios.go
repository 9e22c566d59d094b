package proptest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookfold/hookfold/projections"
)

// update rewrites what scenarios expect. Read the difference against the sentence that the scenario quotes.
var update = flag.Bool("proptest.update", false, "proptest: write what scenarios give as what they expect; review the difference")

// Scenarios runs every *.txt file of a directory as a test of its own: an input, a line of four dashes, and what the
// models make of it, compared byte for byte.
//
// The input has the lines of `hookfold fold` (JSON objects, URLs, query strings), and between them
//
//	# anything for people: quote the sentence of the documents that the scenario holds
//	repeat N every Ks     the next line N times, each K seconds after the one before
//	at TIME               fold as of this time, as --at does
//	arrives TIME          a log stores what follows at this time, in this order
//
// Without "arrives" the input is folded as `hookfold fold` does, forwards and backwards, which must not differ. With it
// a projector folds one record after the other, and what it refuses is told.
//
// The expected part has for each document its kind and id; then its fields in their order, leaving out those that are
// empty, zero or false; then its history, one line each: date, event, machine, verdict, from→to, where "-" is nothing.
// The last line is the summary. Run with -proptest.update to write it, and then read it.
func Scenarios(t *testing.T, dir string, models []projections.AnyModel) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in %s (%v)", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			runScenario(t, file, models)
		})
	}
	t.Logf("%d scenarios", len(files))
}

func runScenario(t *testing.T, file string, models []projections.AnyModel) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	input, want, found := strings.Cut(string(text), separator)
	if !found && !*update {
		t.Fatalf("%s has no line of four dashes: run with -proptest.update", file)
	}
	s, err := readScenario(input)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	got, err := s.run(models)
	switch {
	case err != nil:
		t.Fatalf("%s: %v", file, err)
	case *update:
		err = os.WriteFile(file, []byte(input+separator+got), 0o644)
	case got != want:
		t.Errorf("%s: want\n%s\ngot\n%s", file, want, got)
	}
	if err != nil {
		t.Fatal(err)
	}
}
