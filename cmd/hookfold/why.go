package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// whyCmd explains how a resource came to its present state.
type whyCmd struct {
	lookup
	JSON bool `help:"Print the document, whose history holds the same." name:"json"`
}

// Run prints the present state, then every event with its verdict and reason, then what is to come of a hook.
func (c *whyCmd) Run(e env) error {
	docs, err := c.find(e)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if c.JSON {
			_, err = fmt.Fprintln(e.out, strings.TrimSpace(string(d)))
		} else if err = explain(e.out, d); err == nil {
			err = c.foresee(e, d)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// explain renders one document for people.
func explain(out io.Writer, doc []byte) error {
	var b strings.Builder
	if err := present(&b, doc); err != nil {
		return err
	}
	var d struct {
		History []projections.Line `json:"history"`
	}
	if err := json.Unmarshal(doc, &d); err != nil {
		return fmt.Errorf("the server's document cannot be read: %w", err)
	}
	for _, l := range d.History {
		line(&b, l)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// present prints a document's fields but the history, in their order.
func present(b *strings.Builder, doc []byte) error {
	in := json.NewDecoder(bytes.NewReader(doc))
	if _, err := in.Token(); err != nil {
		return fmt.Errorf("the server's document cannot be read: %w", err)
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return fmt.Errorf("the server's document cannot be read: %w", err)
		}
		var v json.RawMessage
		if err := in.Decode(&v); err != nil {
			return fmt.Errorf("the server's document cannot be read: %w", err)
		}
		if name != "history" {
			b.WriteString(strings.TrimRight(fmt.Sprintf("%-20s %s", name, strings.Trim(string(v), `"`)), " ") + "\n")
		}
	}
	return nil
}

// line prints one event: when, what, which machine, verdict, move, reason, and for what does not fit how it would have.
func line(b *strings.Builder, l projections.Line) {
	fmt.Fprintf(b, "\n%s  %s", time.Unix(l.Date, 0).UTC().Format(time.RFC3339), l.Event)
	if l.Count > 1 {
		fmt.Fprintf(b, " ×%d until %s", l.Count, time.Unix(l.Until, 0).UTC().Format(time.RFC3339))
	}
	if l.Machine != "" {
		fmt.Fprintf(b, "\n    %s: %s → %s", l.Machine, named(l.From), named(l.To))
	}
	fmt.Fprintf(b, "\n    %s: %s\n", l.Verdict, l.Why)
	if l.Verdict == fsm.Conflict || l.Verdict == fsm.Gap {
		legal(b, l)
	}
}

// legal prints the shortest legal path that ends with the event (law 9).
func legal(b *strings.Builder, l projections.Line) {
	event := l.Event
	if info, ok := mangopay.Lookup(events.Type(event)); ok && info.Alias != "" {
		event = string(info.Alias)
	}
	for _, d := range machines() {
		if d.Name != l.Machine && (d.Name != "idv" || l.Machine != mangopay.MachineSession) {
			continue
		}
		steps, start := d.Legalise(l.From, event)
		if steps == nil {
			continue
		}
		fmt.Fprintf(b, "    legal would have been, from %s:", named(start))
		path := make([]string, len(steps))
		for i, s := range steps {
			path[i] = s.Event + " → " + named(s.To)
		}
		fmt.Fprintf(b, " %s\n", strings.Join(path, ", "))
	}
}

// named names a state for people.
func named(state string) string {
	if state == "" {
		return "(nothing known)"
	}
	return state
}
