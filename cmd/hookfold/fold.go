package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hookfold/hookfold/adapters/lines"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// foldCmd folds text into documents.
type foldCmd struct {
	At     string   `help:"Fold only what is dated up to this time (Unix seconds or RFC 3339), and say that it is this time. Without it no clock is assumed." placeholder:"TIME"`
	Source string   `help:"Source of the notifications." default:"mangopay"`
	Files  []string `arg:"" optional:"" help:"Files of lines: JSON objects, URLs or query strings; standard input without any."`
}

// Run prints one document a resource and a summary.
func (c *foldCmd) Run(e env) error {
	at, err := projections.ParseAsOf(c.At)
	if err != nil || !at.IsTime() && c.At != "" {
		return exit(exitUsage, "--at %q is not a time: give Unix seconds or an RFC 3339 time", c.At)
	}
	r := lines.NewReader(c.Source, func(bad *lines.LineError) { _, _ = fmt.Fprintln(e.err, "hookfold:", bad) })
	if err := c.read(e, r); err != nil {
		return err
	}
	records := make([]projections.Record, 0, len(r.Events()))
	for _, ev := range r.Events() {
		records = append(records, projections.Record{Event: ev})
	}
	docs, err := projections.Documents(views.All(), records, at)
	if err != nil {
		return err
	}
	if err := write(e.out, docs, r.Summary()); err != nil {
		return exit(exitUnreachable, "writing the output: %w", err)
	}
	if n := r.Summary().Malformed; n > 0 {
		return exit(exitBadInput, "%d malformed lines; everything else was folded", n)
	}
	return nil
}

// read reads all inputs.
func (c *foldCmd) read(e env, r *lines.Reader) error {
	if len(c.Files) == 0 {
		return r.Read("", e.in)
	}
	for _, name := range c.Files {
		if err := readFile(name, r); err != nil {
			return exit(exitUnreachable, "%w", err)
		}
	}
	return nil
}

func readFile(name string, r *lines.Reader) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	return r.Read(name, f)
}

// write writes JSON lines.
func write(to io.Writer, docs []projections.Document, summary lines.Summary) error {
	out := bufio.NewWriter(to)
	for _, d := range docs {
		_, _ = out.Write(d.JSON) // Flush returns the first error
		_ = out.WriteByte('\n')
	}
	last, err := json.Marshal(summary)
	if err != nil {
		return err
	}
	_, _ = out.Write(append(last, '\n'))
	return out.Flush()
}
