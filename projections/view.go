package projections

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/fsm"
)

// View is one resource of a read model.
type View[V any] struct {
	Ref       events.Ref
	Value     V
	History   []Line // in fold order; behind the horizon one base line stands for all (fold rule 20)
	Conflicts int    // of the whole history, also behind the base line
	Gaps      int    // likewise
	Seq       Seq    // newest log record that is reflected; 0 without a log
	Parked    *Parked

	known bool
}

// Known tells whether anything was heard of the resource that makes a document (fold rule 8).
func (v View[V]) Known() bool { return v.known }

// What a reader may be told.
var (
	// ErrUnknown says that nothing was ever heard of a resource.
	ErrUnknown = errors.New("projections: never heard of this resource")
	// ErrArchived says that the past that was asked for lies behind the horizon.
	ErrArchived = errors.New("projections: that moment lies behind the horizon: fold the archived log instead")
	// ErrUnreadable says that what the store held of a resource could not be read.
	ErrUnreadable = errors.New("projections: what the store held of it could not be read: retry it in the quarantine, or rebuild the read model")
)

// view renders the resource as it stands, or as it stood.
func (r *resource[V]) view(at AsOf) (View[V], error) {
	if at.by != asOfNow {
		past, err := r.past(at)
		if err != nil {
			return View[V]{Ref: r.ref()}, err
		}
		r = past
	}
	if p := r.parked(); p != nil && p.Unreadable {
		return View[V]{Ref: r.ref(), Parked: p}, fmt.Errorf("%w (%s %q)", ErrUnreadable, r.of.kind, r.id)
	}
	r = r.hidden()
	b := r.bottom()
	b.History.keep = or(r.of.model.Terms.Lines, all)
	if b.Records > 0 && r.of.model.Terms.Lines == 0 {
		b.History.Lines = append(b.History.Lines, b.line(r.of.model.Terms.PerSecond))
	}
	v := r.replay(&desk[V]{}, b.Value, int(r.folded), r.len(), &b.History)
	h := b.History
	out := View[V]{
		Ref: r.ref(), Value: v, History: h.Lines, Conflicts: h.Conflicts, Gaps: h.Gaps, Seq: r.seq, Parked: r.parked(), known: h.Known,
	}
	if !h.Known {
		return out, fmt.Errorf("%w: %s %q", ErrUnknown, r.of.kind, r.id)
	}
	return out, nil
}

// hidden is the resource with everything behind its horizon in the base, as documents show it.
func (r *resource[V]) hidden() *resource[V] {
	if r.inside() == int(r.folded) {
		return r
	}
	s := *r
	s.ledger = r.upTo(r.len())
	s.compact(&desk[V]{}, 0)
	return &s
}

// line stands for everything behind the horizon (fold rule 20).
func (b *base[V]) line(perSecond int64) Line {
	return Line{
		Date: floor(b.Last, perSecond), Event: string(events.Base), Verdict: fsm.Noted,
		Why: fmt.Sprintf("%d earlier events, digest %s", b.Records, hex.EncodeToString(b.Digest[:])),
	}
}

// floor divides towards minus infinity.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
