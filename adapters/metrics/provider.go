package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
)

// Confirming is how the confirmation of claims stands. What counts up does so since the process began.
type Confirming struct {
	Verdicts  map[string]uint64 // resources read, by what came of it
	Appended  uint64            // observations
	Throttled uint64            // reads that had to wait for the quota
	Open      int               // resources with a claim that is not answered
	Oldest    time.Duration     // how long the oldest of those claims waits
	Behind    uint64            // log records that a restart would read again
}

// Window is one of the provider's rate limits.
type Window struct {
	Length    time.Duration
	Remaining int // calls that the provider still allows in it
}

// Call is one request to the provider. Its fields come from small sets of values; none is an id.
type Call struct {
	Method string
	Path   string // the documented template
	Kind   string // "" good, else why not
	Took   time.Duration
}

// provider counts and measures what is asked of the provider.
type provider struct {
	confirming func() Confirming
	windows    func() []Window

	verdicts, appended, throttled, open, oldest, behind, left *prometheus.Desc

	calls  *prometheus.CounterVec
	took   prometheus.Histogram
	filled *prometheus.CounterVec
	last   prometheus.Gauge
	alerts *prometheus.CounterVec
}

func newProvider(c Config) *provider {
	return &provider{
		confirming: c.Confirming, windows: c.Windows,
		verdicts:  desc("confirm_reads_total", "Resources that were read at the provider because of a claim, by what came of it.", "verdict"),
		appended:  desc("confirm_observations_total", "Observations that confirming appended."),
		throttled: desc("confirm_throttled_total", "Reads that had to wait for the quota."),
		open:      desc("confirm_open", "Resources with a claim that the provider has not been believed about yet."),
		oldest:    desc("confirm_oldest_seconds", "How long the oldest of those claims has been waiting; 0 when there is none."),
		behind:    desc("confirm_behind_records", "Log records that confirming would read again after a restart."),
		left:      desc("api_window_remaining", "Calls that the provider still allows in one of its rate windows.", "window"),
		calls:     counters("api_calls_total", "Requests to the provider, by the documented path and what came of them (result is ok, or why not).", "method", "path", "result"),
		took:      seconds("api_seconds", "Time of a request to the provider, to the last byte of its answer."),
		filled:    counters("backfill_events_total", "Events that the provider lists: seen, and of those appended because the log did not hold them.", "what"),
		last:      prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + "backfill_last_timestamp_seconds", Help: "When everything that the provider lists was last known to be in the log; 0 never."}),
		alerts:    counters("hook_alerts_total", "Warnings of hooks on their way to INVALID, by the share of the budget of failures in percent (100: INVALID).", "event_type", "level"),
	}
}

// parts are what a registry is told of.
func (p *provider) parts() []prometheus.Collector {
	if p.confirming == nil {
		return []prometheus.Collector{p.alerts}
	}
	for _, what := range []string{"seen", "appended"} {
		p.filled.WithLabelValues(what)
	}
	return []prometheus.Collector{p, p.calls, p.took, p.filled, p.last, p.alerts}
}

// Describe lists what is measured.
func (p *provider) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{p.verdicts, p.appended, p.throttled, p.open, p.oldest, p.behind, p.left} {
		to <- d
	}
}

// Collect asks how confirming and the windows stand.
func (p *provider) Collect(to chan<- prometheus.Metric) {
	is := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	now := p.confirming()
	for verdict, n := range now.Verdicts {
		is(p.verdicts, prometheus.CounterValue, float64(n), verdict)
	}
	is(p.appended, prometheus.CounterValue, float64(now.Appended))
	is(p.throttled, prometheus.CounterValue, float64(now.Throttled))
	is(p.open, prometheus.GaugeValue, float64(now.Open))
	is(p.oldest, prometheus.GaugeValue, now.Oldest.Seconds())
	is(p.behind, prometheus.GaugeValue, float64(now.Behind))
	if p.windows == nil {
		return
	}
	for _, w := range p.windows() {
		is(p.left, prometheus.GaugeValue, float64(w.Remaining), w.Length.String())
	}
}

// Called counts a request to the provider.
func (m *Metrics) Called(c Call) {
	result := c.Kind
	if result == "" {
		result = "ok"
	}
	m.provider.calls.WithLabelValues(c.Method, c.Path, result).Inc()
	if c.Took > 0 {
		m.provider.took.Observe(c.Took.Seconds())
	}
}

// Filled counts what a backfill found, and when everything was in; the zero time: it broke off.
func (m *Metrics) Filled(seen, appended int, whole time.Time) {
	m.provider.filled.WithLabelValues("seen").Add(float64(seen))
	m.provider.filled.WithLabelValues("appended").Add(float64(appended))
	if !whole.IsZero() {
		m.provider.last.Set(float64(whole.Unix()))
	}
}

// Alerted counts a warning of a hook; level is percent of its budget of failures.
func (m *Metrics) Alerted(t events.Type, level int) {
	name := other
	if _, known := mangopay.Lookup(t); known {
		name = string(t)
	}
	m.provider.alerts.WithLabelValues(name, strconv.Itoa(level)).Inc()
}
