package fsm

import (
	"fmt"
	"strings"
)

// Mermaid renders the moving cells as a stateDiagram-v2: first, applied and gap, each labelled with its event, its
// guard in brackets and a gap's verdict. An applied cell that stays is an arrow to itself. Nothing known is drawn as
// [*]. The bytes are a function of the definition.
func (d *Definition) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	ids := d.mermaidIDs()
	for _, s := range d.States[1:] {
		if ids[s] != s {
			fmt.Fprintf(&b, "    state \"%s\" as %s\n", mermaidText.Replace(s), ids[s])
		}
	}
	for _, c := range d.Cells {
		if c.Verdict.Moves() {
			fmt.Fprintf(&b, "    %s --> %s: %s\n", ids[c.From], ids[c.Next], mermaidText.Replace(arrowLabel(c)))
		}
	}
	return b.String()
}

// arrowLabel is what diagrams write on the arrow of a cell.
func arrowLabel(c Cell) string {
	label := c.Event
	if c.Guard != "" {
		label += " [" + c.Guard + "]"
	}
	if c.Verdict == Gap {
		label += " (gap)"
	}
	return label
}

// mermaidText escapes what would end a label; Mermaid reads #nn; as a character.
var mermaidText = strings.NewReplacer("#", "#35;", ":", "#58;", ";", "#59;", `"`, "#34;", "\n", " ")

// mermaidWords are words that Mermaid's grammar keeps for itself, in any case.
var mermaidWords = map[string]bool{
	"as": true, "choice": true, "class": true, "classdef": true, "click": true, "default": true, "direction": true, "end": true,
	"fork": true, "hide": true, "href": true, "join": true, "note": true, "scale": true, "state": true, "style": true,
}

// mermaidIDs gives every state an identifier of its own: its name where Mermaid can read that, else a changed one.
func (d *Definition) mermaidIDs() map[string]string {
	ids := map[string]string{"": "[*]"}
	taken := map[string]bool{}
	for _, s := range d.States[1:] {
		taken[s] = true
	}
	for _, s := range d.States[1:] {
		id := strings.Map(mermaidRune, s)
		for id != s && taken[id] || mermaidWords[strings.ToLower(id)] {
			id += "_"
		}
		taken[id] = true
		ids[s] = id
	}
	return ids
}

func mermaidRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
		return r
	default:
		return '_'
	}
}
