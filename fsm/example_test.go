package fsm_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookfold/hookfold/fsm"
)

// Payout is the state of a machine of one's own. Its numbers follow the States of the specification, from 1.
type Payout uint8

// payout is a complete machine: every state × event pair has a verdict and a reason.
var payout = fsm.Spec[int]{
	Name:    "payout",
	Version: 1,
	States:  []string{"ASKED", "PAID"},
	Events:  []string{"asked", "paid"},
	Guards: map[string]fsm.Guard[int]{"in_limit": {
		Meaning: "the amount is at most 1000 EUR",
		Holds:   func(eur int) bool { return eur <= 1000 },
		Saw:     func(eur int) string { return fmt.Sprintf("eur=%d", eur) },
	}},
	Cells: []fsm.Cell{
		{From: "", Event: "asked", Verdict: fsm.First, Next: "ASKED", Reason: "Somebody asked for a payout."},
		{From: "", Event: "paid", Verdict: fsm.First, Next: "PAID", Reason: "It was paid before we heard of it."},
		{From: "ASKED", Event: "asked", Verdict: fsm.Duplicate, Next: "ASKED", Reason: "It was asked for already."},
		{From: "ASKED", Event: "paid", Guard: "in_limit", Verdict: fsm.Applied, Next: "PAID", Reason: "The bank paid."},
		{From: "ASKED", Event: "paid", Guard: "!in_limit", Verdict: fsm.Conflict, Next: "ASKED", Reason: "Over the limit the bank asks first."},
		{From: "PAID", Event: "asked", Verdict: fsm.Conflict, Next: "PAID", Reason: "A new payout has an id of its own."},
		{From: "PAID", Event: "paid", Verdict: fsm.Duplicate, Next: "PAID", Reason: "It is paid."},
	},
}

func ExampleNew() {
	m, err := fsm.New[Payout](payout)
	fmt.Println(m.Definition().Name, len(m.Definition().Cells), err)

	incomplete := payout
	incomplete.Cells = payout.Cells[1:6]
	_, err = fsm.New[Payout](incomplete)
	fmt.Println(strings.ReplaceAll(err.Error(), "; ", ";\n  "))
	// Output:
	// payout 7 <nil>
	// fsm: the machine is not completely declared: payout: cell "" × "asked" is missing;
	//   cell "PAID" × "paid" is missing;
	//   the cells of state "ASKED" are unreachable: nothing leads to it
}

func ExampleMust() {
	m := fsm.Must[Payout](payout)
	fmt.Println(m.Definition().States[1:])
	// Output: [ASKED PAID]
}

func ExampleMachine_Step() {
	m := fsm.Must[Payout](payout)
	paid, _ := m.Column("paid") // once per event type, not once per step
	asked, _ := m.State("ASKED")

	for _, eur := range []int{80, 5000} {
		out := m.Step(asked, paid, eur)
		fmt.Printf("%d EUR: %s, %s\n", eur, out.Verdict, m.Name(out.To))
	}
	// Output:
	// 80 EUR: applied, PAID
	// 5000 EUR: conflict, ASKED
}

func ExampleMachine_Explain() {
	m := fsm.Must[Payout](payout)
	paid, _ := m.Column("paid")
	asked, _ := m.State("ASKED")
	e := m.Explain(asked, paid, 5000)
	fmt.Println(e.Verdict, "because", e.Guard.Name, "saw", e.Guard.Saw)
	fmt.Println(strings.ReplaceAll(e.String(), ". ", ".\n"))
	// Output:
	// conflict because in_limit saw eur=5000
	// paid in ASKED: conflict.
	// Over the limit the bank asks first.
	// Guard in_limit does not hold (the amount is at most 1000 EUR): saw eur=5000.
	// Legal from ASKED: paid → PAID [in_limit].
}

func ExampleDefinition_Path() {
	d := fsm.Must[Payout](payout).Definition()
	fmt.Println(d.Permitted("ASKED"), d.Reaches("ASKED", "PAID"), d.Arrow("", "PAID", fsm.First))
	for _, route := range d.Paths("ASKED") {
		fmt.Println(route.To, route.Steps)
	}
	_, ok := d.Path("PAID", "ASKED")
	fmt.Println(ok)
	// Output:
	// [paid] true true
	// PAID [{paid PAID in_limit}]
	// false
}

