package fsm

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textWidth is the width that Text tries to keep.
const textWidth = 100

// Text renders the machine for a terminal: the table of verdicts and next states, then guards, then every cell's reason.
// It is at most 100 columns wide; next states are named by number where their names would not fit. The bytes are a
// function of the definition.
func (d *Definition) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "machine %s, version %d: %d states, %d events, %d cells\n\n",
		d.Name, d.Version, len(d.States)-1, len(d.Events), len(d.Cells))
	d.textTable(&b)
	d.textLegend(&b)
	d.textReasons(&b)
	return b.String()
}

// textTable writes the grid with full names, or with numbers where those are too wide.
func (d *Definition) textTable(b *strings.Builder) {
	g := d.grid(func(s string) string { return s })
	if g.width() > textWidth {
		g = d.grid(func(s string) string { return "(" + strconv.Itoa(int(d.index[s])) + ")" })
		for i := range d.States {
			g[i+1][0][0] = fmt.Sprintf("(%d) %s", i, stateLabel(d.States[i]))
		}
	}
	g.write(b)
}

func (d *Definition) textLegend(b *strings.Builder) {
	if prefix := d.eventPrefix(); prefix != "" {
		fmt.Fprintf(b, "\nEvents begin with %s\n", prefix)
	}
	for i, g := range d.Guards {
		if i == 0 {
			b.WriteString("\nGuards\n")
		}
		fmt.Fprintf(b, "  %s: %s\n", g.Name, g.Meaning)
	}
	for i, s := range d.Observed() {
		if i == 0 {
			b.WriteString("\nReached by observations only, or from such a state\n")
		}
		fmt.Fprintf(b, "  %s\n", s)
	}
}

func (d *Definition) textReasons(b *strings.Builder) {
	b.WriteString("\nReasons\n")
	for _, c := range d.Cells {
		fmt.Fprintf(b, "  %s × %s", stateLabel(c.From), c.Event)
		if c.Guard != "" {
			fmt.Fprintf(b, " [%s]", c.Guard)
		}
		fmt.Fprintf(b, ": %s\n", outcomeText(c, c.Next))
		for _, line := range wrap(c.Reason, textWidth-6) {
			fmt.Fprintf(b, "      %s\n", line)
		}
	}
}

func outcomeText(c Cell, next string) string {
	if c.Next == c.From {
		return c.Verdict.String()
	}
	return c.Verdict.String() + " → " + next
}

// eventPrefix is what all events begin with, up to a word's end; "" for a machine of one event.
func (d *Definition) eventPrefix() string {
	prefix := d.Events[0]
	for _, e := range d.Events {
		for !strings.HasPrefix(e, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	end := strings.LastIndexAny(prefix, "_.") + 1
	if len(d.Events) == 1 {
		return ""
	}
	return prefix[:end]
}

// wrap breaks a sentence between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
