package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Receipt is what became of one request to the ingress.
type Receipt struct {
	Outcome string        // one of a few names, never what a stranger chose
	Status  int           // that was answered; 400 and above is a refusal
	Known   bool          // the catalogue has the EventType
	Kept    bool          // the log has it
	Took    time.Duration // until the answer was written
}

// ingress counts requests.
type ingress struct {
	received *prometheus.CounterVec
	unknown  prometheus.Counter
	took     prometheus.Histogram
	refused  *prometheus.CounterVec
}

func newIngress(outcomes []string, refused *prometheus.CounterVec) ingress {
	i := ingress{
		received: counters("received_total", "Requests to the ingress, by what became of them.", "outcome"),
		unknown:  counter("received_unknown_types_total", "Notifications that were kept and whose EventType the catalogue does not know."),
		took:     seconds("answer_seconds", "Time from a request's arrival to its answer. S4: the provider waits 2 seconds."),
		refused:  refused,
	}
	for _, o := range outcomes {
		i.received.WithLabelValues(o)
	}
	return i
}

func (i ingress) parts() []prometheus.Collector {
	return []prometheus.Collector{i.received, i.unknown, i.took}
}

// Received counts a request to the ingress.
func (m *Metrics) Received(r Receipt) {
	m.ingress.received.WithLabelValues(r.Outcome).Inc()
	m.ingress.took.Observe(r.Took.Seconds())
	if r.Status >= http.StatusBadRequest {
		m.ingress.refused.WithLabelValues("ingress", r.Outcome).Inc()
	}
	if r.Kept && !r.Known {
		m.ingress.unknown.Inc()
	}
}
