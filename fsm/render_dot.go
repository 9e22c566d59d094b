package fsm

import (
	"fmt"
	"strconv"
	"strings"
)

// DOT renders the moving cells as a Graphviz digraph with the same arrows and labels as [Definition.Mermaid]; an arrow
// that fills a gap is dashed. The bytes are a function of the definition.
func (d *Definition) DOT() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n", dotText(d.Name))
	b.WriteString("    \"\" [shape=point];\n")
	for _, s := range d.States[1:] {
		fmt.Fprintf(&b, "    %s;\n", dotText(s))
	}
	for _, c := range d.Cells {
		if !c.Verdict.Moves() {
			continue
		}
		style := ""
		if c.Verdict == Gap {
			style = ", style=dashed"
		}
		fmt.Fprintf(&b, "    %s -> %s [label=%s%s];\n", dotText(c.From), dotText(c.Next), dotText(arrowLabel(c)), style)
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText quotes a DOT string.
func dotText(s string) string { return strconv.Quote(s) }
