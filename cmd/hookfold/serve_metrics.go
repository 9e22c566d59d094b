package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/adapters/metrics"
	"github.com/hookfold/hookfold/adapters/readapi"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// limits are what ends the log: of its stream, and of the server and the disk where those are ours.
func (k *keeper) limits(ctx context.Context) ([]jetstream.Limit, error) {
	limits, err := k.log.Limits(ctx)
	if err != nil || k.server == nil {
		return limits, err
	}
	more, err := k.server.Limits()
	return append(limits, more...), err
}

// room fails before the log is full, while the ingress still takes what it can.
func (c *serveCmd) room(keep *keeper) func(context.Context) error {
	return func(ctx context.Context) error {
		limits, err := keep.limits(ctx)
		if err != nil {
			return err
		}
		return jetstream.Enough(int64(c.Reserve), limits...)
	}
}

// measure makes the metrics.
func (c *serveCmd) measure(p *parts, store projections.Store, facts *jetstream.Facts) (*metrics.Metrics, error) {
	keep, v := p.keeper, p.provider
	m, err := metrics.New(v.measured(metrics.Config{
		Head: keep.log.Head, Store: store, Models: views.All(), Source: c.Source, Outcomes: outcomes(), Facts: factCounts(facts),
		Limits: func(ctx context.Context) ([]metrics.Limit, error) {
			limits, err := keep.limits(ctx)
			var out []metrics.Limit
			for _, l := range limits {
				out = append(out, metrics.Limit(l))
			}
			return out, err
		},
	}))
	if v != nil {
		v.measures = m
	}
	return m, err
}

// outcomes are the names of everything that can become of a request.
func outcomes() []string {
	var names []string
	for o := webhook.Accepted; !slices.Contains(names, o.String()); o++ { // what is no outcome has one name
		names = append(names, o.String())
	}
	return names[:len(names)-1]
}

// receipt is what the metrics hear of a request.
func receipt(r webhook.Result) metrics.Receipt {
	return metrics.Receipt{
		Outcome: r.Outcome.String(), Status: r.Outcome.Status(), Known: r.Known, Kept: r.Outcome == webhook.Accepted, Took: r.Took,
	}
}

// withMetrics serves the metrics beside the read API.
func withMetrics(m *metrics.Metrics, read http.Handler) http.Handler {
	page := m.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			page.ServeHTTP(w, r)
			return
		}
		read.ServeHTTP(w, r)
	})
}

// derived is what is computed of a resource when somebody asks.
func derived(store projections.Store, clock clock) map[string]readapi.Derived {
	return map[string]readapi.Derived{"hooks/forecast": func(ctx context.Context, source, id string) (any, error) {
		return views.ReadForecast(ctx, store, source, id, clock.time())
	}}
}

// observers are told by one projector.
type observers []projections.Observer

// Folded tells all of a record.
func (os observers) Folded(model string, rec projections.Record, did projections.Effect) {
	for _, o := range os {
		o.Folded(model, rec, did)
	}
}

// Ignored tells all of a record that no model folds.
func (os observers) Ignored(rec projections.Record) {
	for _, o := range os {
		o.Ignored(rec)
	}
}

// Committed tells all of a commit.
func (os observers) Committed(c projections.Commit) {
	for _, o := range os {
		o.Committed(c)
	}
}

// Parked tells all of a resource that stands still.
func (os observers) Parked(model string, ref events.Ref, p projections.Parked) {
	for _, o := range os {
		o.Parked(model, ref, p)
	}
}
