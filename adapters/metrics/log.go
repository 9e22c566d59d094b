package metrics

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// logMetrics measures appends.
type logMetrics struct {
	took     prometheus.Histogram
	appended prometheus.Counter
	failed   *prometheus.CounterVec
}

func newLogMetrics() logMetrics {
	l := logMetrics{
		took:     seconds("append_seconds", "Time until appended events were durable."),
		appended: counter("appended_events_total", "Events that are durable in the log, copies that it knew among them."),
		failed:   counters("append_failures_total", "Appends that failed, by reason.", "reason"),
	}
	for _, reason := range []string{"full", "away", "timeout", "other"} {
		l.failed.WithLabelValues(reason)
	}
	return l
}

func (l logMetrics) parts() []prometheus.Collector {
	return []prometheus.Collector{l.took, l.appended, l.failed}
}

// Log is the log with its appends measured.
func (m *Metrics) Log(l projections.Log) projections.Log { return measured{l, m} }

type measured struct {
	projections.Log
	metrics *Metrics
}

// Append measures the append of the log behind it.
func (l measured) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	m := l.metrics
	begun := m.now()
	seq, err := l.Log.Append(ctx, es...)
	if err != nil {
		m.log.failed.WithLabelValues(reason(err)).Inc()
		return seq, err
	}
	m.log.took.Observe(m.now().Sub(begun).Seconds())
	m.log.appended.Add(float64(len(es)))
	return seq, nil
}

// reason is a short name of why an append failed.
func reason(err error) string {
	switch {
	case errors.Is(err, projections.ErrFull):
		return "full"
	case errors.Is(err, projections.ErrAway):
		return "away"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "timeout"
	}
	return "other"
}
