package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Facts is what was done for facts since the process began.
type Facts struct {
	Single, Batched uint64        // facts that were stored, one by one and in batches
	Known           uint64        // facts that were told again and were there already
	Refused         uint64        // messages and batches that the server refused, and that were looked up or sent again
	Spent           time.Duration // how long the fold waited until facts were stored
}

// facts tells what was done for facts.
type facts struct {
	ask func() Facts

	published, known, refused, spent *prometheus.Desc
}

func newFacts(ask func() Facts) *facts {
	return &facts{
		ask:       ask,
		published: desc("facts_published_total", "Facts that were stored, by how: each in a message of its own (single), or many as one atomic batch.", "way"),
		known:     desc("facts_known_total", "Facts that were told again and were there already: after a crash, or while a store in memory is filled."),
		refused:   desc("facts_refused_total", "Messages and batches of facts that the server refused because something came before them, or because it took no batch. They were looked up or sent again; many mean that two processes tell."),
		spent:     desc("facts_seconds_total", "Time that the fold waited until facts were stored."),
	}
}

// parts are what a registry is told of.
func (f *facts) parts() []prometheus.Collector {
	if f.ask == nil {
		return nil
	}
	return []prometheus.Collector{f}
}

// Describe lists what is measured.
func (f *facts) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{f.published, f.known, f.refused, f.spent} {
		to <- d
	}
}

// Collect asks how facts stand.
func (f *facts) Collect(to chan<- prometheus.Metric) {
	now := f.ask()
	is := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	is(f.published, float64(now.Single), "single")
	is(f.published, float64(now.Batched), "batch")
	is(f.known, float64(now.Known))
	is(f.refused, float64(now.Refused))
	is(f.spent, now.Spent.Seconds())
}
