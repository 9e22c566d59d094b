package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

// triggerCmd plays a story against a running sandbox.
type triggerCmd struct {
	Scenario   string        `arg:"" optional:"" help:"Name of a scenario (see --list), or the file of one of your own, such as ./mine.txt."`
	Sandbox    string        `help:"Address of the sandbox." default:"127.0.0.1:7702"`
	ClientID   string        `help:"Client id for the provider's API." default:"sandbox"`
	APIKey     string        `name:"api-key" help:"The client's API key. A sandbox that was started without one takes any." default:"sandbox"`
	Admin      string        `help:"Address of a server's read API: what it makes of the scenario is checked too. Without it those steps are passed over." placeholder:"ADDR"`
	AdminToken string        `help:"Token of the server's read API, where it asks for one." placeholder:"TOKEN"`
	Receiver   string        `help:"Url of the hooks that a scenario makes by itself." default:"http://127.0.0.1:7701/hooks" placeholder:"URL"`
	Patience   time.Duration `help:"How long one step waits for the server's read API to say what the scenario tells." default:"90s"`
	List       bool          `help:"List the scenarios." xor:"what"`
	Show       bool          `help:"Print the scenario's file instead." xor:"what"`
	JSON       bool          `help:"Print the list as JSON lines." name:"json"`
}

// Run lists, shows or plays.
func (c *triggerCmd) Run(e env) error {
	switch {
	case c.List && c.Scenario != "":
		return exit(exitUsage, "--list takes no scenario")
	case c.List:
		return c.list(e)
	case c.JSON:
		return exit(exitUsage, "--json goes with --list")
	case c.Scenario == "":
		return exit(exitUsage, "give a scenario: see hookfold trigger --list")
	}
	story, err := c.story()
	if err != nil {
		return err
	}
	if c.Show {
		_, err := fmt.Fprint(e.out, story.Source)
		return err
	}
	return c.play(e, story)
}

// list prints one line a scenario.
func (c *triggerCmd) list(e env) error {
	if c.JSON {
		enc := json.NewEncoder(e.out)
		for _, s := range scenario.All() {
			if err := enc.Encode(map[string]any{"name": s.Name, "title": s.Title, "text": s.Text, "steps": len(s.Steps)}); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "scenario\tsteps\twhat it tells")
	for _, s := range scenario.All() {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%s\n", s.Name, len(s.Steps), s.Title)
	}
	return w.Flush()
}

// story reads the scenario: one that comes with Hookfold, or a file.
func (c *triggerCmd) story() (scenario.Story, error) {
	if !strings.ContainsAny(c.Scenario, `./\`) {
		story, err := scenario.Named(c.Scenario)
		if errors.Is(err, scenario.ErrNoStory) {
			return story, exit(exitUsage, "no scenario %q: see hookfold trigger --list", c.Scenario)
		}
		return story, err
	}
	text, err := os.ReadFile(c.Scenario)
	if err != nil {
		return scenario.Story{}, exit(exitUnreachable, "the scenario cannot be read: %w", err)
	}
	return scenario.Parse(c.Scenario, string(text))
}

// play plays a scenario and tells of every step.
func (c *triggerCmd) play(e env, story scenario.Story) error {
	cfg := scenario.Config{Sandbox: address(c.Sandbox), ClientID: c.ClientID, APIKey: c.APIKey, Receiver: c.Receiver}
	cfg.Patience = max(int(c.Patience/scenario.Interval), 1)
	if c.Admin != "" {
		cfg.ReadAPI, cfg.ReadToken = address(c.Admin), c.AdminToken
	}
	out := &course{e: e}
	cfg.Tell = out.tell
	_, _ = fmt.Fprintf(e.out, "%s: %s\n", story.Name, story.Title)
	err := scenario.Play(e.ctx, story, cfg)
	switch {
	case errors.Is(err, scenario.ErrConfig):
		return exit(exitUsage, "%w", err)
	case errors.Is(err, scenario.ErrUnreachable):
		return exit(exitUnreachable, "%w", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintln(e.out, out.sum())
	return err
}

// address is an address as a URL.
func address(text string) string {
	if strings.Contains(text, "://") {
		return text
	}
	return "http://" + text
}

// course tells of the steps of a scenario.
type course struct {
	e              env
	played, passed int
	why            string // steps were passed over
}

// tell prints one step.
func (c *course) tell(t scenario.Told) {
	if t.Step.Says != "" {
		_, _ = fmt.Fprintf(c.e.out, "\n%s\n", t.Step.Says)
	}
	switch {
	case t.Err != nil:
		_, _ = fmt.Fprintf(c.e.out, "  FAILED  %s\n", t.Step.Text)
	case t.PassedOver != "":
		c.passed, c.why = c.passed+1, t.PassedOver
		_, _ = fmt.Fprintf(c.e.out, "  over    %s\n", t.Step.Text)
	default:
		c.played++
		_, _ = fmt.Fprintf(c.e.out, "  ok      %s\n", t.Step.Text)
	}
}

// sum is the last line.
func (c *course) sum() string {
	if c.passed == 0 {
		return fmt.Sprintf("\n%d steps, all as told", c.played)
	}
	return fmt.Sprintf("\n%d steps, all as told; %d passed over, because %s: give --admin", c.played, c.passed, c.why)
}
