package fsm

import (
	"fmt"
	"strings"
)

// svgKey is one line of the legend: a sample and what it means.
type svgKey struct {
	sample func(b *strings.Builder, x, y int)
	lines  []string
	y      int
}

const svgSample = 34 // width of a sample

// key writes the legend: only what the picture shows, then the guards.
func (p *picture) key() {
	p.height = p.legendY
	if p.shows(First) {
		p.addKey(dotSample, "start: nothing is known")
		p.addKey(lineSample(First), "first: nothing was known before; taken as it is")
	}
	if p.shows(Applied) {
		p.addKey(lineSample(Applied), "applied: a documented arrow")
	}
	if p.shows(Gap) {
		p.addKey(lineSample(Gap), "gap: legal only if an event was missed; moves, flagged")
	}
	for _, c := range p.cards {
		if c.final {
			p.addKey(boxSample("", true), "final: no event leads out of this state")
			break
		}
	}
	if len(p.d.Observed()) > 0 {
		p.addKey(boxSample(" observed", false), "reached by observations only, or from such a state")
	}
	for _, g := range p.d.Guards {
		text := fmt.Sprintf("[%s] %s", g.Name, g.Meaning)
		if p.denies(g.Name) {
			text += fmt.Sprintf("; [!%s] otherwise", g.Name)
		}
		p.addKey(nil, text)
	}
	p.addKey(nil, "An event that changes nothing is not drawn: see the table.")
	p.height += svgMargin
}

// shows tells whether an arrow with this verdict is drawn.
func (p *picture) shows(v Verdict) bool {
	for _, c := range p.d.Cells {
		if c.Verdict == v {
			return true
		}
	}
	return false
}

// denies tells whether an arrow is drawn for facts on which the guard does not hold.
func (p *picture) denies(guard string) bool {
	for _, c := range p.d.Cells {
		if c.Guard == "!"+guard && c.Verdict.Moves() {
			return true
		}
	}
	return false
}

func (p *picture) addKey(sample func(*strings.Builder, int, int), text string) {
	indent := 0
	if sample != nil {
		indent = svgSample + svgPad
	}
	k := svgKey{sample: sample, y: p.height + svgLine/2}
	k.lines = wrap(text, (p.width-2*svgMargin-indent)*10/(6*svgSmall))
	p.height += svgLine + (len(k.lines)-1)*svgText
	p.keys = append(p.keys, k)
}

// legend draws the keys.
func (p *picture) legend(b *strings.Builder) {
	fmt.Fprintf(b, "<path class=\"rule\" d=\"M%d %dH%d\"/>\n", svgMargin, p.legendY-svgGap/2, p.width-svgMargin)
	for _, k := range p.keys {
		x := svgMargin
		if k.sample != nil {
			k.sample(b, x, k.y)
			x += svgSample + svgPad
		}
		for i, line := range k.lines {
			writeText(b, "note", x, k.y+i*svgText, line)
		}
	}
}

func dotSample(b *strings.Builder, x, y int) {
	fmt.Fprintf(b, "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", x+svgSample/2, y)
}

func lineSample(v Verdict) func(*strings.Builder, int, int) {
	return func(b *strings.Builder, x, y int) {
		fmt.Fprintf(b, "<path class=\"%s line\" d=\"M%d %dH%d\"/>\n", v, x, y, x+svgSample-svgArrow+1)
		fmt.Fprintf(b, "<path class=\"tip\" d=\"M%d %dl-%d -4v8z\"/>\n", x+svgSample, y, svgArrow)
	}
}

func boxSample(class string, double bool) func(*strings.Builder, int, int) {
	return func(b *strings.Builder, x, y int) {
		fmt.Fprintf(b, "<rect class=\"box%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" rx=\"4\"/>\n", class, x, y-7, svgSample)
		if double {
			fmt.Fprintf(b, "<rect class=\"inner\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"8\" rx=\"2\"/>\n", x+3, y-4, svgSample-6)
		}
	}
}

// caption draws what stands above the boxes.
func (p *picture) caption(b *strings.Builder) {
	writeText(b, "head", svgMargin, 22, p.title())
	for i, line := range p.captions {
		writeText(b, "note", svgMargin, 42+i*svgText, line)
	}
}
