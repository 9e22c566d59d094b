package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hookfold/hookfold/cmd/hookfold/internal/bench"
)

// benchCmd measures this machine.
type benchCmd struct {
	Events    int           `help:"Events of a stream." default:"100000"`
	Resources int           `help:"Users whom they are about, in turns." default:"10000"`
	Stored    int           `help:"Events of the streams of stores and rebuild, about a tenth as many users. As many as --events without it." placeholder:"N"`
	Postgres  string        `help:"PostgreSQL for stores and rebuild, which make schemas of their own there and remove them again. Without it, what needs one is left out and the tables say so." placeholder:"URL" env:"-"` // not that of serve: it would be loaded
	Rounds    int           `help:"How often every contender runs; those of stores and rebuild at most 3 times." default:"5"`
	Transport string        `help:"How the streams are read: tcp (loopback) or process (without a network)." enum:"tcp,process" default:"tcp"`
	Requests  int           `help:"Notifications that the callers of the ingress send in one round." default:"2000"`
	Latency   time.Duration `help:"For how long 200 notifications a second are sent in one round." default:"2s"`
	Largest   int           `help:"Resources with which the growth ends." default:"1000000"`
	Only      []string      `help:"Only these tables, or cases as TABLE/CASE, with their baselines." placeholder:"NAME"`
	Dir       string        `help:"Where the streams are kept meanwhile: it says which disk is measured. The system's temporary directory without it." placeholder:"DIR"`
	JSON      bool          `help:"Print JSON lines, with every round." name:"json" xor:"form"`
	Markdown  bool          `help:"Print the tables as PERFORMANCE.md carries them." xor:"form"`
	Update    string        `help:"Put the tables into this document, between its marks, and print nothing." placeholder:"FILE" xor:"form"`
}

// Run measures and prints.
func (c *benchCmd) Run(e env) error {
	if c.Update != "" {
		if _, _, err := c.document(); err != nil {
			return exit(exitUsage, "%w", err) // before minutes are spent
		}
	}
	report, err := bench.Run(e.ctx, bench.Config{
		Events: c.Events, Resources: c.Resources, Rounds: c.Rounds, Transport: c.Transport, Requests: c.Requests,
		Latency: c.Latency, Largest: c.Largest, Only: c.Only, Dir: c.Dir, Stored: c.Stored, Postgres: c.Postgres,
		Progress: func(table string, round, of int) {
			_, _ = fmt.Fprintln(e.err, progressOf(table, round, of))
		},
	})
	switch {
	case errors.Is(err, bench.ErrConfig):
		return exit(exitUsage, "%w", err)
	case errors.Is(err, bench.ErrDatabase):
		return exit(exitUnreachable, "%w", err)
	case err != nil && c.Update != "":
		return err
	}
	return errors.Join(c.print(e, report), err) // what came before a wrong result stands
}

// progressOf says what comes next.
func progressOf(table string, round, of int) string {
	if round == 0 {
		return table + ": preparing"
	}
	return fmt.Sprintf("%s: round %d of %d", table, round, of)
}

// print gives the report the form that was asked for.
func (c *benchCmd) print(e env, r bench.Report) error {
	switch {
	case c.JSON:
		return r.WriteJSON(e.out)
	case c.Markdown:
		_, err := fmt.Fprint(e.out, r.Markdown())
		return err
	case c.Update != "":
		before, after, err := c.document()
		if err != nil {
			return err
		}
		return os.WriteFile(c.Update, []byte(before+r.Markdown()+after), 0o644)
	}
	return r.WriteText(e.out)
}

// document reads what stands before and after the report in the document that is to be updated.
func (c *benchCmd) document() (before, after string, err error) {
	text, err := os.ReadFile(c.Update)
	if err != nil {
		return "", "", err
	}
	before, _, after, err = bench.Split(string(text))
	return before, after, err
}
