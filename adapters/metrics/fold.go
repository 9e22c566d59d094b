package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/projections"
)

// fates are the labels of what becomes of a record.
var fates = map[projections.Fate]string{
	projections.Admitted: "admitted", projections.Copy: "copy", projections.TooOld: "too_old",
	projections.TooNew: "too_new", projections.Waiting: "waiting", projections.Decided: "decided",
}

// other is the label of everything without a name of its own.
const other = "other"

// fold counts what the projector does.
type fold struct {
	records     *prometheus.CounterVec
	confirmed   *prometheus.CounterVec
	verdicts    *prometheus.CounterVec
	transitions *prometheus.CounterVec
	parked      *prometheus.CounterVec
	decisions   *prometheus.CounterVec
	commits     *prometheus.CounterVec
	rows        *prometheus.CounterVec
	ignored     prometheus.Counter
	refused     *prometheus.CounterVec
	of          map[string]*modelCounters // by Model.ID
	strange     func() *modelCounters     // of models that were not named
	hooks       *hooks
}

// modelCounters are the counters of one model, found once: a projector folds hundreds of thousands of records a second.
type modelCounters struct {
	name      string
	fates     [projections.Decided + 1]prometheus.Counter
	verdicts  [fsm.Noted + 1]prometheus.Counter
	confirmed prometheus.Counter
	parked    prometheus.Counter
	retried   prometheus.Counter
	dropped   prometheus.Counter
	commits   prometheus.Counter
	rows      prometheus.Counter

	mu       sync.Mutex
	machines map[string]prometheus.Counter // transitions by machine, each found once
	moved    *prometheus.CounterVec
}

func newFold(c Config, refused *prometheus.CounterVec) fold {
	f := fold{
		records:     counters("records_total", "Log records at each read model, by what became of them.", "model", "fate"),
		confirmed:   counters("confirmed_total", "Observations of the provider's API that were admitted to a read model.", "model"),
		verdicts:    counters("verdicts_total", "Lines of histories when their record was folded in, by verdict.", "model", "verdict"),
		transitions: counters("transitions_total", "Changes of what a machine publishes.", "model", "machine"),
		parked:      counters("parked_total", "Resources that were parked: they stand still while their later records wait.", "model"),
		decisions:   counters("quarantine_decisions_total", "What operators decided about resources that stood still, as often as it was folded.", "model", "decision"),
		commits:     counters("commits_total", "Commits that the store took.", "model"),
		rows:        counters("rows_written_total", "Rows in those commits.", "model"),
		ignored:     counter("ignored_records_total", "Log records that no read model folds."),
		refused:     refused,
		of:          map[string]*modelCounters{},
		hooks:       newHooks(c),
	}
	f.strange = sync.OnceValue(func() *modelCounters { return f.model(other) })
	refused.WithLabelValues("fold", fates[projections.TooOld])
	refused.WithLabelValues("fold", fates[projections.TooNew])
	for _, m := range c.Models {
		f.of[m.ID()] = f.model(m.Plural())
	}
	return f
}

// model makes the counters of a model.
func (f fold) model(name string) *modelCounters {
	m := &modelCounters{
		name: name, confirmed: f.confirmed.WithLabelValues(name), parked: f.parked.WithLabelValues(name),
		retried: f.decisions.WithLabelValues(name, "retried"), dropped: f.decisions.WithLabelValues(name, "dropped"),
		commits: f.commits.WithLabelValues(name), rows: f.rows.WithLabelValues(name),
		machines: map[string]prometheus.Counter{}, moved: f.transitions,
	}
	for fate, label := range fates {
		m.fates[fate] = f.records.WithLabelValues(name, label)
	}
	for _, v := range fsm.Verdicts() {
		m.verdicts[v] = f.verdicts.WithLabelValues(name, v.String())
	}
	return m
}

func (f fold) parts() []prometheus.Collector {
	return []prometheus.Collector{f.records, f.confirmed, f.verdicts, f.transitions, f.parked, f.decisions, f.commits, f.rows, f.ignored}
}

// counters finds those of a model.
func (f fold) counters(model string) *modelCounters {
	if m := f.of[model]; m != nil {
		return m
	}
	return f.strange()
}

// machine finds the counter of a machine's transitions.
func (m *modelCounters) machine(name string) prometheus.Counter {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.machines[name]
	if c == nil {
		c = m.moved.WithLabelValues(m.name, name)
		m.machines[name] = c
	}
	return c
}

// Folded counts what a record did.
func (m *Metrics) Folded(model string, rec projections.Record, did projections.Effect) {
	c := m.fold.counters(model)
	c.fates[did.Fate].Inc()
	switch did.Fate {
	case projections.TooOld, projections.TooNew:
		m.fold.refused.WithLabelValues("fold", fates[did.Fate]).Inc()
	case projections.Decided:
		c.decided(rec.Event.Type)
	case projections.Admitted:
		if rec.Event.Basis() == events.Observation {
			c.confirmed.Inc()
		}
	}
	for v, n := range did.Verdicts {
		if n > 0 && c.verdicts[v] != nil {
			c.verdicts[v].Add(float64(n))
		}
	}
	for _, t := range did.Transitions {
		c.machine(t.Machine).Inc()
	}
}

// decided counts a decision about a resource that stood still.
func (m *modelCounters) decided(t events.Type) {
	if t == events.Skipped {
		m.dropped.Inc()
		return
	}
	m.retried.Inc()
}

// Ignored counts records that no read model folds: unknown and unmodelled types, and what could not be read.
func (m *Metrics) Ignored(projections.Record) { m.fold.ignored.Inc() }

// Committed counts commits and rows, and looks at the rows of hooks.
func (m *Metrics) Committed(commit projections.Commit) {
	c := m.fold.counters(commit.Model)
	c.commits.Inc()
	c.rows.Add(float64(len(commit.Rows)))
	m.fold.hooks.committed(commit)
}

// Parked counts resources that stand still.
func (m *Metrics) Parked(model string, _ events.Ref, _ projections.Parked) {
	m.fold.counters(model).parked.Inc()
}
