package projections

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
)

// AsOf asks for the past. The zero value is the present, for which no time is assumed.
type AsOf struct {
	time int64
	seq  Seq
	by   uint8
}

const (
	asOfNow uint8 = iota
	asOfTime
	asOfSeq
)

// AtTime is the state of knowledge about time t (Unix seconds): events dated later are left out, and a tick says that it
// is t (fold rule 19).
func AtTime(t int64) AsOf { return AsOf{time: t, by: asOfTime} }

// IsTime tells whether the moment is one of time.
func (a AsOf) IsTime() bool { return a.by == asOfTime }

// AtSeq is the state after the log record with this sequence.
func AtSeq(n Seq) AsOf { return AsOf{seq: n, by: asOfSeq} }

// Seq is the log record after which the moment is; false where it is not one of the log.
func (a AsOf) Seq() (Seq, bool) { return a.seq, a.by == asOfSeq }

// maxTime bounds the times that are asked for: the end of the year 9999, and as far before zero.
const maxTime = 253402300799

// ErrAsOf says that a moment cannot be read.
var ErrAsOf = errors.New("projections: not a moment: give Unix seconds, an RFC 3339 time, or seq:N for a log sequence")

// ParseAsOf reads a moment: Unix seconds, an RFC 3339 time, or "seq:N" for a log sequence. "" is the present.
func ParseAsOf(s string) (AsOf, error) {
	if s == "" {
		return AsOf{}, nil
	}
	if n, ok := strings.CutPrefix(s, "seq:"); ok {
		if seq, err := strconv.ParseUint(n, 10, 64); err == nil {
			return AtSeq(Seq(seq)), nil
		}
		return AsOf{}, ErrAsOf
	}
	if t, err := strconv.ParseInt(s, 10, 64); err == nil && -maxTime <= t && t <= maxTime {
		return AtTime(t), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return AtTime(t.Unix()), nil
	}
	return AsOf{}, ErrAsOf
}

// keeps tells whether a record had been said by then.
func (a AsOf) keeps(seq Seq, when, perSecond int64) bool {
	switch a.by {
	case asOfTime:
		return floor(when, perSecond) <= a.time
	case asOfSeq:
		return seq <= a.seq
	default:
		return true
	}
}

// tick says to one resource that it is a time, in seconds.
func (m *Model[V]) tick(ref events.Ref, t int64) entry {
	rec := Record{Event: events.Event{Type: events.Tick, Ref: ref, Date: t}}
	return entry{record: rec, when: m.Terms.scale(t)}
}

// past is the resource as it stood. It can be told as long as nothing is in the base that was not behind the horizon
// then.
func (r *resource[V]) past(at AsOf) (*resource[V], error) {
	s := *r
	s.ledger, s.started, s.seq = ledger{}, false, r.bottom().Seq
	s.change(func(x *rare[V]) { x.marks = nil })
	scale := r.scale()
	for i := range r.held {
		h := &r.held[i]
		if at.keeps(h.seq, h.when, scale.perSecond) {
			rec := scale.record(h)
			s.insert(s.len(), *h)
			s.advance(&rec, h.when)
			s.seq = max(s.seq, h.seq)
		}
	}
	switch tick := r.of.model.tick(r.ref(), at.time); {
	case at.by == asOfTime && r.base() != nil && tick.when <= r.base().Last:
		return nil, r.archived() // it would stand before what is in the base
	case at.by == asOfTime:
		s.hear(tick)
	case r.parked() != nil && at.seq < r.parked().Seq:
		s.change(func(x *rare[V]) { x.parked = nil })
	}
	for _, d := range r.skips() {
		if at.by == asOfSeq && d.seq <= at.seq && at.seq < d.at {
			return nil, r.archived() // it stood still then, or held what was dropped since
		}
	}
	if b := r.base(); b != nil && (!s.behind(b.Last) || at.by == asOfSeq && b.Seq > at.seq) {
		return nil, r.archived()
	}
	return &s, nil
}

func (r *resource[V]) archived() error {
	return fmt.Errorf("%w (%s %q)", ErrArchived, r.of.kind, r.id)
}

// hear puts a tick among the records, unless the log had it.
func (r *resource[V]) hear(e entry) {
	at, known := r.place(&e.record, e.when)
	if known {
		return
	}
	r.put(at, &e.record, e.when, nil)
	r.advance(&e.record, e.when)
}
