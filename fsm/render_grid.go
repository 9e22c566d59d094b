package fsm

import (
	"strings"
	"unicode/utf8"
)

// grid is a table whose boxes hold lines: [row][column][line].
type grid [][][]string

// grid lays the table out: a head of events, then a row for each state. name writes a next state.
func (d *Definition) grid(name func(string) string) grid {
	prefix := d.eventPrefix()
	head := [][]string{{"state"}}
	for _, e := range d.Events {
		head = append(head, headLines(strings.TrimPrefix(e, prefix)))
	}
	g := grid{head}
	for _, s := range d.States {
		row := [][]string{{stateLabel(s)}}
		at := ""
		for _, c := range d.of(s) {
			if c.Event != at {
				row = append(row, nil)
				at = c.Event
			}
			box := &row[len(row)-1]
			*box = append(*box, boxLines(c, name(c.Next))...)
		}
		g = append(g, row)
	}
	return g
}

const (
	headWidth  = 16    // how wide the name of an event may be in the head of the grid before it is broken
	labelWidth = 26    // the same of an arrow's label in a diagram
	labelMarks = "._ " // after which a label is broken
)

// headLines breaks a long name after its dots and underscores.
func headLines(name string) []string { return breakAfter(name, "._", headWidth) }

// breakAfter breaks a name that is wider than width after any of the marks; a word that is wider still stays whole.
func breakAfter(name, marks string, width int) []string {
	if len(name) <= width {
		return []string{name}
	}
	lines := []string{""}
	for name != "" {
		end := strings.IndexAny(name, marks) + 1
		if end == 0 {
			end = len(name)
		}
		word := name[:end]
		name = name[end:]
		last := &lines[len(lines)-1]
		if *last != "" && len(*last)+len(word) > width {
			lines = append(lines, word)
			continue
		}
		*last += word
	}
	return lines
}

// boxLines writes one outcome into a box of the grid; the second side of a guard begins with else.
func boxLines(c Cell, next string) []string {
	verdict := c.Verdict.String()
	if _, denied := guardName(c.Guard); denied {
		verdict = "else " + verdict
	}
	if c.Next == c.From {
		return []string{verdict}
	}
	return []string{verdict, "→ " + next}
}

// columns measures the grid.
func (g grid) columns() []int {
	widths := make([]int, len(g[0]))
	for _, row := range g {
		for i, box := range row {
			for _, line := range box {
				widths[i] = max(widths[i], utf8.RuneCountInString(line))
			}
		}
	}
	return widths
}

func (g grid) width() int {
	total := 0
	for _, w := range g.columns() {
		total += w + 2
	}
	return total - 2
}

// write prints the grid row by row, each as high as its highest box.
func (g grid) write(b *strings.Builder) {
	widths := g.columns()
	for i, row := range g {
		height := 0
		for _, box := range row {
			height = max(height, len(box))
		}
		for line := range height {
			b.WriteString(g.line(row, line, widths) + "\n")
		}
		if i == 0 {
			b.WriteString(strings.Repeat("-", g.width()) + "\n")
		}
	}
}

func (g grid) line(row [][]string, n int, widths []int) string {
	var b strings.Builder
	for i, box := range row {
		text := ""
		if n < len(box) {
			text = box[n]
		}
		b.WriteString(text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2))
	}
	return strings.TrimRight(b.String(), " ")
}
