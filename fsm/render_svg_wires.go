package fsm

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// connect makes a wire for each state and verdict that rows lead to.
func (p *picture) connect() {
	hue := 0
	for i := range p.cards {
		arriving := p.arriving(i)
		middle := (p.cards[i].top + p.cards[i].head) / 2
		for j := range arriving {
			arriving[j].y = middle + (2*j+1-len(arriving))*(svgHead/2/len(arriving))
			arriving[j].hue = hue % len(svgHues)
		}
		if len(arriving) > 0 {
			hue++
		}
		p.wires = append(p.wires, arriving...)
	}
}

// arriving lists the wires to a card in the order in which they arrive at its head, from top to bottom, so that they do
// not cross there: what comes from above before what comes from below, and on each side the lower before the higher.
func (p *picture) arriving(card int) []svgWire {
	var wires []svgWire
	for _, v := range Verdicts() {
		if from := p.sources(p.cards[card].state, v); len(from) > 0 {
			wires = append(wires, svgWire{to: card, verdict: v, from: from})
		}
	}
	sort.SliceStable(wires, func(i, j int) bool {
		a, b := wires[i].from, wires[j].from
		aboveA, aboveB := a[0] < p.cards[card].head, b[0] < p.cards[card].head
		switch {
		case aboveA != aboveB:
			return aboveA
		case aboveA:
			return a[0] > b[0]
		}
		return a[len(a)-1] > b[len(b)-1]
	})
	return wires
}

// sources lists the middles of the rows that lead to a state with a verdict.
func (p *picture) sources(state string, v Verdict) []int {
	var ys []int
	for _, c := range p.cards {
		for _, r := range c.rows {
			if r.cell.Next == state && r.cell.Verdict == v {
				ys = append(ys, r.y)
			}
		}
	}
	return ys
}

// span is the stretch of its track that a wire takes.
func (w *svgWire) span() (top, bottom int) {
	return min(w.y, w.from[0]), max(w.y, w.from[len(w.from)-1])
}

// lay gives each wire the innermost free track, short wires first, so that they cross few others. It tells how many
// tracks there are.
func (p *picture) lay() int {
	order := make([]*svgWire, len(p.wires))
	for i := range p.wires {
		order[i] = &p.wires[i]
	}
	sort.SliceStable(order, func(i, j int) bool { return order[i].length() < order[j].length() })
	var tracks [][]*svgWire
	for _, w := range order {
		w.track = slices.IndexFunc(tracks, func(laid []*svgWire) bool { return w.fits(laid) })
		if w.track < 0 {
			w.track = len(tracks)
			tracks = append(tracks, nil)
		}
		tracks[w.track] = append(tracks[w.track], w)
	}
	return len(tracks)
}

func (w *svgWire) length() int {
	top, bottom := w.span()
	return bottom - top
}

// fits tells whether a wire touches none of those that are laid on a track.
func (w *svgWire) fits(laid []*svgWire) bool {
	top, bottom := w.span()
	for _, other := range laid {
		t, b := other.span()
		if top < b+svgBend && t < bottom+svgBend {
			return false
		}
	}
	return true
}

// paths draws a wire from the edge of the boxes: a trunk from the farthest row on each side, which takes the others in
// as a railway takes in a branch. No stretch is drawn twice, or dashes would run into each other.
func (w *svgWire) paths(right, x int) []string {
	var paths []string
	arrived := false
	below := len(w.from)
	for i, y := range w.from {
		if y > w.y {
			below = i
			break
		}
		paths = append(paths, w.leave(right, x, y, svgBend))
		if i == 0 {
			paths[0] += w.arrive(right, x, -svgBend, true)
			arrived = true
		}
	}
	for i := len(w.from) - 1; i >= below; i-- {
		path := w.leave(right, x, w.from[i], -svgBend)
		if i == len(w.from)-1 {
			path += w.arrive(right, x, svgBend, !arrived)
		}
		paths = append(paths, path)
	}
	return paths
}

// leave draws the branch of a row up to the track.
func (w *svgWire) leave(right, x, y, bend int) string {
	return fmt.Sprintf("M%d %dH%dQ%d %d %d %d", right, y, x-svgBend, x, y, x, y+bend)
}

// arrive draws the rest of a trunk: along the track and, unless the other trunk has drawn that, to the box.
func (w *svgWire) arrive(right, x, bend int, last bool) string {
	path := fmt.Sprintf("V%dQ%d %d %d %d", w.y+bend, x, w.y, x-svgBend, w.y)
	if last {
		path += fmt.Sprintf("H%d", right+svgArrow-1)
	}
	return path
}

// write draws a wire and its arrowhead.
func (w *svgWire) write(b *strings.Builder, p *picture) {
	paths := strings.Join(w.paths(p.right(), p.trackX(w.track)), "")
	fmt.Fprintf(b, "<path class=\"halo\" d=\"%s\"/>\n", paths)
	fmt.Fprintf(b, "<path class=\"%s line hue%d\" d=\"%s\"/>\n", w.verdict, w.hue, paths)
	fmt.Fprintf(b, "<path class=\"tip hue%d\" d=\"M%d %dl%d -4v8z\"/>\n", w.hue, p.right(), w.y, svgArrow)
}
