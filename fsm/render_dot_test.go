package fsm_test

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/hookfold/hookfold/fsm"
)

// dotWord is one word of DOT: a quoted string, a name or number, or a mark.
var dotWord = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9_.]+|->|[{}\[\]=,;])`)

// dotGraph is a read digraph. Names and labels are as Graphviz shows them.
type dotGraph struct {
	t     require.TestingT
	words []string
	nodes map[string]map[string]string
	edges []dotEdge
}

type dotEdge struct {
	from, to string
	is       map[string]string
}

// readDOT reads the part of the language that a digraph of quoted names needs, and fails on everything else.
func readDOT(t require.TestingT, source string) *dotGraph {
	g := &dotGraph{t: t, nodes: map[string]map[string]string{}}
	for rest := strings.TrimSpace(source); rest != ""; rest = strings.TrimLeft(rest, " \n") {
		word := dotWord.FindString(rest)
		require.NotEmpty(t, word, "no word of DOT: %.40s", rest)
		g.words = append(g.words, word)
		rest = rest[len(word):]
	}
	g.take("digraph")
	g.text()
	g.take("{")
	for g.words[0] != "}" {
		g.statement()
	}
	g.take("}")
	require.Empty(t, g.words)
	return g
}

func (g *dotGraph) take(word string) {
	require.NotEmpty(g.t, g.words, "ends before %s", word)
	require.Equal(g.t, word, g.words[0])
	g.words = g.words[1:]
}

// text takes a name or a quoted string, and shows it as Graphviz does.
func (g *dotGraph) text() string {
	require.NotEmpty(g.t, g.words)
	word := g.words[0]
	require.Regexp(g.t, `^["A-Za-z0-9_.]`, word)
	g.words = g.words[1:]
	if !strings.HasPrefix(word, `"`) {
		return word
	}
	word = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\l`, "\n").Replace(word[1 : len(word)-1])
	return html.UnescapeString(word)
}

func (g *dotGraph) statement() {
	name := g.text()
	if g.words[0] == "->" {
		g.take("->")
		g.edges = append(g.edges, dotEdge{name, g.text(), g.attributes()})
	} else {
		g.nodes[name] = g.attributes()
	}
	g.take(";")
}

func (g *dotGraph) attributes() map[string]string {
	is := map[string]string{}
	if g.words[0] != "[" {
		return is
	}
	for g.take("["); ; g.take(",") {
		name := g.text()
		g.take("=")
		is[name] = g.text()
		if g.words[0] == "]" {
			g.take("]")
			return is
		}
	}
}

// labels lists the events on an edge: a line that is indented goes on with the one before.
func (e dotEdge) labels() []string {
	return strings.Split(strings.Trim(strings.ReplaceAll(e.is["label"], " \n    ", ""), " \n"), " \n ")
}

// Every state is a node, and every moving cell stands on an edge of its verdict's style.
func TestGraphvizReadsEveryMovingCell(t *testing.T) {
	t.Parallel()
	for _, d := range machines() {
		dotTells(t, d)
	}
	rapid.Check(t, func(t *rapid.T) { dotTells(t, anyMachine(t)) })
}

func dotTells(t require.TestingT, d *fsm.Definition) {
	g := readDOT(t, d.DOT())
	for _, s := range d.States {
		require.Contains(t, g.nodes, s)
	}
	require.Len(t, g.nodes, len(d.States)+3, "and graph, node, edge")
	style := map[fsm.Verdict]string{fsm.First: "dotted", fsm.Gap: "dashed", fsm.Applied: ""}
	cells := 0
	for _, c := range d.Cells {
		if !c.Verdict.Moves() {
			continue
		}
		cells++
		i := slices.IndexFunc(g.edges, func(e dotEdge) bool {
			return e.from == c.From && e.to == c.Next && e.is["style"] == style[c.Verdict]
		})
		require.GreaterOrEqual(t, i, 0, "%v", c)
		require.True(t, slices.ContainsFunc(g.edges[i].labels(), func(l string) bool {
			event, rest, _ := strings.Cut(l, " ")
			return strings.HasSuffix(c.Event, event) && (c.Guard == "" || strings.HasPrefix(rest, "["+c.Guard+"]"))
		}), "%v: %q", c, g.edges[i].labels())
	}
	for _, e := range g.edges {
		cells -= len(e.labels())
	}
	require.Zero(t, cells, "each once")
}

func TestGraphvizShowsNamesAsTheyAre(t *testing.T) {
	t.Parallel()
	odd := []string{`back\slash\`, `a "quote"`, "R&amp;D", `\N`}
	spec := fsm.Spec[int]{Name: `odd "\`, Version: 1, States: odd, Observed: odd, Events: []string{"go", `up\n & "on"`}}
	for _, s := range append([]string{""}, odd...) {
		for _, e := range spec.Events {
			spec.Cells = append(spec.Cells, fsm.Cell{From: s, Event: e, Verdict: fsm.Applied, Next: odd[0], Reason: "r"})
		}
	}
	g := readDOT(t, fsm.Must[uint8](spec).Definition().DOT())
	for _, s := range odd {
		require.Contains(t, g.nodes, s)
	}
	require.Equal(t, ` go `+"\n"+` up\n & "on" `+"\n", g.edges[0].is["label"])
}
