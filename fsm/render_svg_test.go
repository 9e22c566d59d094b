package fsm_test

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/fsm"
)

// area is a part of a picture: a text, a box, or a straight stretch of a line.
type area struct {
	left, top, right, bottom int
	what                     string
}

func (a area) meets(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

func (a area) holds(b area) bool {
	return a.left <= b.left && b.right <= a.right && a.top <= b.top && b.bottom <= a.bottom
}

// drawing is what a reader of a picture sees.
type drawing struct {
	width, height int
	texts, boxes  []area
	names         []area // the texts that name states
	lines         []line
	tips          [][2]int // points of arrowheads
	dots          []int    // heights of dots
	labels        []string // what a pointer reads on labels
}

// line is one path: where it starts and ends, and its straight stretches, as areas without a width.
type line struct {
	class   string
	x, y    int
	end     [2]int
	stretch []area
}

var (
	pathStep = regexp.MustCompile(`([MHVQlvhz])([^MHVQlvhz]*)`)
	number   = regexp.MustCompile(`-?\d+`)
)

// see reads a picture as XML.
func see(t require.TestingT, svg string) *drawing {
	d := &drawing{}
	in := xml.NewDecoder(strings.NewReader(svg))
	group := false
	for {
		token, err := in.Token()
		if token == nil {
			return d
		}
		require.NoError(t, err)
		start, ok := token.(xml.StartElement)
		if end, isEnd := token.(xml.EndElement); isEnd && end.Name.Local == "g" {
			group = false
		}
		if !ok {
			continue
		}
		at := attributes(start)
		switch start.Name.Local {
		case "svg":
			d.width, d.height = whole(t, at["width"]), whole(t, at["height"])
			require.Equal(t, fmt.Sprintf("0 0 %d %d", d.width, d.height), at["viewBox"])
		case "g":
			group = true
		case "title":
			text := content(t, in, start)
			if group {
				d.labels = append(d.labels, text)
			}
		case "text":
			d.text(t, at, content(t, in, start))
		case "rect":
			d.rect(t, at)
		case "circle":
			d.dots = append(d.dots, whole(t, at["cy"]))
		case "path":
			d.path(t, at)
		}
	}
}

func attributes(e xml.StartElement) map[string]string {
	at := map[string]string{}
	for _, a := range e.Attr {
		at[a.Name.Local] = a.Value
	}
	return at
}

func content(t require.TestingT, in *xml.Decoder, start xml.StartElement) string {
	var s string
	require.NoError(t, in.DecodeElement(&s, &start))
	return s
}

func whole(t require.TestingT, s string) int {
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// text measures a text by the widest of the fonts that the sheet names: 0.602 of the size for a character.
func (d *drawing) text(t require.TestingT, at map[string]string, s string) {
	size := map[string]int{"head": 15, "name": 13}[at["class"]]
	if size == 0 {
		size = 12
	}
	width := utf8.RuneCountInString(s)*size*602/1000 + 1
	x, y := whole(t, at["x"]), whole(t, at["y"])
	if strings.HasPrefix(at["class"], "end") {
		x -= width
	}
	a := area{x, y - size + 2, x + width, y + 3, s}
	d.texts = append(d.texts, a)
	if at["class"] == "name" {
		d.names = append(d.names, a)
	}
}

func (d *drawing) rect(t require.TestingT, at map[string]string) {
	if !strings.HasPrefix(at["class"], "box") {
		return
	}
	x, y := whole(t, at["x"]), whole(t, at["y"])
	d.boxes = append(d.boxes, area{x, y, x + whole(t, at["width"]), y + whole(t, at["height"]), "box"})
}

// path splits a path into its parts that begin with M.
func (d *drawing) path(t require.TestingT, at map[string]string) {
	if strings.Contains(at["class"], "halo") || at["class"] == "rule" {
		return
	}
	x, y := 0, 0
	for _, step := range pathStep.FindAllStringSubmatch(at["d"], -1) {
		var n []int
		for _, s := range number.FindAllString(step[2], -1) {
			n = append(n, whole(t, s))
		}
		fromX, fromY := x, y
		switch step[1] {
		case "M":
			x, y = n[0], n[1]
			if strings.HasPrefix(at["class"], "tip") {
				d.tips = append(d.tips, [2]int{x, y})
				return
			}
			d.lines = append(d.lines, line{class: at["class"], x: x, y: y})
			continue
		case "H":
			x = n[0]
		case "V":
			y = n[0]
		case "Q":
			x, y = n[2], n[3]
			d.lines[len(d.lines)-1].end = [2]int{x, y}
			continue
		}
		last := &d.lines[len(d.lines)-1]
		last.end = [2]int{x, y}
		last.stretch = append(last.stretch, area{min(x, fromX), min(y, fromY), max(x, fromX), max(y, fromY), at["class"]})
	}
}

// legible tells what keeps a picture from being read; nothing if all is well.
func (d *drawing) legible() []string {
	var faults []string
	page := area{0, 0, d.width, d.height, "page"}
	for i, a := range d.texts {
		if !page.holds(a) {
			faults = append(faults, fmt.Sprintf("%q leaves the page", a.what))
		}
		for _, b := range d.texts[:i] {
			if a.meets(b) {
				faults = append(faults, fmt.Sprintf("%q and %q overlap", a.what, b.what))
			}
		}
		for _, box := range d.boxes {
			if a.meets(box) && !box.holds(a) {
				faults = append(faults, fmt.Sprintf("%q crosses the edge of a box", a.what))
			}
		}
	}
	for i, box := range d.boxes {
		for _, other := range d.boxes[:i] {
			if box.meets(other) {
				faults = append(faults, "two boxes overlap")
			}
		}
	}
	return append(faults, d.tangled()...)
}

// tangled tells where lines run through texts or along each other. Lines may cross.
func (d *drawing) tangled() []string {
	var faults []string
	var seen []area
	for _, l := range d.lines {
		for _, a := range l.stretch {
			thick := area{a.left - 1, a.top - 1, a.right + 1, a.bottom + 1, a.what}
			for _, text := range d.texts {
				if thick.meets(text) {
					faults = append(faults, fmt.Sprintf("a line runs through %q", text.what))
				}
			}
			for _, b := range seen {
				alongX := a.top == a.bottom && b.top == b.bottom && a.top == b.top && a.left < b.right && b.left < a.right
				alongY := a.left == a.right && b.left == b.right && a.left == b.left && a.top < b.bottom && b.top < a.bottom
				if alongX || alongY {
					faults = append(faults, fmt.Sprintf("lines run along each other: %v %v", a, b))
				}
			}
			seen = append(seen, a)
		}
	}
	return faults
}

func TestEveryPictureIsLegible(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		seen := see(t, d.SVG())
		require.Empty(t, seen.legible(), d.Name)
		require.GreaterOrEqual(t, 12*min(390, seen.width)*10/seen.width, 110, "%s: letters of 11 pixels on a phone", d.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := anyMachine(t)
		require.Empty(t, see(t, d.SVG()).legible())
		again := d.SVG()
		require.Equal(t, d.SVG(), again)
	})
}

// follow goes along the line that begins at a point, as an eye does, and returns the name of the box where it ends.
func (d *drawing) follow(t require.TestingT, class string, x, y int) string {
	i := slices.IndexFunc(d.lines, func(l line) bool { return l.class == class && l.x == x && l.y == y })
	for range d.lines {
		require.GreaterOrEqual(t, i, 0, "a line goes on from %d, %d", x, y)
		end := d.lines[i].end
		if j := slices.IndexFunc(d.tips, func(tip [2]int) bool { return tip[1] == end[1] && tip[0] < end[0] && end[0] < tip[0]+12 }); j >= 0 {
			return d.boxAt(d.tips[j][1])
		}
		x, y = end[0], end[1]
		i = slices.IndexFunc(d.lines, func(l line) bool { return l.class == class && l.end != end && l.passes(end) })
	}
	return "nowhere"
}

// passes tells whether a point lies on a straight stretch.
func (l *line) passes(at [2]int) bool {
	return slices.ContainsFunc(l.stretch, func(a area) bool {
		return a.left <= at[0] && at[0] <= a.right && a.top <= at[1] && at[1] <= a.bottom
	})
}

// boxAt returns the name of the box that holds a height, or of the next one below.
func (d *drawing) boxAt(y int) string {
	i := slices.IndexFunc(d.boxes, func(b area) bool { return y < b.bottom })
	name := ""
	for _, line := range d.names {
		if i >= 0 && d.boxes[i].holds(line) {
			name += line.what
		}
	}
	return name
}

// Every moving cell stands in the picture once, and its line ends at its next state.
func TestEveryLineLeadsToTheNextState(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		leads(t, d)
	}
	rapid.Check(t, func(t *rapid.T) { leads(t, anyMachine(t)) })
}

