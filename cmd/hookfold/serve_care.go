package main

import (
	"context"
	"errors"
	"time"

	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
	"github.com/hookfold/hookfold/adapters/mangopay/hookcare"
	"github.com/hookfold/hookfold/adapters/webhook"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// careFor makes the care of hooks, where they are to be cared for.
func (v *provider) careFor(c *serveCmd, p *parts, store projections.Store) error {
	if v.flags.HookURL == "" {
		return nil
	}
	types := make([]events.Type, len(v.flags.HookTypes))
	for i, t := range v.flags.HookTypes {
		types[i] = events.Type(t)
	}
	var err error
	v.care, err = hookcare.New(hookcare.Config{
		API: v.client, Log: toldFirst{p.feed, p.log}, Store: store, Source: c.Source, Replica: c.Replica,
		Untold:  func() map[events.Type]hookcare.Untold { return untold(p.feed) },
		Ingress: v.flags.HookURL, Token: c.Token, Plain: !c.Production, Types: types, Every: v.flags.HookEvery,
		Fill: v.fillHoles, Logger: p.logger, Alerted: v.alerted,
		Begin: p.begin, Now: c.clock.now,
	})
	if err != nil {
		return exit(exitUsage, "--hook-url, --hook-types: %w", err)
	}
	return nil
}

// toldFirst is the log for readings of hooks: failures that wait are told before, because a hook forgets what is an hour
// older than its newest fact (fold rule 23).
type toldFirst struct {
	feed *webhook.Feed
	log  hookcare.Appender
}

// Append appends events.
func (f toldFirst) Append(ctx context.Context, es ...events.Event) (projections.Seq, error) {
	if err := f.feed.Flush(ctx); err != nil {
		return 0, err
	}
	return f.log.Append(ctx, es...)
}

// untold are the failures that the log was not told of.
func untold(feed *webhook.Feed) map[events.Type]hookcare.Untold {
	all := map[events.Type]hookcare.Untold{}
	for t, u := range feed.Untold() {
		all[t] = hookcare.Untold(u)
	}
	return all
}

// observers are told by the projector.
func (v *provider) observers() observers {
	if v == nil || v.care == nil {
		return nil
	}
	return observers{commits{v.care}}
}

// commits tells the care of hooks of commits only.
type commits struct{ *hookcare.Care }

// Folded does nothing.
func (commits) Folded(string, projections.Record, projections.Effect) {}

// Ignored does nothing.
func (commits) Ignored(projections.Record) {}

// Parked does nothing.
func (commits) Parked(string, events.Ref, projections.Parked) {}

// alerted passes a warning to the metrics.
func (v *provider) alerted(a hookcare.Alert) { v.measures.Alerted(a.Type, a.Level) }

// fillHoles brings in what hooks have missed.
func (v *provider) fillHoles(ctx context.Context, holes []hookcare.Hole) error {
	q := backfill.Request{SinceOf: map[events.Type]time.Time{}}
	for _, h := range holes {
		q.Types, q.SinceOf[h.Type] = append(q.Types, h.Type), h.Since
	}
	report, err := v.fill(ctx, q)
	return errors.Join(err, report.Beyond())
}
