package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// WriteText prints the report for a terminal.
func (r Report) WriteText(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, r.Machine) // a tabwriter keeps its error until Flush
	for _, t := range r.Tables {
		_, _ = fmt.Fprintf(w, "\n%s: %s\n", t.Name, t.Title)
		for _, row := range t.rows() {
			_, _ = fmt.Fprintln(w, strings.Join(row, "\t"))
		}
	}
	return w.Flush()
}

// WriteJSON prints one line a figure, with every round.
func (r Report) WriteJSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"machine": r.Machine}); err != nil {
		return err
	}
	for _, t := range r.Tables {
		for _, f := range t.Figures {
			if err := enc.Encode(t.line(f)); err != nil {
				return err
			}
		}
	}
	return nil
}

// figureJSON is one row of a table.
type figureJSON struct {
	Table   string            `json:"table"`
	Case    string            `json:"case"`
	What    string            `json:"what"`
	Values  map[string]spread `json:"values"`
	Targets []string          `json:"targets"`
	Reached string            `json:"reached"` // "yes", "no", "not" with the columns, or "not measured"; "" without a target
}

// spread is one column of a row.
type spread struct {
	Median float64   `json:"median"`
	Rounds []float64 `json:"rounds"`
}

func (t Table) line(f Figure) figureJSON {
	line := figureJSON{Table: t.Name, Case: f.Case, What: f.what(), Values: map[string]spread{}, Targets: []string{}, Reached: t.reached(f)}
	for i, column := range t.Columns {
		if rounds := f.of(i); len(rounds) > 0 {
			line.Values[column] = spread{Median(rounds), rounds}
		}
	}
	for _, target := range f.Targets {
		line.Targets = append(line.Targets, target.String())
	}
	return line
}

// of gives the rounds of a column; none of a figure that was not measured.
func (f Figure) of(column int) []float64 {
	if column < 0 || column >= len(f.Values) {
		return nil
	}
	return f.Values[column]
}

// rows renders a table as cells, the head first.
func (t Table) rows() [][]string {
	head := slices.Concat([]string{"case", "what"}, t.Columns)
	aimed := slices.ContainsFunc(t.Figures, func(f Figure) bool { return len(f.Targets) > 0 })
	if aimed {
		head = append(head, "hold at least", "reached")
	}
	rows := [][]string{head}
	for _, f := range t.Figures {
		row := []string{f.Case, f.what()}
		for i := range t.Columns {
			row = append(row, Range(f.of(i)))
		}
		if aimed {
			row = append(row, targets(f.Targets), t.reached(f))
		}
		rows = append(rows, row)
	}
	return rows
}

// The lines between which a document carries the report.
const (
	beginMark = "<!-- hookfold bench: begin -->\n"
	endMark   = "<!-- hookfold bench: end -->\n"
)

// Markdown renders the report as it stands in PERFORMANCE.md, with its marks.
func (r Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nMeasured on %s.\n", beginMark, r.Machine)
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n### %s: %s\n\n%s\n\n", t.Name, t.Title, t.Note)
		for i, row := range t.rows() {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				b.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
			}
		}
	}
	fmt.Fprintf(&b, "\n%s", endMark)
	return b.String()
}

// ErrMarks says that a document has no place for a report.
var ErrMarks = errors.New("bench: the document has no two lines " + strings.TrimSpace(beginMark) + " and " + strings.TrimSpace(endMark))

// Split cuts a document into what stands before, in and after its report, marks included.
func Split(document string) (before, report, after string, err error) {
	from := strings.Index(document, beginMark)
	to := strings.Index(document, endMark)
	if from < 0 || to < from {
		return "", "", "", ErrMarks
	}
	to += len(endMark)
	return document[:from], document[from:to], document[to:], nil
}
