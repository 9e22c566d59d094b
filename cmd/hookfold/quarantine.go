package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"

	"github.com/hookfold/hookfold/projections"
)

// quarantineCmd deals with what stands still.
type quarantineCmd struct {
	List  heldCmd  `cmd:"" help:"List the resources that stand still."`
	Show  shownCmd `cmd:"" help:"Show why a resource stands still, and at which record."`
	Retry retryCmd `cmd:"" help:"Let a resource go on at the record at which it stopped, because what was wrong is mended."`
	Drop  dropCmd  `cmd:"" help:"Let a resource go on without the record at which it stopped, for good."`
}

// heldCmd lists what stands still.
type heldCmd struct {
	Scan bool `help:"Read every row: finds also what cannot be read and of which nothing was heard since."`
	JSON bool `help:"Print JSON lines." name:"json"`
	server
}

// Run lists all pages.
func (c *heldCmd) Run(e env) error {
	asker := client{server: c.server}
	out := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	if !c.JSON {
		_, _ = fmt.Fprintln(out, "KIND\tID\tSOURCE\tRECORD\tWHY") // Flush tells
	}
	for q := (url.Values{"scan": {strconv.FormatBool(c.Scan)}}); ; {
		var page projections.HeldPage
		a, err := asker.ask(e.ctx, q, "quarantine")
		if err == nil && a.status != http.StatusOK {
			err = refused(a)
		}
		if err != nil {
			return err
		}
		if err := json.Unmarshal(a.body, &page); err != nil {
			return exit(exitUnreachable, "the answer of the server at %s cannot be read: %w", c.Admin, err)
		}
		for _, h := range page.Items {
			if err := c.print(e.out, out, h); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return out.Flush()
		}
		q.Set("cursor", page.Next)
	}
}

// print prints one.
func (c *heldCmd) print(raw io.Writer, table io.Writer, h projections.Held) error {
	if c.JSON {
		return json.NewEncoder(raw).Encode(h)
	}
	_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", h.Kind, h.ID, h.Source, stoppedAt(h.Parked), h.Why)
	return err
}

// stoppedAt names the record at which a resource stopped.
func stoppedAt(p projections.Parked) string {
	if p.Seq == 0 {
		return "-"
	}
	return strconv.FormatUint(uint64(p.Seq), 10)
}

// singular gives the kind of a resource its name in the log.
func singular(kind string) string {
	switch plural(kind) {
	case "users":
		return "user"
	case "hooks":
		return "hook"
	case "idv-sessions":
		return "idv_session"
	}
	return kind
}

// shownCmd shows why a resource stands still.
type shownCmd struct {
	Kind string `arg:"" help:"Kind of the resource: user, idv_session, hook."`
	ID   string `arg:"" help:"Its id."`
	JSON bool   `help:"Print JSON." name:"json"`
	client
}

// Run asks and prints.
func (c *shownCmd) Run(e env) error {
	a, err := c.ask(e.ctx, url.Values{}, "quarantine", singular(c.Kind), c.ID)
	if err == nil && a.status != http.StatusOK {
		err = refused(a)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		_, err = e.out.Write(a.body)
		return err
	}
	var s projections.Shown
	if err := json.Unmarshal(a.body, &s); err != nil {
		return exit(exitUnreachable, "the answer of the server at %s cannot be read: %w", c.Admin, err)
	}
	return printHeld(e.out, s.Held, s.Record)
}

