package fsm

import (
	"fmt"
	"strings"
)

// SVG renders the moving cells as a picture that needs no program to draw it: the arrows and labels of
// [Definition.Mermaid]. Each state is a box with the events that lead out of it; each event's line runs to the state
// that it leads to, solid where it is applied, dashed where it fills a gap. Lines to one state join. A dot above a box
// names the events that are taken as they are where nothing was known. Boxes stand in the order of States.
//
// The picture is tall and about as wide as a phone, so that it can be read there without turning it. It follows the
// light or dark scheme of the reader, and says in words, for those who cannot see it, what it shows. The bytes are a
// function of the definition.
func (d *Definition) SVG() string {
	p := d.draw()
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"hookfold-machine\" role=\"img\" viewBox=\"0 0 %d %d\" "+
		"width=\"%d\" height=\"%d\" style=\"max-width:100%%;height:auto\">\n", p.width, p.height, p.width, p.height)
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", escapeXML(p.title()), escapeXML(d.inWords()))
	fmt.Fprintf(&b, "<style>\n%s</style>\n", svgStyle())
	fmt.Fprintf(&b, "<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", p.width, p.height)
	p.caption(&b)
	for _, w := range p.wires {
		w.write(&b, p)
	}
	for _, c := range p.cards {
		c.write(&b, p)
	}
	p.legend(&b)
	b.WriteString("</svg>\n")
	return b.String()
}

// inWords says what the picture shows, arrow by arrow.
func (d *Definition) inWords() string {
	var b strings.Builder
	for _, s := range d.States {
		begun := false
		for _, c := range d.of(s) {
			if !c.Verdict.Moves() {
				continue
			}
			if !begun {
				fmt.Fprintf(&b, "From %s: ", stateLabel(s))
			} else {
				b.WriteString("; ")
			}
			begun = true
			fmt.Fprintf(&b, "%s leads to %s", arrowLabel(c), c.Next)
		}
		switch {
		case begun:
			b.WriteString(". ")
		case d.isFinal(s):
			fmt.Fprintf(&b, "From %s nothing leads on. ", s)
		}
	}
	return strings.TrimSpace(b.String())
}

// isFinal tells whether no event leads out of a state.
func (d *Definition) isFinal(state string) bool {
	for _, c := range d.of(state) {
		if c.Next != state {
			return false
		}
	}
	return true
}
