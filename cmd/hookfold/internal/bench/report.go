package bench

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Report is what one run measured.
type Report struct {
	Machine Machine
	Tables  []Table
}

// Table is what was measured in turns.
type Table struct {
	Name    string // as Config.Only takes it
	Title   string
	Note    string // how it was measured
	Columns []string
	Figures []Figure
}

// Figure is one row of a table.
type Figure struct {
	Case string // as Config.Only takes it behind the table's name
	What string
	// Values holds the rounds of each column, in the order of the table's Columns; none where a column says nothing of
	// the case.
	Values  [][]float64
	Targets []Target
	Missing string // what a run needs to measure it and was not given; "" where it was
}

// Target is a bound that the project holds itself to.
type Target struct {
	Column  string
	AtLeast float64 // 0: no lower bound
	AtMost  float64 // used where AtLeast is 0
}

// String gives the bound as a reader sees it.
func (t Target) String() string {
	if t.AtLeast > 0 {
		return fmt.Sprintf("%s ≥ %s", t.Column, short(t.AtLeast))
	}
	return fmt.Sprintf("%s ≤ %s", t.Column, short(t.AtMost))
}

// met tells whether a median holds the bound. It is compared as it is shown, so that no reader sees 0.90 fail 0.90.
func (t Target) met(median float64) bool {
	if t.AtLeast > 0 {
		return shown(median) >= t.AtLeast
	}
	return shown(median) <= t.AtMost
}

// Missed lists the targets of a figure that its medians do not hold.
func (t Table) Missed(f Figure) []Target {
	var missed []Target
	for _, target := range f.Targets {
		rounds := f.of(slices.Index(t.Columns, target.Column))
		if len(rounds) == 0 || !target.met(Median(rounds)) {
			missed = append(missed, target)
		}
	}
	return missed
}

// Median is the middle of some values, or the mean of the two in the middle; NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// Range renders a median with the least and the greatest value, where they are not shown alike; "" of none.
func Range(values []float64) string {
	if len(values) == 0 {
		return ""
	}
	middle, least, most := short(Median(values)), short(slices.Min(values)), short(slices.Max(values))
	if least == most {
		return middle
	}
	return fmt.Sprintf("%s (%s–%s)", middle, least, most)
}

// what says what a figure is, and why it is none.
func (f Figure) what() string {
	if f.Missing == "" {
		return f.What
	}
	return fmt.Sprintf("%s (not measured: %s)", f.What, f.Missing)
}

// targets renders the bounds of a figure.
func targets(list []Target) string {
	var words []string
	for _, t := range list {
		words = append(words, t.String())
	}
	return strings.Join(words, ", ")
}

// reached says whether a figure holds its targets: yes, no with the columns that do not, or nothing without a target.
func (t Table) reached(f Figure) string {
	missed := t.Missed(f)
	switch {
	case f.Missing != "":
		return "not measured"
	case len(f.Targets) == 0:
		return ""
	case len(missed) == 0:
		return "yes"
	case len(missed) == len(f.Targets):
		return "no"
	}
	var columns []string
	for _, m := range missed {
		columns = append(columns, m.Column)
	}
	return "not " + strings.Join(columns, ", ")
}