// printHeld prints why a resource stands still.
func printHeld(w io.Writer, h projections.Held, r *projections.HeldRecord) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s (source %s) stands still", h.Kind, h.ID, h.Source)
	if h.Seq > 0 {
		fmt.Fprintf(&b, " since log record %d", h.Seq)
	}
	fmt.Fprintf(&b, ": %s\n", h.Why)
	if r != nil {
		fmt.Fprintf(&b, "that record is %s of %s\n", r.Type, moment(r.Date))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// retryCmd lets resources go on.
type retryCmd struct {
	Kind   string `arg:"" optional:"" help:"Kind of the resource: user, idv_session, hook."`
	ID     string `arg:"" optional:"" help:"Its id."`
	All    bool   `help:"Everything that quarantine list shows."`
	Scan   bool   `help:"With --all: everything that quarantine list --scan shows."`
	DryRun bool   `help:"Change nothing; show the document as it would be, and what would differ."`
	Source string `help:"Source of the resource." placeholder:"NAME"`
	JSON   bool   `help:"Print JSON." name:"json"`
	server
}

// Run asks for it.
func (c *retryCmd) Run(e env) error {
	if c.All == (c.ID != "") || c.All && c.DryRun {
		return exit(exitUsage, "give a kind and an id, or --all, which has no dry run")
	}
	q := url.Values{"all": {strconv.FormatBool(c.All)}, "scan": {strconv.FormatBool(c.Scan)}}
	return decide(e, &c.server, q, about{c.Kind, c.ID, c.Source, c.DryRun, c.JSON}, "retry")
}

// dropCmd lets a resource go on without a record.
type dropCmd struct {
	Kind   string `arg:"" help:"Kind of the resource: user, idv_session, hook."`
	ID     string `arg:"" help:"Its id."`
	Reason string `help:"Why; it stays in the log, so no personal data." placeholder:"TEXT"`
	DryRun bool   `help:"Change nothing; show the document as it would be, and what would differ."`
	Source string `help:"Source of the resource." placeholder:"NAME"`
	JSON   bool   `help:"Print JSON." name:"json"`
	server
}

// Run asks for it.
func (c *dropCmd) Run(e env) error {
	return decide(e, &c.server, url.Values{"reason": {c.Reason}}, about{c.Kind, c.ID, c.Source, c.DryRun, c.JSON}, "drop")
}

// about is what a decision is about.
type about struct {
	kind, id, source string
	dry, json        bool
}

// decide asks a server for a decision. One that does not let the resource go on ends with exit status 1.
func decide(e env, s *server, q url.Values, a about, what string) error {
	q.Set("dry", strconv.FormatBool(a.dry))
	for name, value := range map[string]string{"kind": singular(a.kind), "id": a.id, "source": a.source} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var again error
	err := s.follow(e, q, func(t told) error {
		if again = stillHeld(t.Report); a.json {
			return printRaw(e.out, t)
		}
		if a.dry {
			return printTrial(e.out, t.Report)
		}
		return printDecision(e.out, t.Report)
	}, "quarantine", what)
	return errors.Join(err, again)
}

// stillHeld is an error where a resource stands still, or would, after a decision.
func stillHeld(report []byte) error {
	var said struct {
		Again *projections.Parked `json:"again"`
	}
	if json.Unmarshal(report, &said) != nil || said.Again == nil {
		return nil //nolint:nilerr // whoever prints the report tells
	}
	return exit(exitBadInput, "it stands still again, at log record %s: %s", stoppedAt(*said.Again), said.Again.Why)
}

// printTrial prints what a decision would do.
func printTrial(w io.Writer, report []byte) error {
	var t projections.Trial
	if err := json.Unmarshal(report, &t); err != nil {
		return exit(exitUnreachable, "the report of the server cannot be read: %w", err)
	}
	if err := printHeld(w, t.Held, t.Record); err != nil {
		return err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d later records wait\n", t.Waiting)
	for _, d := range t.Differences {
		fmt.Fprintf(&b, "%s: %s → %s\n", d.Field, d.Was, d.Would)
	}
	fmt.Fprintln(&b, "nothing was changed")
	_, err := w.Write(b.Bytes())
	return err
}

// printDecision prints what was decided.
func printDecision(w io.Writer, report []byte) error {
	var d decision
	if err := json.Unmarshal(report, &d); err != nil {
		return exit(exitUnreachable, "the report of the server cannot be read: %w", err)
	}
	if d.Decided == 0 {
		_, err := fmt.Fprintln(w, "nothing stands still")
		return err
	}
	_, err := fmt.Fprintf(w, "decided about %d, in log record %d\n", d.Decided, d.Seq)
	return err
}
