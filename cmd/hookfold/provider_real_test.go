//go:build unix

package main

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/scenario"
)

// The same with the commands themselves, hookfold sandbox, serve and trigger, by the machine's clock. One story is always told.
// With HOOKFOLD_STORY_COMMANDS set all are, also with everything going wrong, and the window of fold rule 14 passes as it does
// in production: that takes twelve minutes.
func TestLaw3b_EveryStoryEndsConfirmedWithTheCommandsThemselves(t *testing.T) {
	t.Parallel()
	if os.Getenv("HOOKFOLD_STORY_COMMANDS") == "" {
		story, err := scenario.Named("outage-and-backfill")
		require.NoError(t, err)
		newCommands(t).play(story)
		return
	}
	ends := make([]map[string]string, 2)
	t.Run("worlds", func(t *testing.T) {
		for i, name := range []string{"nothing wrong", "everything wrong"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				ends[i] = newCommands(t).tell(i > 0)
			})
		}
	})
	require.NotEmpty(t, ends[0])
	assert.Equal(t, ends[0], ends[1])
}

// commands is a site of processes.
type commands struct {
	site
	server *process
}

// newCommands starts hookfold sandbox and hookfold serve.
func newCommands(t *testing.T) *commands {
	front, provider := newFront(t), sandboxWith(t, "--seed", "1")
	server := serveIn(t, t.TempDir(), "--api-url", provider.url, "--client-id", serverClient, "--api-key", "key",
		"--hook-url", front.URL+"/hooks", "--hook-every", "1h", "--backfill-every", "30s")
	front.before(t, server.ingress)
	return &commands{site{t: t, provider: provider.url, admin: "http://" + server.admin}, server}
}

// ahead is by how much the provider's clock is set forward after the stories: not past ours, behind which it begins.
const ahead = 9 * time.Minute

// tell tells every story, and waits until nothing is open and all that a story began has ended.
func (c *commands) tell(wrong bool) map[string]string {
	began := time.Now()
	require.Equal(c.t, exitDone, command(c.t, "hooks", "ensure", "--admin", c.server.admin).code)
	for i, story := range scenario.All() {
		if wrong {
			c.goWrong(i)
		}
		c.play(story)
		c.t.Logf("%v: %s", time.Since(began).Round(time.Second), story.Name)
	}
	goal := c.unix() + int64(later.Seconds())
	c.tool("POST", "clock", obj{"advance": ahead.String()})
	for c.unix() < goal || c.confirming().Open > 0 {
		<-time.After(5 * time.Second)
		require.Less(c.t, time.Since(began), 40*time.Minute, "something stays open: %+v", c.confirming())
	}
	c.t.Logf("%v: %+v", time.Since(began).Round(time.Second), c.confirming())
	return c.judge()
}

// goWrong sets faults anew: stories end some.
func (c *commands) goWrong(i int) {
	c.tool("PUT", "faults", obj{"client": serverClient, "share": 0.1, "status": []int{429, 503}[i%2], "stale": 3, "index": 3})
	c.tool("PUT", "delivery-faults", obj{
		"seed": i, "drop": 0.1, "duplicate": 0.3, "reorder": 0.3, "hold_up_to": 3, "delay": 0.3, "delay_up_to": 5,
	})
	c.tool("POST", "tokens/expire", nil)
}

// play plays a story by hookfold trigger.
func (c *commands) play(story scenario.Story) {
	c.t.Helper()
	told := call(c.t, nil, "trigger", story.Name, "--sandbox", c.provider, "--client-id", storyClient, "--api-key", "key",
		"--admin", c.server.admin, "--patience", "5m")
	require.Equal(c.t, exitDone, told.code, "%s\n%s\n%s", told.out, told.err, c.server.stderr)
}

// unix is where the provider's clock stands.
func (c *commands) unix() int64 {
	var clock struct{ Unix int64 }
	require.NoError(c.t, json.Unmarshal(c.tool("GET", "clock", nil), &clock))
	return clock.Unix
}
