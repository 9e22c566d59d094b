package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/metrics"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

const s4 = 1743627006

// works is a log with read models that are measured.
type works struct {
	log     *projections.MemoryLog
	store   *projections.MemoryStore
	proj    *projections.Projector
	metrics *metrics.Metrics
	now     time.Time
}

// open makes works. Its projector runs from run on.
func open(t testing.TB, change func(*metrics.Config)) *works {
	t.Helper()
	w := &works{store: projections.NewMemoryStore(), now: time.Unix(s4+1000, 0)}
	w.log = projections.NewMemoryLog("log", func() time.Time { return w.now }, 0)
	c := metrics.Config{
		Head: w.log.Head, Store: w.store, Models: views.All(), Source: "mangopay", Now: func() time.Time { return w.now },
		Limits: func(context.Context) ([]metrics.Limit, error) {
			return []metrics.Limit{{Name: "disk", Left: 5, Size: 64}}, nil
		},
		Outcomes: []string{"accepted", "stranger"},
	}
	if change != nil {
		change(&c)
	}
	var err error
	w.metrics, err = metrics.New(c)
	require.NoError(t, err)
	w.proj, err = projections.New(projections.Config{Log: w.log, Store: w.store, Models: views.All(), Observe: w.metrics})
	require.NoError(t, err)
	return w
}

// apply runs the projector until everything is applied, and stops it.
func (w *works) apply(t testing.TB) {
	t.Helper()
	head, err := w.log.Head(t.Context())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.proj.Run(ctx) }()
	require.NoError(t, w.proj.Wait(t.Context(), head.Seq))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func (w *works) tell(t testing.TB, es ...events.Event) {
	t.Helper()
	_, err := w.metrics.Log(w.log).Append(t.Context(), es...)
	require.NoError(t, err)
}

// says is a notification as the ingress stores it.
func says(kind events.Type, id string, date int64) events.Event {
	e := mangopay.Notification{Type: kind, ResourceID: id, Date: date}.Event("")
	e.Delivery = events.Delivery{Origin: events.Webhook, Received: date * 1000, Attempt: uint64(date)}
	return e
}

// shows compares some metrics with what they must be.
func (w *works) shows(t testing.TB, want string, names ...string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	var have []string
	for line := range strings.Lines(scrape(t, w.metrics)) {
		if name := strings.FieldsFunc(line, func(r rune) bool { return r == '{' || r == ' ' }); slices.Contains(names, name[0]) {
			have = append(have, strings.TrimSpace(line))
		}
	}
	slices.Sort(lines)
	slices.Sort(have)
	assert.Equal(t, lines, have)
}

// failed is a delivery of a hook that we answered with an error, n times.
func failed(hook string, n int, date int64) events.Event {
	data, err := events.Canonical(events.Attempt{At: date * 1000, First: date * 1000, Count: n, Replica: "r", N: uint64(date)})
	if err != nil {
		panic(err)
	}
	return events.Event{Type: events.DeliveryFailed, Ref: events.Ref{Source: "mangopay", Kind: views.KindHook, ID: hook}, Date: date, Data: data}
}

func observed(id string, date int64) events.Event {
	data, err := events.Canonical(events.Reading{Values: map[string]string{"status": "ACTIVE"}})
	if err != nil {
		panic(err)
	}
	return events.Event{Type: events.Observed, Ref: events.Ref{Source: "mangopay", Kind: mangopay.KindUser, ID: id}, Date: date, Data: data}
}

