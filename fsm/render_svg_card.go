package fsm

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// escapeXML writes a text that XML can hold: what XML has no way to say becomes U+FFFD.
func escapeXML(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// writeText draws one line whose letters are centred on y.
func writeText(b *strings.Builder, class string, x, y int, text string) {
	fmt.Fprintf(b, "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>\n", class, x, y+4, escapeXML(text))
}

// write draws a card: its entries, its box and its rows.
func (c *svgCard) write(b *strings.Builder, p *picture) {
	c.writeEntries(b)
	shape := "box"
	if c.observed {
		shape += " observed"
	}
	fmt.Fprintf(b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>\n",
		shape, svgMargin, c.top, p.box, c.foot-c.top)
	if c.final {
		fmt.Fprintf(b, "<rect class=\"inner\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>\n",
			svgMargin+3, c.top+3, p.box-6, c.foot-c.top-6)
		writeText(b, "end note", p.right()-svgPad, (c.top+c.head)/2, "final")
	}
	for i, line := range c.name {
		writeText(b, "name", svgMargin+svgPad, c.top+svgHead/2+i*svgLine, line)
	}
	if len(c.rows) > 0 {
		fmt.Fprintf(b, "<path class=\"rule\" d=\"M%d %dH%d\"/>\n", svgMargin, c.head, p.right())
	}
	for _, r := range c.rows {
		r.write(b, p)
	}
}

// writeEntries draws a dot for each event that is first here, and the arrow from them into the box.
func (c *svgCard) writeEntries(b *strings.Builder) {
	if len(c.entries) == 0 {
		return
	}
	x := svgMargin + svgPad + 4
	fmt.Fprintf(b, "<path class=\"first line\" d=\"M%d %dV%d\"/>\n", x, c.entries[0].y, c.top-svgArrow+1)
	fmt.Fprintf(b, "<path class=\"tip\" d=\"M%d %dl-4 -%dh8z\"/>\n", x, c.top, svgArrow)
	for _, r := range c.entries {
		fmt.Fprintf(b, "<g><title>%s</title>\n", escapeXML(r.told()))
		fmt.Fprintf(b, "<circle class=\"dot\" cx=\"%d\" cy=\"%d\" r=\"4\"/>\n", x, r.y)
		r.writeLabel(b, x+svgPad)
		b.WriteString("</g>\n")
	}
}

// write draws the label of a row and the line from it to the edge of the box.
func (r *svgRow) write(b *strings.Builder, p *picture) {
	fmt.Fprintf(b, "<g><title>%s</title>\n", escapeXML(r.told()))
	x := svgMargin + svgPad + svgIndent
	r.writeLabel(b, x)
	for _, w := range p.wires {
		if p.cards[w.to].state == r.cell.Next && w.verdict == r.cell.Verdict {
			fmt.Fprintf(b, "<path class=\"%s line hue%d\" d=\"M%d %dH%d\"/>\n", w.verdict, w.hue, x+r.width()+6, r.y, p.right())
		}
	}
	b.WriteString("</g>\n")
}

func (r *svgRow) writeLabel(b *strings.Builder, x int) {
	top := r.y - (len(r.lines)-1)*svgText/2
	for i, line := range r.lines {
		writeText(b, "event", x, top+i*svgText, line)
	}
}

// width is that of the longest line.
func (r *svgRow) width() int {
	width := 0
	for _, line := range r.lines {
		width = max(width, textPixels(line, svgSmall))
	}
	return width
}

// told is what a pointer that rests on the label reads: the cell in full, with its reason.
func (r *svgRow) told() string {
	return fmt.Sprintf("%s × %s: %s. %s", stateLabel(r.cell.From), arrowLabel(r.cell), outcomeText(r.cell, r.cell.Next), r.cell.Reason)
}
