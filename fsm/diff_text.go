package fsm

import (
	"fmt"
	"strings"
)

// Text renders a difference for the reviewers of a changed table: first what changes outcomes, then what changes only
// words, each line with + for added, - for removed and ~ for changed. The bytes are a function of the difference.
func (d Difference) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "machine %s: ", d.Name.New)
	switch {
	case d.Empty():
		b.WriteString("no difference\n")
	case !d.ChangesOutcomes():
		b.WriteString("only words differ, no outcome does\n")
	default:
		b.WriteString("outcomes differ, what was folded before must be rebuilt\n")
		b.WriteString("\nOutcomes\n")
		d.outcomes(&b)
	}
	if d.ChangesWords() {
		b.WriteString("\nWords\n")
		d.words(&b)
	}
	return b.String()
}

func (d Difference) outcomes(b *strings.Builder) {
	if d.Version.Old != d.Version.New {
		fmt.Fprintf(b, "  ~ version: %d → %d\n", d.Version.Old, d.Version.New)
	}
	d.States.write(b, "state")
	for _, s := range d.States.Renumbered() {
		old, now := index(d.States.Old, s), index(d.States.New, s)
		fmt.Fprintf(b, "  ~ number of state %s: %d → %d\n", s, old, now)
	}
	d.Events.write(b, "event")
	for _, c := range d.Cells {
		switch {
		case c.Old == nil:
			fmt.Fprintf(b, "  + %s: %s\n", c.place(c.New), outcomeText(*c.New, c.New.Next))
		case c.New == nil:
			fmt.Fprintf(b, "  - %s: %s\n", c.place(c.Old), outcomeText(*c.Old, c.Old.Next))
		case c.Outcome():
			fmt.Fprintf(b, "  ~ %s: %s\n", c.place(c.Old), strings.Join(c.changes(), ", "))
		}
	}
}

// index is the number of a state: States[0] of a definition is nothing known.
func index(states []string, state string) int {
	for i, s := range states {
		if s == state {
			return i + 1
		}
	}
	return 0
}

// write lists the names that are on one side only.
func (n Names) write(b *strings.Builder, what string) {
	for _, name := range n.Removed() {
		fmt.Fprintf(b, "  - %s %s\n", what, name)
	}
	for _, name := range n.Added() {
		fmt.Fprintf(b, "  + %s %s\n", what, name)
	}
}

func (c CellChange) place(cell *Cell) string {
	at := stateLabel(c.State) + " × " + c.Event
	if cell.Guard != "" {
		at += " [" + cell.Guard + "]"
	}
	return at
}

// changes writes each field but the reason.
func (c CellChange) changes() []string {
	var changes []string
	for _, field := range c.Fields() {
		switch field {
		case "verdict":
			changes = append(changes, fmt.Sprintf("verdict %s → %s", c.Old.Verdict, c.New.Verdict))
		case "next":
			changes = append(changes, fmt.Sprintf("next %s → %s", stateLabel(c.Old.Next), stateLabel(c.New.Next)))
		case "guard":
			changes = append(changes, fmt.Sprintf("guard %s → %s", guardLabel(c.Old.Guard), guardLabel(c.New.Guard)))
		}
	}
	return changes
}

func guardLabel(guard string) string {
	if guard == "" {
		return "(none)"
	}
	return guard
}

func (d Difference) words(b *strings.Builder) {
	if d.Name.Old != d.Name.New {
		fmt.Fprintf(b, "  ~ name: %s → %s\n", d.Name.Old, d.Name.New)
	}
	if d.Events.reordered() {
		b.WriteString("  ~ order of events\n")
	}
	if !d.Observed.equal() {
		d.Observed.write(b, "reached by observations only:")
		if d.Observed.reordered() {
			b.WriteString("  ~ order of the states that only observations reach\n")
		}
	}
	for _, g := range d.Guards {
		writeWords(b, "guard "+g.Name, g.Old, g.New)
	}
	for _, c := range d.Cells {
		if c.reason() {
			writeWords(b, c.place(c.New)+": reason", c.Old.Reason, c.New.Reason)
		}
	}
}

// writeWords shows a sentence as it was and as it is, one above the other.
func writeWords(b *strings.Builder, what, old, now string) {
	fmt.Fprintf(b, "  ~ %s\n", what)
	for _, side := range []struct{ mark, text string }{{"-", old}, {"+", now}} {
		if side.text == "" {
			continue
		}
		for _, line := range wrap(side.text, textWidth-8) {
			fmt.Fprintf(b, "      %s %s\n", side.mark, line)
		}
	}
}
