package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
)

// hooksCmd cares for the hooks at the provider.
type hooksCmd struct {
	Ensure ensureCmd `cmd:"" help:"Create the hooks that are missing, point outdated ones at the ingress, revive INVALID ones, and bring in what they missed."`
	Status statusCmd `cmd:"" help:"Show how each hook stands, and how far it is from being switched off."`
	Revive reviveCmd `cmd:"" help:"Make INVALID hooks VALID again by the documented ways, and bring in what they missed."`
}

// ensureCmd brings the hooks to what is wanted.
type ensureCmd struct {
	DryRun  bool `help:"Change nothing; show what would be done."`
	Repoint bool `help:"Also point hooks at the ingress that point at somebody else's address."`
	Enable  bool `help:"Also switch on hooks that were switched off."`
	JSON    bool `help:"Print the report as JSON." name:"json"`
	server
}

// Run shows what was done to each hook.
func (c *ensureCmd) Run(e env) error {
	q := url.Values{"dry": {strconv.FormatBool(c.DryRun)}, "repoint": {strconv.FormatBool(c.Repoint)}, "enable": {strconv.FormatBool(c.Enable)}}
	return c.follow(e, q, care(e.out, c.JSON), "hooks", "ensure")
}

// reviveCmd makes INVALID hooks VALID again.
type reviveCmd struct {
	Type []string `arg:"" optional:"" help:"Event types; all that are INVALID without it."`
	JSON bool     `help:"Print the report as JSON." name:"json"`
	server
}

// Run shows what was done to each hook.
func (c *reviveCmd) Run(e env) error {
	return c.follow(e, url.Values{"type": c.Type}, care(e.out, c.JSON), "hooks", "revive")
}

// care prints what was done to hooks.
func care(w io.Writer, raw bool) func(told) error {
	return func(t told) error {
		if raw {
			return printRaw(w, t)
		}
		var r hookcare.Report
		if err := json.Unmarshal(t.Report, &r); err != nil {
			return exit(exitUnreachable, "the report of the server cannot be read: %w", err)
		}
		return printCare(w, r)
	}
}

// printCare prints a line for each hook, and what it comes to.
func printCare(w io.Writer, r hookcare.Report) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "EVENT TYPE\tWAS\tIS\tDONE\tPROBLEM")
	for _, h := range r.Hooks {
		var done []string
		for _, a := range h.Actions {
			done = append(done, string(a))
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", h.Type, h.Was, h.Is, strings.Join(done, ", "), h.Problem)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	what := fmt.Sprintf("%d of %d hooks are right", r.Count(hookcare.Right), len(r.Hooks))
	if r.Dry {
		what += "; nothing was changed"
	}
	if r.Filled {
		what += "; what they missed was brought in"
	}
	if r.Others > 0 {
		what += fmt.Sprintf("; %d others are none of ours", r.Others)
	}
	_, err := fmt.Fprintln(w, what)
	return err
}

// statusCmd shows how hooks stand.
type statusCmd struct {
	JSON bool `help:"Print the status as JSON." name:"json"`
	server
}

// Run prints a line for each hook.
func (c *statusCmd) Run(e env) error {
	return c.follow(e, url.Values{}, func(t told) error {
		if c.JSON {
			return printRaw(e.out, t)
		}
		var s hookcare.Status
		if err := json.Unmarshal(t.Report, &s); err != nil {
			return exit(exitUnreachable, "the status of the server cannot be read: %w", err)
		}
		return printStatus(e.out, s)
	}, "hooks", "status")
}

// printStatus prints a line for each hook, and a sentence for each that needs attention.
func printStatus(w io.Writer, s hookcare.Status) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(out, "EVENT TYPE\tSTANDING\tSTATUS\tVALIDITY\tFAILURES\tPER HOUR\tINVALID AT\tLAST SUCCESS\tNEXT RETRY")
	for _, h := range s.Hooks {
		failures := fmt.Sprintf("%d/%d", h.Failures, h.Limit)
		if h.Level > 0 {
			failures += fmt.Sprintf(" (over %d %%)", h.Level)
		}
		next := int64(0)
		if len(h.NextRetries) > 0 {
			next = h.NextRetries[0]
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%.1f\t%s\t%s\t%s\n", h.Type, h.Standing, h.Status, h.Validity, failures, h.PerHour,
			moment(h.InvalidAt), moment(h.LastSuccess), moment(next))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, h := range s.Hooks {
		if h.Advice != "" {
			_, _ = fmt.Fprintf(w, "%s: %s\n", h.Type, h.Advice)
		}
	}
	_, err := fmt.Fprintf(w, "hooks should point at %s\n", s.Address)
	return err
}

// moment shows a time in Unix seconds; 0 as a dash.
func moment(at int64) string {
	if at == 0 {
		return "-"
	}
	return time.Unix(at, 0).UTC().Format(time.RFC3339)
}
