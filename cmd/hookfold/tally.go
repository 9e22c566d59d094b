package main

import (
	"log/slog"
	"sync/atomic"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// tally counts what the projector does, for /healthz.
type tally struct {
	logger  *slog.Logger
	folds   func() // hears of every commit
	fates   [projections.Decided + 1]atomic.Uint64
	ignored atomic.Uint64
	parked  atomic.Uint64
}

// Folded counts fates.
func (t *tally) Folded(_ string, _ projections.Record, did projections.Effect) {
	t.fates[did.Fate].Add(1)
}

// Ignored counts records that no read model folds: unknown and unmodelled types, and what could not be read.
func (t *tally) Ignored(projections.Record) { t.ignored.Add(1) }

// Committed tells that the projector is at work.
func (t *tally) Committed(projections.Commit) { t.folds() }

// Parked counts resources that stand still, and names them.
func (t *tally) Parked(model string, ref events.Ref, p projections.Parked) {
	t.parked.Add(1)
	t.logger.Error("a resource stands still; its document may be out of date", "model", model, "source", ref.Source,
		"kind", ref.Kind, "id", ref.ID, "seq", p.Seq, "why", p.Why)
}

// snapshot names the counters.
func (t *tally) snapshot() map[string]uint64 {
	return map[string]uint64{
		"admitted": t.fates[projections.Admitted].Load(), "copies": t.fates[projections.Copy].Load(),
		"refused_too_old": t.fates[projections.TooOld].Load(), "refused_too_new": t.fates[projections.TooNew].Load(),
		"waiting": t.fates[projections.Waiting].Load(), "unmodelled": t.ignored.Load(), "parked": t.parked.Load(),
		"decided": t.fates[projections.Decided].Load(),
	}
}

// trouble is what keeps a part from its work at present; nil where nothing does.
type trouble struct{ err atomic.Pointer[error] }

func (t *trouble) set(err error) {
	if err == nil {
		t.err.Store(nil)
		return
	}
	t.err.Store(&err)
}

func (t *trouble) get() error {
	if err := t.err.Load(); err != nil {
		return *err
	}
	return nil
}

// highest is the highest sequence that this process has seen.
type highest struct{ seq atomic.Uint64 }

// rise raises it.
func (h *highest) rise(to projections.Seq) {
	for {
		have := h.seq.Load()
		if uint64(to) <= have || h.seq.CompareAndSwap(have, uint64(to)) {
			return
		}
	}
}

func (h *highest) get() projections.Seq { return projections.Seq(h.seq.Load()) }
