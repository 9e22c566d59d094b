package main

import (
	"context"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"github.com/hookfold/hookfold/adapters/mangopay/backfill"
)

// What a backfill may spend of the provider's shortest window, 2,300 calls in 15 minutes: a burst, so that what an operator
// asks for is there at once (an empty list of every event type costs 23 calls), and then a share.
const (
	backfillBurst = 300
	backfillShare = 0.2
)

// fillFrom makes what brings in what was missed.
func (v *provider) fillFrom(p *parts) error {
	limit := rate.NewLimiter(rate.Limit(backfillShare*2300/(15*60)), backfillBurst)
	pace, now, again := v.clock.pace(limit), v.clock.now, backfill.Patience(v.clock.wait)
	var err, also error
	v.backfill, err = backfill.New(backfill.Config{
		API: v.client, Log: p.log, Marks: backfill.StoreMarks{Store: v.store, Source: v.source}, Source: v.source, Pace: pace,
		From: p.log.Before, Listed: v.confirm.Vouch, Now: now, Retry: again,
	})
	v.reconciler, also = backfill.NewReconciler(backfill.ReconcileConfig{
		API: v.client, Log: p.log, Store: v.store, Source: v.source, Pace: pace, Now: now, Retry: again,
	})
	return errors.Join(err, also)
}

// What lets a backfill begin before its time: so many resources wait for their turn to be confirmed, and the last one is so
// long ago. Whoever floods the ingress with made-up ids makes them wait; one call for a page of events vouches for a hundred
// that exist.
const (
	flood     = 200
	floodRest = 5 * time.Minute
	floodLook = 10 * time.Second
)

// fillOften brings in what is missing, at the start and then again and again.
func (v *provider) fillOften(ctx context.Context) {
	if v.flags.Backfill == 0 {
		return
	}
	look := time.NewTicker(min(floodLook, v.flags.Backfill))
	defer look.Stop()
	for last := (time.Time{}); ; {
		ago := time.Since(last)
		if ago >= v.flags.Backfill || ago >= floodRest && v.confirm.Counts().Ready >= flood {
			last = time.Now()
			if _, err := v.fill(ctx, backfill.Request{}); err != nil && ctx.Err() == nil {
				v.logger.Warn("what notifications missed is not all brought in; trying again", "error", err, "in", v.flags.Backfill)
			}
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// fill brings in what is missing, and keeps account of it.
func (v *provider) fill(ctx context.Context, q backfill.Request) (backfill.Report, error) {
	report, err := v.backfill.Run(ctx, q)
	v.last.Store(&report)
	whole := time.Time{}
	if report.Done {
		whole = v.clock.time()
	}
	v.measures.Filled(report.Seen, report.Appended, whole)
	if report.Appended > 0 {
		v.logger.Info("brought in what notifications had missed", "events", report.Appended)
	}
	return report, err
}
