package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/operate"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// rebuilding is what an operator may ask about the sides of the read models.
func (p *parts) rebuilding() []operate.Action {
	return []operate.Action{{Path: "/v1/rebuild", Do: p.doRebuild}}
}

// rebuildStep says how far a rebuild has come, and how fast.
type rebuildStep struct {
	projections.RebuildProgress
	Share     float64 `json:"share"`                // of the phase
	PerSecond float64 `json:"per_second,omitempty"` // log records, or rows that are read, in this phase
	Remaining float64 `json:"remaining,omitempty"`  // seconds of this phase, as far as can be told
}

// stepEvery is how often a step is told.
const stepEvery = 200 * time.Millisecond

// stepper tells steps, not too often. Each phase counts something else, so it is timed by itself.
type stepper struct {
	tell  func(any) error
	began time.Time // the phase
	from  projections.Seq
	last  time.Time
	phase string // "fold" until another one is told
}

func (s *stepper) step(p projections.RebuildProgress) {
	now := time.Now()
	if p.Phase == s.phase && now.Sub(s.last) < stepEvery && p.Done < p.Of {
		return
	}
	_ = s.tell(news{Progress: s.at(now, p)}) // who is gone ends the context
}

// at is what is told at a time.
func (s *stepper) at(now time.Time, p projections.RebuildProgress) rebuildStep {
	if p.Phase != s.phase {
		s.began, s.from = now, p.Done
	}
	s.last, s.phase = now, p.Phase
	step := rebuildStep{RebuildProgress: p, Share: 1}
	if took := now.Sub(s.began).Seconds(); took > 0 {
		step.PerSecond = float64(p.Done-s.from) / took
	}
	if p.Of > 0 {
		step.Share = float64(p.Done) / float64(p.Of)
	}
	if step.PerSecond > 0 {
		step.Remaining = float64(p.Of-p.Done) / step.PerSecond
	}
	return step
}

// doRebuild folds read models anew, or goes back to what was before the last time. What cannot be done for one is still
// done for the others.
func (p *parts) doRebuild(ctx context.Context, q url.Values, tell func(any) error) error {
	models, err := modelsOf(q["model"])
	if err != nil {
		return err
	}
	act := p.gens.Rebuild
	if q.Get("rollback") == "true" {
		act = p.gens.Rollback
	}
	var errs []error
	for _, m := range models {
		if q.Get("discard") == "true" {
			errs = append(errs, p.gens.Discard(ctx, m))
			continue
		}
		s := &stepper{tell: tell, began: time.Now(), phase: "fold"}
		report, err := act(ctx, projections.RebuildConfig{
			Log: p.log, Model: m, DryRun: q.Get("dry") == "true", AcceptDifferences: q.Get("accept") == "true", Progress: s.step,
		})
		if err != nil {
			err = fmt.Errorf("%s: %w", m, err)
		}
		if report.Swapped {
			p.logger.Info("another side of a read model is live", "model", m, "was", report.Live, "is", report.Rebuilt, "seq", report.Seq)
		}
		errs = append(errs, after(tell(news{Report: report}), err))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// modelsOf are the read models that are asked for; without a name, all of them.
func modelsOf(names []string) ([]string, error) {
	var all []string
	for _, m := range views.All() {
		all = append(all, m.Plural())
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, asked("no read model is called that: give one of %s", strings.Join(all, ", "))
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	return names, nil
}

// sidesEvery is how often it is looked whether another process made another side live.
const sidesEvery = 5 * time.Second

// followSides notices what other processes swap: a projector would by itself, readers would not. It also has the store show
// what is live, where whoever swapped it could not.
func (p *parts) followSides(ctx context.Context) {
	often := time.NewTicker(sidesEvery)
	defer often.Stop()
	for {
		p.lookAtSides(ctx)
		select {
		case <-often.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *parts) lookAtSides(ctx context.Context) {
	switch err := p.gens.Refresh(ctx); {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, projections.ErrNotShown):
		p.logger.Warn("the store shows others an old side of a read model; trying again", "error", err, "in", sidesEvery)
	default:
		p.logger.Debug("which sides of the read models are live cannot be asked; trying again", "error", err, "in", sidesEvery)
	}
}