func TestTheFoldIsCounted(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4), says("USER_ACCOUNT_CLOSED", "u", s4+5), observed("u", s4+900), says("A_TYPE_OF_TOMORROW", "x", s4))
	w.tell(t, says("USER_KYC_LIGHT", "u", s4-100*24*3600), says("USER_KYC_LIGHT", "u", s4+900_000))
	noWebhook := says("PAYIN_NORMAL_CREATED", "p", s4)
	noWebhook.Delivery = events.Delivery{}
	w.tell(t, noWebhook, events.Event{Type: events.Retried, Ref: events.Ref{Source: "mangopay", Kind: "user", ID: "u"}, Date: s4})
	w.apply(t)
	w.shows(t, `
		hookfold_records_total{fate="admitted",model="hooks"} 5
		hookfold_records_total{fate="admitted",model="idv-sessions"} 0
		hookfold_records_total{fate="admitted",model="users"} 3
		hookfold_records_total{fate="copy",model="hooks"} 0
		hookfold_records_total{fate="copy",model="idv-sessions"} 0
		hookfold_records_total{fate="copy",model="users"} 0
		hookfold_records_total{fate="decided",model="hooks"} 0
		hookfold_records_total{fate="decided",model="idv-sessions"} 0
		hookfold_records_total{fate="decided",model="users"} 1
		hookfold_records_total{fate="too_new",model="hooks"} 0
		hookfold_records_total{fate="too_new",model="idv-sessions"} 0
		hookfold_records_total{fate="too_new",model="users"} 1
		hookfold_records_total{fate="too_old",model="hooks"} 0
		hookfold_records_total{fate="too_old",model="idv-sessions"} 0
		hookfold_records_total{fate="too_old",model="users"} 1
		hookfold_records_total{fate="waiting",model="hooks"} 0
		hookfold_records_total{fate="waiting",model="idv-sessions"} 0
		hookfold_records_total{fate="waiting",model="users"} 0
		hookfold_ignored_records_total 1
		hookfold_confirmed_total{model="hooks"} 0
		hookfold_confirmed_total{model="idv-sessions"} 0
		hookfold_confirmed_total{model="users"} 1
		hookfold_refused_total{by="fold",reason="too_new"} 1
		hookfold_refused_total{by="fold",reason="too_old"} 1
		hookfold_appended_events_total 8
		hookfold_applied_sequence{model="hooks"} 8
		hookfold_applied_sequence{model="idv-sessions"} 8
		hookfold_applied_sequence{model="users"} 8
		hookfold_log_sequence 8
		hookfold_quarantine_decisions_total{decision="dropped",model="hooks"} 0
		hookfold_quarantine_decisions_total{decision="dropped",model="idv-sessions"} 0
		hookfold_quarantine_decisions_total{decision="dropped",model="users"} 0
		hookfold_quarantine_decisions_total{decision="retried",model="hooks"} 0
		hookfold_quarantine_decisions_total{decision="retried",model="idv-sessions"} 0
		hookfold_quarantine_decisions_total{decision="retried",model="users"} 1
		hookfold_parked_now{model="hooks"} 0
		hookfold_parked_now{model="idv-sessions"} 0
		hookfold_parked_now{model="users"} 0
	`, "hookfold_records_total", "hookfold_ignored_records_total", "hookfold_confirmed_total", "hookfold_refused_total",
		"hookfold_quarantine_decisions_total", "hookfold_parked_now", "hookfold_appended_events_total", "hookfold_applied_sequence", "hookfold_log_sequence")
}

func TestVerdictsTransitionsAndParkedResourcesAreCountedByModel(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	var did projections.Effect
	did.Verdicts[fsm.Conflict], did.Verdicts[fsm.Gap] = 2, 1
	did.Transitions = []projections.Transition{{Machine: "status", From: "", To: "what a stranger chose"}}
	w.metrics.Folded(views.Users.ID(), projections.Record{}, did)
	w.metrics.Folded("strange_v1", projections.Record{}, did)
	w.metrics.Parked(views.Hooks.ID(), events.Ref{}, projections.Parked{})
	w.metrics.Committed(projections.Commit{Model: views.Users.ID(), Rows: make([]projections.Row, 3)})
	got := scrape(t, w.metrics)
	for _, line := range []string{
		`hookfold_verdicts_total{model="users",verdict="conflict"} 2`, `hookfold_verdicts_total{model="users",verdict="gap"} 1`,
		`hookfold_verdicts_total{model="users",verdict="first"} 0`, `hookfold_transitions_total{machine="status",model="users"} 1`,
		`hookfold_verdicts_total{model="other",verdict="conflict"} 2`, `hookfold_parked_total{model="hooks"} 1`,
		`hookfold_commits_total{model="users"} 1`, `hookfold_rows_written_total{model="users"} 3`,
	} {
		assert.Contains(t, got, line+"\n")
	}
	assert.NotContains(t, got, "stranger chose")
	assert.NotContains(t, got, "strange_v1")
}

func TestTheIngressIsCountedByOutcome(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.metrics.Received(metrics.Receipt{Outcome: "accepted", Status: 200, Known: true, Kept: true, Took: 3 * time.Millisecond})
	w.metrics.Received(metrics.Receipt{Outcome: "accepted", Status: 200, Kept: true})
	w.metrics.Received(metrics.Receipt{Outcome: "failed", Status: 503})
	w.shows(t, `
		hookfold_received_total{outcome="accepted"} 2
		hookfold_received_total{outcome="failed"} 1
		hookfold_received_total{outcome="stranger"} 0
		hookfold_received_unknown_types_total 1
		hookfold_refused_total{by="fold",reason="too_new"} 0
		hookfold_refused_total{by="fold",reason="too_old"} 0
		hookfold_refused_total{by="ingress",reason="failed"} 1
	`, "hookfold_received_total", "hookfold_received_unknown_types_total", "hookfold_refused_total")
}

// broken is a log that takes nothing.
type broken struct {
	projections.Log
	err error
}

func (b broken) Append(context.Context, ...events.Event) (projections.Seq, error) { return 0, b.err }

