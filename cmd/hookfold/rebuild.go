package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/hookfold/hookfold/projections"
)

// rebuildCmd folds read models anew beside the live ones.
type rebuildCmd struct {
	Model    string `arg:"" optional:"" help:"Read model: users, idv-sessions or hooks."`
	All      bool   `help:"Every read model, one after the other." xor:"what"`
	DryRun   bool   `help:"Fold and compare, and leave everything as it is." xor:"do"`
	Accept   bool   `help:"Swap although there are differences: you have looked at them and want them." name:"accept-differences" xor:"do"`
	Rollback bool   `help:"Go back to what was live before the last rebuild." xor:"do"`
	Discard  bool   `help:"Forget what was live before the last rebuild, which frees its room." name:"discard-previous" xor:"do"`
	JSON     bool   `help:"Print JSON lines: how far it has come, and at the end what it found and did." name:"json"`
	server
}

// Run starts it on the server and shows how it goes on. Stopped, it leaves the live read model as it is.
func (c *rebuildCmd) Run(e env) error {
	if (c.Model == "") != c.All {
		return exit(exitUsage, "name a read model, or give --all")
	}
	q := url.Values{}
	if c.Model != "" {
		q.Set("model", plural(c.Model))
	}
	for name, is := range map[string]bool{"dry": c.DryRun, "accept": c.Accept, "rollback": c.Rollback, "discard": c.Discard} {
		if is {
			q.Set(name, "true")
		}
	}
	show := &progress{to: e.err, terminal: terminal(e.err)}
	err := c.follow(e, q, func(t told) error {
		switch {
		case c.JSON:
			return printRaw(e.out, t)
		case t.Progress != nil:
			return show.step(t.Progress, rebuildBar)
		}
		show.end()
		return c.report(e.out, t.Report)
	}, "rebuild")
	show.end()
	return err
}

// rebuildBar is a step as a line of less than 80 characters.
func rebuildBar(text []byte) (string, error) {
	var p rebuildStep
	err := json.Unmarshal(text, &p)
	bar, left := barOf(p.Share, p.Remaining)
	line := fmt.Sprintf("%s  %s: %s %d/%d", bar, p.Model, p.Phase, p.Done, p.Of)
	if p.PerSecond > 0 {
		line += fmt.Sprintf(", %.0f/s", p.PerSecond)
	}
	return line + left, err
}

// report says what was found and done.
func (c *rebuildCmd) report(w io.Writer, text []byte) error {
	var r projections.RebuildReport
	if err := json.Unmarshal(text, &r); err != nil {
		return exit(exitUnreachable, "the report of the server at %s cannot be read: %w", c.Admin, err)
	}
	for _, d := range r.Differences {
		if _, err := fmt.Fprintf(w, "%s %s: %s%s\n", d.Ref.Kind, d.Ref.ID, d.What, inField(d)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%s: %s\n", r.Model, c.sentence(r))
	return err
}

// inField tells what a field holds on both sides.
func inField(d projections.Difference) string {
	if d.What != "document" {
		return ""
	}
	return fmt.Sprintf(" %s is %s live and %s rebuilt", d.Field, orNothing(d.Live), orNothing(d.Rebuilt))
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return value
}

// sentence sums up a report.
func (c *rebuildCmd) sentence(r projections.RebuildReport) string {
	done := "nothing was changed"
	if r.Swapped {
		done = r.Rebuilt + " is live instead of " + r.Live
	}
	switch {
	case c.Rollback:
		return fmt.Sprintf("at log record %d, %s", r.Seq, done)
	case r.RebuiltDigest == "":
		return done // it did not come to that
	case !r.Compared:
		return fmt.Sprintf("%d rows at log record %d, nothing to compare with; %s", r.RebuiltRows, r.Seq, done)
	case r.LiveDigest == r.RebuiltDigest && r.Different == 0:
		return fmt.Sprintf("%d rows at log record %d are equal (digest %.16s); %s", r.RebuiltRows, r.Seq, r.RebuiltDigest, done)
	}
	return fmt.Sprintf("%d of %d resources differ at log record %d, %d shown; %s", r.Different, max(r.LiveRows, r.RebuiltRows), r.Seq, len(r.Differences), done)
}
