package fsm

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Lengths of the picture, in pixels at its natural size.
const (
	svgMargin = 16
	svgFont   = 13 // of names; svgSmall of everything else
	svgSmall  = 12
	svgLine   = 20 // from one row to the next
	svgHead   = 32 // height of a head of one line
	svgGap    = 22 // between boxes
	svgTrack  = 13 // from one track to the next
	svgBend   = 7  // radius of a bend
	svgText   = 16 // from one line of a text to the next
	svgPad    = 12 // between an edge and a text
	svgIndent = 8  // of rows, against the name
	svgArrow  = 9  // length of an arrowhead
	svgMin    = 372
	nameWidth = 30 // characters; longer names of states are broken
)

// picture is a definition laid out: boxes on the left, the tracks of the wires on their right.
type picture struct {
	d             *Definition
	prefix        string // what all events begin with
	box           int    // width of every box
	width, height int
	captions      []string
	cards         []svgCard
	wires         []svgWire
	keys          []svgKey
	legendY       int // where the legend begins
}

// svgCard is one state: above the box what leads to it from nothing known, in the box its name and what leads out.
type svgCard struct {
	state           string
	name            []string // its lines
	entries, rows   []svgRow
	top, head, foot int // edges of the box, and of its head
	final, observed bool
}

// svgRow is the label of one moving cell.
type svgRow struct {
	cell  Cell
	lines []string
	y     int // middle
}

// svgWire joins all rows that lead to one state with one verdict.
type svgWire struct {
	to      int // card
	verdict Verdict
	hue     int
	from    []int // the middles of its rows, from top to bottom
	y       int   // where it arrives
	track   int
}

// draw lays out a definition.
func (d *Definition) draw() *picture {
	p := &picture{d: d, prefix: d.eventPrefix()}
	if p.prefix != "" {
		p.captions = wrap("Events begin with "+p.prefix, (svgMin-2*svgMargin)*10/(6*svgSmall))
	}
	for _, s := range d.States[1:] {
		p.cards = append(p.cards, p.card(s))
	}
	p.box = p.boxWidth()
	p.stack()
	p.connect()
	p.width = max(svgMin, p.trackX(p.lay())+svgMargin-svgTrack)
	p.key()
	return p
}

func (p *picture) title() string {
	return fmt.Sprintf("machine %s, version %d", p.d.Name, p.d.Version)
}

// right is the right edge of the boxes, and trackX the place of a track.
func (p *picture) right() int           { return svgMargin + p.box }
func (p *picture) trackX(track int) int { return p.right() + svgArrow + svgBend + 4 + track*svgTrack }

// boxWidth is what the widest label needs.
func (p *picture) boxWidth() int {
	width := 200
	for _, c := range p.cards {
		for _, line := range c.name {
			width = max(width, textPixels(line, svgFont)+2*svgPad)
		}
		if c.final {
			width = max(width, textPixels(c.name[0], svgFont)+textPixels("final", svgSmall)+3*svgPad)
		}
		for _, r := range slices.Concat(c.entries, c.rows) {
			width = max(width, svgIndent+r.width()+3*svgPad)
		}
	}
	return width
}

// stack gives everything on the left its height, from top to bottom.
func (p *picture) stack() {
	y := 44 + len(p.captions)*svgText
	for i := range p.cards {
		y = p.cards[i].stack(y) + svgGap
	}
	p.legendY = y
}

// stack places a card below y and tells where it ends.
func (c *svgCard) stack(y int) int {
	for i := range c.entries {
		y = c.entries[i].stack(y)
	}
	if len(c.entries) > 0 {
		y += svgArrow + 8
	}
	c.top = y
	c.head = c.top + svgHead + (len(c.name)-1)*svgLine
	y = c.head
	for i := range c.rows {
		y = c.rows[i].stack(y)
	}
	if len(c.rows) > 0 {
		y += 5
	}
	c.foot = y
	return y
}

// stack places a row below y and tells where it ends.
func (r *svgRow) stack(y int) int {
	height := svgLine + (len(r.lines)-1)*svgText
	r.y = y + height/2 + 1
	return y + height
}

// card collects what belongs to a state.
func (p *picture) card(state string) svgCard {
	c := svgCard{
		state: state, name: breakAfter(state, "_+. ", nameWidth),
		final: p.d.isFinal(state), observed: p.d.observed[state],
	}
	for _, cell := range p.d.Cells {
		switch {
		case cell.From == "" && cell.Next == state && cell.Verdict.Moves():
			c.entries = append(c.entries, p.row(cell))
		case cell.Verdict.Moves() && cell.From == state:
			c.rows = append(c.rows, p.row(cell))
		}
	}
	return c
}

func (p *picture) row(c Cell) svgRow {
	return svgRow{cell: c, lines: breakAfter(strings.TrimPrefix(arrowLabel(c), p.prefix), labelMarks, labelWidth)}
}

// textPixels is the width of a text in the picture's monospaced fonts, whose characters are 0.6 of their size wide.
func textPixels(s string, size int) int { return (utf8.RuneCountInString(s)*size*6 + 9) / 10 }