func TestAppendsAreMeasuredAndTheirFailuresNamed(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.tell(t, says("USER_KYC_LIGHT", "u", s4))
	for _, err := range []error{projections.ErrFull, projections.ErrFull, projections.ErrAway, context.DeadlineExceeded, errors.New("x")} {
		_, got := w.metrics.Log(broken{w.log, fmt.Errorf("wrapped: %w", err)}).Append(t.Context())
		require.ErrorIs(t, got, err)
	}
	w.shows(t, `
		hookfold_append_failures_total{reason="away"} 1
		hookfold_append_failures_total{reason="full"} 2
		hookfold_append_failures_total{reason="other"} 1
		hookfold_append_failures_total{reason="timeout"} 1
	`, "hookfold_append_failures_total")
	assert.Contains(t, scrape(t, w.metrics), "hookfold_append_seconds_count 1\n", "what failed is no latency")
}

func TestLagIsToldInRecordsAndInTimeAlsoWhileNothingArrives(t *testing.T) {
	t.Parallel()
	w := open(t, func(c *metrics.Config) { c.Models = c.Models[:1] })
	lag := func(records, seconds int) {
		t.Helper()
		w.shows(t, fmt.Sprintf("hookfold_lag_records{model=\"idv-sessions\"} %d\nhookfold_lag_seconds{model=\"idv-sessions\"} %d", records, seconds),
			"hookfold_lag_records", "hookfold_lag_seconds")
	}
	lag(0, 0)
	w.now = w.now.Add(10 * time.Second)
	w.tell(t, says("USER_KYC_LIGHT", "u", s4))
	lag(1, 10) // at most: it came after the scrape before
	w.now = w.now.Add(time.Minute)
	w.tell(t, says("USER_KYC_LIGHT", "u", s4+1))
	lag(2, 70)
	w.apply(t)
	lag(0, 0)
	w.now = w.now.Add(8 * time.Hour) // a quiet night
	lag(0, 0)
	w.now = w.now.Add(5 * time.Second)
	w.tell(t, says("USER_KYC_LIGHT", "u", s4+2))
	lag(1, 5)

	fresh, err := metrics.New(metrics.Config{Head: w.log.Head, Store: w.store, Models: views.All()[:1], Now: func() time.Time { return w.now }})
	require.NoError(t, err)
	w.metrics = fresh
	lag(1, 8*3600+5) // a process that has just begun knows only the newest record that is applied
	fresh, err = metrics.New(metrics.Config{Head: w.log.Head, Store: projections.NewMemoryStore(), Models: views.All()[:1], Now: func() time.Time { return w.now }})
	require.NoError(t, err)
	w.metrics = fresh
	lag(3, 8*3600+5+70) // nothing is applied: since the log was made
}

func TestWhatCannotBeAskedIsSaidAndLeftOut(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	w := open(t, func(c *metrics.Config) {
		c.Head = func(context.Context) (projections.Position, error) { return projections.Position{}, away }
		c.Limits = func(context.Context) ([]metrics.Limit, error) { return nil, away }
	})
	w.shows(t, "hookfold_log_reachable 0\nhookfold_store_reachable 1", "hookfold_log_reachable", "hookfold_store_reachable",
		"hookfold_lag_records", "hookfold_lag_seconds", "hookfold_log_sequence", "hookfold_limit_left_bytes")
	w = open(t, func(c *metrics.Config) { c.Store = silent{c.Store} })
	w.shows(t, "hookfold_log_reachable 1\nhookfold_store_reachable 0", "hookfold_log_reachable", "hookfold_store_reachable",
		"hookfold_lag_records", "hookfold_applied_sequence", "hookfold_hook_failures_left")
	w = open(t, nil)
	w.shows(t, "hookfold_limit_left_bytes{limit=\"disk\"} 5\nhookfold_limit_size_bytes{limit=\"disk\"} 64", "hookfold_limit_left_bytes", "hookfold_limit_size_bytes")
}

// silent is a store that cannot be read.
type silent struct{ projections.Store }

var errSilent = errors.New("silent")

func (silent) Checkpoint(context.Context, string, int) (projections.Checkpoint, error) {
	return projections.Checkpoint{}, errSilent
}

func (silent) Load(context.Context, string, []events.Ref) ([]projections.Row, error) {
	return nil, errSilent
}