func ExampleDefinition_Text() {
	fmt.Print(fsm.Must[Payout](payout).Definition().Text())
	// Output:
	// machine payout, version 1: 2 states, 2 events, 7 cells
	//
	// state            asked      paid
	// -----------------------------------------
	// (nothing known)  first      first
	//                  → ASKED    → PAID
	// ASKED            duplicate  applied
	//                             → PAID
	//                             else conflict
	// PAID             conflict   duplicate
	//
	// Guards
	//   in_limit: the amount is at most 1000 EUR
	//
	// Reasons
	//   (nothing known) × asked: first → ASKED
	//       Somebody asked for a payout.
	//   (nothing known) × paid: first → PAID
	//       It was paid before we heard of it.
	//   ASKED × asked: duplicate
	//       It was asked for already.
	//   ASKED × paid [in_limit]: applied → PAID
	//       The bank paid.
	//   ASKED × paid [!in_limit]: conflict
	//       Over the limit the bank asks first.
	//   PAID × asked: conflict
	//       A new payout has an id of its own.
	//   PAID × paid: duplicate
	//       It is paid.
}

func ExampleDefinition_Mermaid() {
	fmt.Print(fsm.Must[Payout](payout).Definition().Mermaid())
	// Output:
	// stateDiagram-v2
	//     [*] --> ASKED: asked
	//     [*] --> PAID: paid
	//     ASKED --> PAID: paid [in_limit]
}

func ExampleDefinition_DOT() {
	fmt.Print(fsm.Must[Payout](payout).Definition().DOT())
	// Output:
	// digraph "payout" {
	//     graph [label="machine payout, version 1", labelloc=t, nodesep=0.4, fontname="Helvetica"];
	//     node [shape=box, style=rounded, fontname="Helvetica"];
	//     edge [fontname="Helvetica", fontsize=11];
	//     "" [shape=circle, style=filled, fillcolor=black, label="", width=0.15, tooltip="(nothing known)"];
	//     "ASKED";
	//     "PAID" [peripheries=2];
	//     "" -> "ASKED" [label=" asked \l", style=dotted];
	//     "" -> "PAID" [label=" paid \l", style=dotted];
	//     "ASKED" -> "PAID" [label=" paid [in_limit] \l"];
	// }
}

func ExampleDefinition_SVG() {
	picture := fsm.Must[Payout](payout).Definition().SVG() // write it to payout.svg, or into a page
	lines := strings.SplitN(picture, "\n", 4)
	fmt.Println(lines[1])
	fmt.Println(strings.ReplaceAll(lines[2], ". ", ".\n"))
	// Output:
	// <title>machine payout, version 1</title>
	// <desc>From (nothing known): asked leads to ASKED; paid leads to PAID.
	// From ASKED: paid [in_limit] leads to PAID.
	// From PAID nothing leads on.</desc>
}

func ExampleDiff() {
	next := payout
	next.Version = 2
	next.Cells = slices.Clone(payout.Cells)
	next.Cells[4].Verdict = fsm.Noted
	next.Cells[6].Reason = "It is paid already."

	d := fsm.Diff(fsm.Must[Payout](payout).Definition(), fsm.Must[Payout](next).Definition())
	fmt.Println(d.ChangesOutcomes(), d.Cells[0].Fields(), d.Cells[1].Fields())
	fmt.Print(d.Text())
	// Output:
	// true [verdict] [reason]
	// machine payout: outcomes differ, what was folded before must be rebuilt
	//
	// Outcomes
	//   ~ version: 1 → 2
	//   ~ ASKED × paid [!in_limit]: verdict conflict → noted
	//
	// Words
	//   ~ PAID × paid: reason
	//       - It is paid.
	//       + It is paid already.
}

func ExampleDefinition_JSON() {
	lines := strings.SplitAfterN(string(fsm.Must[Payout](payout).Definition().JSON()), "\n", 4)
	fmt.Print(lines[0], lines[1], lines[2])
	// Output:
	// [
	// {"state":"","event":"asked","verdict":"first","next":"ASKED","guard":"","reason":"Somebody asked for a payout."},
	// {"state":"","event":"paid","verdict":"first","next":"PAID","guard":"","reason":"It was paid before we heard of it."},
}

func ExampleReadJSON() {
	kept := fsm.Must[Payout](payout).Definition().JSON() // such as hookfold machine show --format json prints
	d, err := fsm.ReadJSON("payout", kept)
	fmt.Println(d.States[1:], d.Permitted("ASKED"), err)
	// Output: [ASKED PAID] [paid] <nil>
}
