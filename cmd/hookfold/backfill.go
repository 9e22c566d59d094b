package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
)

// backfillCmd brings in what notifications missed.
type backfillCmd struct {
	Since string   `help:"From when: Unix seconds, RFC 3339, or how long ago, such as 36h or 10d. Without it: on from where the last one came to, or as far back as the provider lists (45 days)." placeholder:"TIME"`
	Type  []string `help:"Only this event type. May be repeated." placeholder:"TYPE"`
	JSON  bool     `help:"Print JSON lines: how far it has come, and at the end what it did." name:"json"`
	server
}

// Run starts it on the server and shows how it goes on. Stopped, it goes on there the next time.
func (c *backfillCmd) Run(e env) error {
	q := url.Values{"type": c.Type}
	if c.Since != "" {
		q.Set("since", c.Since)
	}
	show := &progress{to: e.err, terminal: terminal(e.err)}
	return c.follow(e, q, func(t told) error {
		if c.JSON {
			return printRaw(e.out, t)
		}
		switch {
		case t.Progress != nil:
			return show.step(t.Progress, backfillBar)
		case t.Warning != "":
			show.end()
			_, _ = fmt.Fprintln(e.err, "hookfold:", t.Warning)
			return nil
		}
		show.end()
		return c.report(e.out, t.Report)
	}, "backfill")
}

// printRaw prints a line of an action as JSON.
func printRaw(w io.Writer, t told) error {
	text := t.Report
	switch {
	case t.Progress != nil:
		text = t.Progress
	case t.Warning != "":
		text, _ = json.Marshal(map[string]string{"warning": t.Warning}) // text always renders
	}
	_, err := fmt.Fprintln(w, string(text))
	return err
}

// report says what was done.
func (c *backfillCmd) report(w io.Writer, text []byte) error {
	var r struct {
		backfill.Report
		Users    *int `json:"users"`
		Sessions int  `json:"sessions"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return exit(exitUnreachable, "the report of the server at %s cannot be read: %w", c.Admin, err)
	}
	if r.Users != nil {
		_, err := fmt.Fprintf(w, "reconciled %d users and %d sessions: %d observations were new\n", *r.Users, r.Sessions, r.Appended)
		return err
	}
	for _, t := range r.Types {
		if t.Appended > 0 {
			if _, err := fmt.Fprintf(w, "%s: %d of %d were missing\n", t.Type, t.Appended, t.Seen); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "%d event types, %d events listed by the provider, %d of them were missing\n", len(r.Types), r.Seen, r.Appended)
	return err
}

// terminal tells whether somebody sees what is written.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress shows how far something has come: on a terminal one line that changes, elsewhere a line now and then.
type progress struct {
	to       io.Writer
	terminal bool
	last     time.Time // when something was shown
	open     bool      // a line on the terminal is not ended
}

// seldom is how often a line is shown where nobody watches.
const seldom = 10 * time.Second

// step shows a step, which a bar makes a line of.
func (s *progress) step(text []byte, bar func([]byte) (string, error)) error {
	line, err := bar(text)
	if err != nil {
		return exit(exitUnreachable, "how far it has come cannot be read: %w", err)
	}
	switch {
	case s.terminal:
		s.open = true
		_, _ = fmt.Fprintf(s.to, "\r\x1b[K%s", line)
	case s.last.IsZero():
		s.last = time.Now() // what is quick shows its end only
	case time.Since(s.last) >= seldom:
		s.last = time.Now()
		_, _ = fmt.Fprintln(s.to, line)
	}
	return nil
}

// end ends the line on a terminal.
func (s *progress) end() {
	if s.open {
		_, _ = fmt.Fprintln(s.to)
		s.open = false
	}
}

// barWidth is how wide the bar is.
const barWidth = 20

// barOf draws a share, and tells how long it is still expected to take; 0 seconds: that is not known.
func barOf(share, remaining float64) (bar, left string) {
	full := int(share*barWidth + 0.5)
	if remaining > 0 {
		left = fmt.Sprintf(", %v left", time.Duration(remaining*float64(time.Second)).Round(time.Second))
	}
	return fmt.Sprintf("[%s%s] %3.0f %%", strings.Repeat("#", full), strings.Repeat("-", barWidth-full), share*100), left
}

// backfillBar is a step as a line of less than 80 characters, as long as names are no longer than the provider's.
func backfillBar(text []byte) (string, error) {
	var p backfill.Progress
	err := json.Unmarshal(text, &p)
	bar, left := barOf(p.Share, p.Remaining)
	return fmt.Sprintf("%s  %d/%d types, %d listed, %d missing, %.0f/s%s", bar, p.Done, p.Types, p.Seen, p.Appended, p.PerSecond, left), err
}