func TestS4_TheBudgetOfEveryHookIsTold(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.shows(t, "", "hookfold_hook_failures_left")
	for i := range int64(3000) { // a stranger who knows the path
		w.tell(t, says(events.Type(fmt.Sprintf("AAA_%04d", i)), "x", s4))
	}
	w.tell(t, says("USER_KYC_LIGHT", "u", s4), failed("USER_ACCOUNT_ACTIVATED", 12, s4), failed("USER_KYC_REGULAR", 100, s4), failed("OF_TOMORROW", 30, s4), failed("AAA_0001", 7, s4+1))
	w.apply(t)
	want := `
		hookfold_hook_failures_left{event_type="USER_ACCOUNT_ACTIVATED"} 88
		hookfold_hook_failures_left{event_type="USER_KYC_LIGHT"} 100
		hookfold_hook_failures_left{event_type="USER_KYC_REGULAR"} 0
		hookfold_hook_failures_left{event_type="other"} %d
	`
	w.shows(t, fmt.Sprintf(want, 70), "hookfold_hook_failures_left")
	w.shows(t, `hookfold_hook_invalid_in_seconds{event_type="USER_ACCOUNT_ACTIVATED"} 8000`, "hookfold_hook_invalid_in_seconds")
	w.tell(t, failed("USER_ACCOUNT_ACTIVATED", 12, s4+600))
	w.apply(t)
	w.now = time.Unix(s4+600, 0)
	w.shows(t, `hookfold_hook_invalid_in_seconds{event_type="USER_ACCOUNT_ACTIVATED"} 1982`, "hookfold_hook_invalid_in_seconds")
	want = strings.Replace(want, "88", "76", 1)
	w.tell(t, says("OF_TOMORROW", "x", s4+10))
	w.apply(t)
	w.shows(t, fmt.Sprintf(want, 93), "hookfold_hook_failures_left")
	later, err := metrics.New(metrics.Config{Head: w.log.Head, Store: w.store, Models: views.All(), Source: "mangopay"})
	require.NoError(t, err)
	w.metrics = later
	w.shows(t, fmt.Sprintf(want, 93), "hookfold_hook_failures_left") // a process that has just begun reads the store
	other, err := metrics.New(metrics.Config{Head: w.log.Head, Store: w.store, Models: views.All(), Source: "sandbox"})
	require.NoError(t, err)
	w.metrics = other
	w.shows(t, "", "hookfold_hook_failures_left")
}

// scrape asks the handler as Prometheus does.
func scrape(t testing.TB, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func TestTheNamesAreThoseOfTheListAndFollowTheConventions(t *testing.T) {
	t.Parallel()
	w := open(t, func(c *metrics.Config) { withProvider(c); withFacts(c) })
	w.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4), failed("USER_KYC_LIGHT", 3, s4), failed("USER_KYC_LIGHT", 3, s4+60))
	w.apply(t)
	w.metrics.Called(metrics.Call{Method: "GET", Path: "/v2.01/{ClientId}/hooks", Took: time.Second})
	w.metrics.Alerted("USER_KYC_LIGHT", 25)
	r := prometheus.NewPedanticRegistry()
	require.NoError(t, r.Register(w.metrics), "embedders have a registry of their own")
	families, err := r.Gather()
	require.NoError(t, err)
	var got []string
	for _, f := range families {
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		got = append(got, fmt.Sprintf("%s %s {%s} %s\n", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, ","), f.GetHelp()))
	}
	slices.Sort(got)
	want, err := os.ReadFile("testdata/names.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), strings.Join(got, ""), "tell users of the change in CHANGELOG.md")
	problems, err := testutil.CollectAndLint(w.metrics)
	require.NoError(t, err)
	assert.Empty(t, problems)
}

func TestWhatTheHandlerServesIsReadByPrometheus(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.tell(t, says("USER_ACCOUNT_ACTIVATED", "u", s4))
	server := httptest.NewServer(w.metrics.Handler())
	t.Cleanup(server.Close)
	require.NoError(t, testutil.ScrapeAndCompare(server.URL, strings.NewReader(`
		# HELP hookfold_lag_records Records in the log that a read model has not yet applied.
		# TYPE hookfold_lag_records gauge
		hookfold_lag_records{model="hooks"} 1
		hookfold_lag_records{model="idv-sessions"} 1
		hookfold_lag_records{model="users"} 1
	`), "hookfold_lag_records"))
	assert.Contains(t, scrape(t, w.metrics), "\ngo_goroutines ")
}

func TestAConfigurationThatCannotBeUsedTellsEveryProblem(t *testing.T) {
	t.Parallel()
	_, err := metrics.New(metrics.Config{Slots: -1, Patience: -1})
	require.ErrorIs(t, err, metrics.ErrConfig)
	for _, what := range []string{"Head is missing", "Store is missing", "Models is empty", "Slots is negative", "Patience is negative"} {
		assert.Contains(t, err.Error(), what)
	}
}

func BenchmarkFolded(b *testing.B) {
	w := open(b, nil)
	var did projections.Effect
	did.Verdicts[fsm.Applied] = 1
	did.Transitions = []projections.Transition{{Machine: "status"}}
	users := views.Users.ID()
	b.ReportAllocs()
	for b.Loop() {
		w.metrics.Folded(users, projections.Record{}, did)
	}
}
