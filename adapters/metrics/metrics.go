// Package metrics tells Prometheus how a way of notifications is doing: what was received, made durable, applied,
// confirmed and refused, how far the read models are behind the log, how much room is left, and how many failures each of
// the provider's hooks may still have before it is switched off.
//
// No label holds what a stranger can choose: event types that the catalogue does not know are called "other". What is
// counted is counted since the process began; what is measured is asked at every scrape, so it is right also while
// nothing arrives.
package metrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hookfold/hookfold/projections"
)

// prefix begins the name of every metric.
const prefix = "hookfold_"

// Config says what is measured.
type Config struct {
	// Head is the newest record of the log; usually Log.Head.
	Head func(context.Context) (projections.Position, error)
	// Store and Models tell how far each read model has come. Only names of these models become labels.
	Store  projections.Store
	Models []projections.AnyModel
	Slots  int // as the projector has them; 0: one
	// Source is whose hooks' budget is told, where views.Hooks is among the models; "": nobody's.
	Source string
	// Limits tells what ends the log; nil: nothing that is known.
	Limits func(context.Context) ([]Limit, error)
	// Confirming tells how the confirmation of claims stands; nil: nothing is asked of the provider.
	Confirming func() Confirming
	// Windows are the provider's rate limits; nil: they are not told.
	Windows func() []Window
	// Facts tells what is done for facts; nil: none are kept.
	Facts func() Facts
	// Outcomes are the names by which Received will be called, so that their counters begin with 0.
	Outcomes []string
	// Patience bounds what is asked at a scrape. 0: 2 s.
	Patience time.Duration
	// Now is the clock. nil: time.Now.
	Now func() time.Time
}

// Limit is something at which the log takes no more, in bytes.
type Limit struct {
	Name       string
	Left, Size int64
}

// ErrConfig is wrapped by every problem of a Config.
var ErrConfig = errors.New("metrics: not completely configured")

// problems lists what is wrong with a configuration.
func (c Config) problems() []string {
	var out []string
	add := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	add(c.Head == nil, "Head is missing: give Log.Head")
	add(c.Store == nil, "Store is missing: give the store of the read models")
	add(len(c.Models) == 0, "Models is empty: give at least one")
	add(c.Slots < 0, "Slots is negative")
	add(c.Patience < 0, "Patience is negative: give a duration, or 0 for the default")
	return out
}

// Metrics counts and measures. It is a projections.Observer and a prometheus.Collector. All methods are safe for all
// goroutines.
type Metrics struct {
	now      func() time.Time
	ingress  ingress
	log      logMetrics
	fold     fold
	provider *provider
	parts    []prometheus.Collector
}

// New makes metrics. It reports every problem of the configuration at once.
func New(c Config) (*Metrics, error) {
	if problems := c.problems(); len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
	}
	if c.Slots == 0 {
		c.Slots = 1
	}
	if c.Patience == 0 {
		c.Patience = 2 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	refused := counters("refused_total", "What was refused: by the ingress, answered 400 and above; by the fold, dated behind the horizon or ahead of its arrival (there once for each read model).", "by", "reason")
	m := &Metrics{now: c.Now, ingress: newIngress(c.Outcomes, refused), log: newLogMetrics(), fold: newFold(c, refused), provider: newProvider(c)}
	m.parts = append(m.parts, m.ingress.parts()...)
	m.parts = append(m.parts, m.log.parts()...)
	m.parts = append(m.parts, m.fold.parts()...)
	m.parts = append(m.parts, m.provider.parts()...)
	m.parts = append(m.parts, newFacts(c.Facts).parts()...)
	m.parts = append(m.parts, refused, newState(c), m.fold.hooks)
	return m, nil
}

// Describe makes Metrics a prometheus.Collector, for a registry of one's own.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, p := range m.parts {
		p.Describe(to)
	}
}

// Collect makes Metrics a prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, p := range m.parts {
		p.Collect(to)
	}
}

// Handler serves the metrics, with those of the Go runtime and of the process, from a registry of its own.
func (m *Metrics) Handler() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: 4, ErrorHandling: promhttp.ContinueOnError})
}

// counter and counters make metrics that only rise.
func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

// seconds makes a histogram of durations. Its bounds hold those of the house (25 ms, 500 ms) and of S4 (2 s).
func seconds(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: prefix + name, Help: help,
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 1.5, 2, 5},
	})
}