func leads(t require.TestingT, d *fsm.Definition) {
	seen := see(t, d.SVG())
	var labels, next, first []string
	for _, s := range d.States {
		for _, c := range d.Cells {
			switch {
			case c.From == "" && c.Next == s && c.Verdict.Moves():
				first = append(first, s)
			case c.From == s && c.Verdict.Moves() && s != "":
				next = append(next, c.Next)
			default:
				continue
			}
			labels = append(labels, c.Reason)
		}
	}
	require.Len(t, seen.labels, len(labels), d.Name)
	for i, reason := range labels {
		require.True(t, strings.HasSuffix(seen.labels[i], reason), "%q ends with %q", seen.labels[i], reason)
	}
	var got []string
	for _, l := range seen.lines {
		if slices.ContainsFunc(seen.boxes, func(b area) bool { return b.left < l.x && l.x < b.right && b.top < l.y && l.y < b.bottom }) {
			got = append(got, seen.follow(t, l.class, l.end[0], l.y))
		}
	}
	require.Equal(t, next, got, d.Name)
	for i, s := range first {
		require.Equal(t, s, seen.boxAt(seen.dots[i]), "%s: a dot stands above its box", d.Name)
	}
}

func TestAPictureTellsWhatStaysToo(t *testing.T) {
	t.Parallel()
	svg := fsm.Must[uint8](turnstile()).Definition().SVG()
	require.Contains(t, svg, "[enough] the coin is worth at least 2")
	require.Contains(t, svg, `class="box observed"`, "BROKEN is reached by observations only")
	require.Contains(t, svg, "An event that changes nothing is not drawn")
	require.NotContains(t, svg, "gap:", "the legend tells what is drawn, and no gap is")
}
