package fsm

import (
	"fmt"
	"slices"
	"strings"
)

// DOT renders the moving cells as a Graphviz digraph: the arrows of [Definition.Mermaid], one for all events that do the
// same. First is dotted, applied solid, a gap dashed. Labels leave out what all events begin with, which the graph's own
// label tells. A state out of which no event leads has a double frame, and one that only observations reach a dashed
// one. The bytes are a function of the definition.
func (d *Definition) DOT() string {
	var b strings.Builder
	prefix := d.eventPrefix()
	title := fmt.Sprintf("machine %s, version %d", d.Name, d.Version)
	if prefix != "" {
		title += "\nEvents begin with " + prefix
	}
	fmt.Fprintf(&b, "digraph %s {\n    graph [label=%s, labelloc=t, nodesep=0.4, fontname=\"Helvetica\"];\n", dotText(d.Name), dotText(title))
	b.WriteString("    node [shape=box, style=rounded, fontname=\"Helvetica\"];\n    edge [fontname=\"Helvetica\", fontsize=11];\n")
	b.WriteString("    \"\" [shape=circle, style=filled, fillcolor=black, label=\"\", width=0.15, tooltip=\"(nothing known)\"];\n")
	for _, s := range d.States[1:] {
		fmt.Fprintf(&b, "    %s%s;\n", dotText(s), d.dotFrame(s))
	}
	for _, a := range d.arrows() {
		var label strings.Builder
		for _, c := range a {
			lines := breakAfter(strings.TrimPrefix(arrowLabel(c), prefix), labelMarks, labelWidth)
			label.WriteString(" " + strings.Join(lines, " \n    ") + " \n")
		}
		fmt.Fprintf(&b, "    %s -> %s [label=%s%s];\n", dotText(a[0].From), dotText(a[0].Next), dotLabel(label.String()), dotLine[a[0].Verdict])
	}
	b.WriteString("}\n")
	return b.String()
}

// arrows gathers the moving cells that lead from one state to another with one verdict, in the order of the first.
func (d *Definition) arrows() [][]Cell {
	var arrows [][]Cell
	for _, c := range d.Cells {
		if !c.Verdict.Moves() {
			continue
		}
		i := slices.IndexFunc(arrows, func(a []Cell) bool {
			return a[0].From == c.From && a[0].Next == c.Next && a[0].Verdict == c.Verdict
		})
		if i < 0 {
			arrows = append(arrows, []Cell{c})
			continue
		}
		arrows[i] = append(arrows[i], c)
	}
	return arrows
}

var dotLine = map[Verdict]string{First: ", style=dotted", Gap: ", style=dashed"}

// dotFrame writes how the box of a state differs from others.
func (d *Definition) dotFrame(state string) string {
	var how []string
	if d.observed[state] {
		how = append(how, `style="rounded,dashed"`)
	}
	if d.isFinal(state) {
		how = append(how, "peripheries=2")
	}
	if len(how) == 0 {
		return ""
	}
	return " [" + strings.Join(how, ", ") + "]"
}

// dotText quotes a DOT string, whose labels know backslashes and the entities of HTML; dotLabel sets its lines to the
// left.
func dotText(s string) string  { return dotQuote(s, `\n`) }
func dotLabel(s string) string { return dotQuote(s, `\l`) }

func dotQuote(s, newline string) string {
	escapes := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "\n", newline, "\r", " ", "\x00", "\uFFFD")
	return `"` + escapes.Replace(strings.ToValidUTF8(s, "\uFFFD")) + `"`
}
