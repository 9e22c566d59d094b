package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/hookfold/hookfold/adapters/operate"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// ward decides about what stands still.
type ward struct {
	projections.Quarantine
	source string                                       // of resources whose source a question does not name
	wait   func(context.Context, projections.Seq) error // until the read models have applied a record
	most   time.Duration                                // how long that may take before the operator is told
}

// wardPatience is longer than a projector takes that goes on, and shorter than an operator's patience.
const wardPatience = 30 * time.Second

// newWard is where an operator meets what stands still.
func newWard(log projections.Log, store projections.Store, source string, wait func(context.Context, projections.Seq) error) *ward {
	return &ward{Quarantine: projections.Quarantine{Log: log, Store: store, Models: views.All()}, source: source, wait: wait, most: wardPatience}
}

// decision is what was decided, and what became of it.
type decision struct {
	Decided int             `json:"decided"` // about how many resources
	Seq     projections.Seq `json:"seq"`     // log record of the last decision
	// Again is the resource that was asked for, where it stands still after it; nil: it goes on, or all were retried.
	Again *projections.Held `json:"again,omitempty"`
}

// actions are what may be asked.
func (d *ward) actions() []operate.Action {
	return []operate.Action{
		{Path: "/v1/quarantine/retry", Do: d.doRetry},
		{Path: "/v1/quarantine/drop", Do: d.doDrop},
	}
}

// ref is the resource of a question.
func (d *ward) ref(q url.Values) (events.Ref, error) {
	ref := events.Ref{Source: cmp.Or(q.Get("source"), d.source), Kind: q.Get("kind"), ID: q.Get("id")}
	if ref.Kind == "" || ref.ID == "" {
		return ref, asked("give kind and id")
	}
	return ref, nil
}

// doRetry lets one resource go on, or all.
func (d *ward) doRetry(ctx context.Context, q url.Values, tell func(any) error) error {
	now := time.Now().Unix()
	if q.Get("all") == "true" {
		n, seq, err := d.RetryAll(ctx, q.Get("scan") == "true", now)
		if err == nil && n > 0 {
			err = d.applied(ctx, seq)
		}
		return after(tell(news{Report: decision{Decided: n, Seq: seq}}), err)
	}
	ref, err := d.ref(q)
	if err != nil {
		return err
	}
	if q.Get("dry") == "true" {
		t, err := d.TryRetry(ctx, ref)
		return d.tried(t, err, tell)
	}
	seq, err := d.Retry(ctx, ref, now)
	return d.decided(ctx, ref, seq, err, tell)
}

// doDrop lets a resource go on without the record at which it stopped.
func (d *ward) doDrop(ctx context.Context, q url.Values, tell func(any) error) error {
	ref, err := d.ref(q)
	if err != nil {
		return err
	}
	if q.Get("dry") == "true" {
		t, err := d.TryDrop(ctx, ref)
		return d.tried(t, err, tell)
	}
	seq, err := d.Drop(ctx, ref, q.Get("reason"), time.Now().Unix())
	return d.decided(ctx, ref, seq, err, tell)
}

// tried tells what a decision would do.
func (d *ward) tried(t projections.Trial, err error, tell func(any) error) error {
	if err != nil {
		return senseless(err)
	}
	return tell(news{Report: t})
}

// decided waits until a decision is applied, and tells what became of it.
func (d *ward) decided(ctx context.Context, ref events.Ref, seq projections.Seq, err error, tell func(any) error) error {
	if err != nil {
		return senseless(err)
	}
	done := decision{Decided: 1, Seq: seq}
	err = d.applied(ctx, seq)
	if err == nil {
		var h projections.Held
		switch h, err = d.Find(ctx, ref); {
		case err == nil:
			done.Again = &h
		case errors.Is(err, projections.ErrNotHeld):
			err = nil
		}
	}
	return after(tell(news{Report: done}), err)
}

// applied waits until a decision is applied. One that is not, because the projector stands, is not lost.
func (d *ward) applied(ctx context.Context, seq projections.Seq) error {
	ctx, cancel := context.WithTimeout(ctx, d.most)
	defer cancel()
	err := d.wait(ctx, seq)
	var lag *projections.LagError
	if errors.As(err, &lag) {
		return fmt.Errorf("it is decided, by log record %d, and will be applied when the read models go on: %w", seq, err)
	}
	return err
}

// senseless marks errors of whoever asked.
func senseless(err error) error {
	if errors.Is(err, projections.ErrNotHeld) || errors.Is(err, projections.ErrNoRecord) {
		return asked("%v", err)
	}
	return err
}
