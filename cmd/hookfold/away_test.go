//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// TestS4_ThreeDaysAwayAndOneReviveLeaveNothingMissing plays an outage of three days of the provider with the commands that an
// operator has: the server is gone, its hooks become INVALID one after the other, and hooks revive brings back all of it.
// The server fills nothing in by itself, so that it is revive that does.
func TestS4_ThreeDaysAwayAndOneReviveLeaveNothingMissing(t *testing.T) {
	t.Parallel()
	w := &absence{s: sandboxWith(t, "--behind", "120h", "--speed", "0"), gate: newGate(t), dir: t.TempDir()}
	w.serve(t)
	ensured := hookReport(t, command(t, "hooks", "ensure", "--json", "--admin", w.p.admin))
	require.Equal(t, len(catalogue.Moving()), ensured.Count(hookcare.Right), "%+v", ensured)
	assert.Equal(t, map[hookcare.Standing]int{hookcare.Right: len(catalogue.Moving())}, w.standings(t))
	w.live(t, "before", 3, time.Minute)

	w.gate.shut()
	w.p.kill(t)
	w.live(t, "away", 48, 90*time.Minute) // 72 hours
	missed := w.events(t) - w.seen
	assert.Equal(t, []int{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}, w.mails(t, catalogue.UserKYCRegular))

	w.serve(t)
	w.live(t, "after", 3, time.Minute)
	invalid := w.standings(t)[hookcare.Invalid]
	assert.Equal(t, 4, invalid, "two of the level, two of the inflows")
	revived := hookReport(t, command(t, "hooks", "revive", "--json", "--admin", w.p.admin))
	require.Len(t, revived.Hooks, invalid)
	assert.Equal(t, invalid, revived.Count(hookcare.Right))
	assert.True(t, revived.Filled)
	assert.Equal(t, map[hookcare.Standing]int{hookcare.Right: len(catalogue.Moving())}, w.standings(t))
	w.live(t, "revived", 2, time.Minute)
	w.s.play(t, http.MethodPost, "/_sandbox/clock", `{"advance":"10m"}`) // from when on every answer of the provider is believed
	require.Eventually(t, func() bool { return w.confirmed(t) == 3+48+3+2 }, patience, 50*time.Millisecond)
	w.p.stop(t)

	records := recordsIn(t, w.dir)
	held, took := claimsIn(records), w.s.events(t)
	filled := 0
	for _, r := range records {
		if r.Event.Delivery.Origin == events.Backfill {
			filled++
		}
	}
	for _, e := range took {
		if info, known := catalogue.Lookup(events.Type(e.EventType)); known && info.Machine != "" {
			assert.Equal(t, 1, held[e], "%s of %s must be held once", e.EventType, e.ResourceID)
		}
	}
	assert.Equal(t, missed+4*3, filled, "what was missed while the server was away, and while its hooks were still INVALID")
	t.Logf("72 h away: %d events missed, %d hooks INVALID, %d brought in by one revive; %d events took place, %d claims held", missed, invalid, filled, len(took), len(held))
}

// absence is a provider, a server that comes and goes, and what happens meanwhile.
type absence struct {
	s    *sandboxProcess
	gate *gate
	dir  string
	p    *process
	seen int // events that took place while the server was there
}

// serve starts the server, which fills in nothing by itself.
func (w *absence) serve(t *testing.T) {
	t.Helper()
	w.p = serveIn(t, w.dir, "--api-url", w.s.url, "--client-id", "shop", "--api-key", "key", "--hook-url", w.gate.url+"/hooks", "--backfill-every", "0")
	w.gate.open(t, w.p)
}

// live lets users be verified, blocked, unblocked and downgraded, one after the other, each in so long a time.
func (w *absence) live(t *testing.T, name string, users int, each time.Duration) {
	t.Helper()
	if name != "away" {
		defer func() { w.seen = w.events(t) }()
	}
	for i := range users {
		user := fmt.Sprintf("/_sandbox/users/user_%s_%d", name, i)
		w.s.play(t, http.MethodPut, user, `{"FirstName":"Jeanne","LastName":"Moreau","Email":"j@example.com"}`)
		for _, act := range []string{`{"kyc":"REGULAR"}`, `{"blocks":{"inflows":true}}`, `{"blocks":{"inflows":false}}`, `{"kyc":"LIGHT"}`} {
			w.s.play(t, http.MethodPost, user, act)
			w.s.play(t, http.MethodPost, "/_sandbox/clock", fmt.Sprintf(`{"advance":%q}`, each/4))
		}
	}
}

// confirmed counts the users that are read as what they are at the provider, by its own word.
func (w *absence) confirmed(t *testing.T) (n int) {
	t.Helper()
	status, body := w.p.read(t, "/v1/users?limit=500&confirmed.kyc=true&confirmed.blocks=true&kyc_level=LIGHT&inflows_blocked=false")
	require.Equal(t, http.StatusOK, status, "%s", body)
	return strings.Count(string(body), `"kind":"user"`)
}

// events counts what took place.
func (w *absence) events(t *testing.T) int { t.Helper(); return len(w.s.events(t)) }

// standings counts the hooks as hooks status tells of them.
func (w *absence) standings(t *testing.T) map[hookcare.Standing]int {
	t.Helper()
	r := command(t, "hooks", "status", "--json", "--admin", w.p.admin)
	require.Equal(t, exitDone, r.code, r.err)
	var status hookcare.Status
	require.NoError(t, json.Unmarshal([]byte(r.out), &status))
	all := map[hookcare.Standing]int{}
	for _, h := range status.Hooks {
		all[h.Standing]++
	}
	return all
}

// mails are the failures at which the provider warned of a hook.
func (w *absence) mails(t *testing.T, of events.Type) (at []int) {
	t.Helper()
	var all []struct {
		Type     events.Type `json:"event_type"`
		Failures int         `json:"failures"`
	}
	require.NoError(t, json.Unmarshal(w.s.play(t, http.MethodGet, "/_sandbox/mails", ""), &all))
	for _, m := range all {
		if m.Type == of {
			at = append(at, m.Failures)
		}
	}
	return at
}

// hookReport reads what a command did to hooks.
func hookReport(t *testing.T, r result) (report hookcare.Report) {
	t.Helper()
	require.Equal(t, exitDone, r.code, "%s%s", r.out, r.err)
	require.NoError(t, json.Unmarshal([]byte(r.out), &report))
	return report
}
