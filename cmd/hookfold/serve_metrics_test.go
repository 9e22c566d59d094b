package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

func TestTheServerIsMeasured(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir(), "--token", "c4n4ry")
	p.ingress = p.ingress[:len(p.ingress)-len("/***")] + "/c4n4ry"
	p.notify(t, s4Query)
	p.notify(t, "EventType=A_TYPE_OF_TOMORROW&RessourceId=x&Date=1743627006")
	status, _ := p.send(t, http.MethodGet, "/c4n4ry-not?"+s4Query)
	require.Equal(t, http.StatusNotFound, status)
	p.user(t, s4User) // waits for what was kept
	status, page := p.read(t, "/metrics")
	require.Equal(t, http.StatusOK, status)
	for _, line := range []string{
		`hookfold_received_total{outcome="accepted"} 2`, `hookfold_received_total{outcome="stranger"} 1`, `hookfold_received_total{outcome="panicked"} 0`,
		`hookfold_received_unknown_types_total 1`, `hookfold_refused_total{by="ingress",reason="stranger"} 1`, `hookfold_appended_events_total 2`,
		`hookfold_log_sequence 2`, `hookfold_applied_sequence{model="users"} 2`, `hookfold_lag_records{model="users"} 0`, `hookfold_lag_seconds{model="users"} 0`,
		`hookfold_records_total{fate="admitted",model="users"} 1`, `hookfold_hook_failures_left{event_type="USER_ACCOUNT_ACTIVATED"} 100`,
		`hookfold_hook_failures_left{event_type="other"} 100`, `hookfold_log_reachable 1`, `hookfold_store_reachable 1`,
		`hookfold_facts_known_total 0`, `hookfold_facts_refused_total 0`,
	} {
		assert.Contains(t, string(page), "\n"+line+"\n")
	}
	assert.Regexp(t, `(?m)^hookfold_facts_published_total\{way="single"\} [1-9]`, string(page))
	for _, limit := range []string{"server", "disk"} {
		assert.Regexp(t, `(?m)^hookfold_limit_left_bytes\{limit="`+limit+`"\} [1-9]`, string(page))
	}
	assert.NotContains(t, string(page), "TOMORROW", "what a stranger chose is no label")
	assert.NotContains(t, string(page), "c4n4ry")
	status, forecast := p.read(t, "/v1/hooks/USER_ACCOUNT_ACTIVATED/forecast")
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, string(forecast), `{"kind":"hook_forecast","id":"USER_ACCOUNT_ACTIVATED"`)
	p.stop(t)
}

func TestReadinessFailsBeforeTheDiskIsFullAndTheIngressGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir, "--reserve", "1000000TiB") // more than any disk has
	p.notify(t, s4Query)
	p.user(t, s4User)
	status, body := p.read(t, "/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, string(body), "the log is nearly full: make room, raise the limit or archive old records before it refuses notifications (server: ")
	status, body = p.read(t, "/healthz")
	assert.Equal(t, http.StatusOK, status, string(body))
	status, _ = p.read(t, "/v1/users")
	assert.Equal(t, http.StatusOK, status)
	p.stop(t)
	p = serveIn(t, dir, "--reserve", "1")
	p.user(t, s4User)
	status, body = p.read(t, "/readyz")
	assert.Equal(t, http.StatusOK, status, string(body))
	p.stop(t)
}

func TestASizeIsANumberWithAUnit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "7": 7, "1KiB": 1024, "3MiB": 3 << 20, "1GiB": 1 << 30, "2TiB": 2 << 40} {
		var s size
		require.NoError(t, s.UnmarshalText([]byte(text)), text)
		assert.Equal(t, size(want), s, text)
	}
	for _, text := range []string{"", "GiB", "-1", "1.5GiB", "1GB", "1 GiB", "9000000TiB", "9223372036854775808"} {
		var s size
		assert.Error(t, s.UnmarshalText([]byte(text)), text)
	}
}

// ear hears how often it was told.
type ear struct{ heard [4]int }

func (e *ear) Folded(string, projections.Record, projections.Effect) { e.heard[0]++ }
func (e *ear) Ignored(projections.Record)                            { e.heard[1]++ }
func (e *ear) Committed(projections.Commit)                          { e.heard[2]++ }
func (e *ear) Parked(string, events.Ref, projections.Parked)         { e.heard[3]++ }

func TestAllObserversAreTold(t *testing.T) {
	t.Parallel()
	a, b := &ear{}, &ear{}
	both := observers{a, b}
	both.Folded("m", projections.Record{}, projections.Effect{})
	both.Ignored(projections.Record{})
	both.Committed(projections.Commit{})
	both.Parked("m", events.Ref{}, projections.Parked{})
	assert.Equal(t, [4]int{1, 1, 1, 1}, a.heard)
	assert.Equal(t, a.heard, b.heard)
}

func TestEveryOutcomeOfTheIngressHasACounter(t *testing.T) {
	t.Parallel()
	names := outcomes()
	assert.Contains(t, names, "accepted")
	assert.Contains(t, names, "panicked")
	assert.NotContains(t, names, "unknown")
	assert.Len(t, names, 12)
}
