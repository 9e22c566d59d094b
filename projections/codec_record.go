package projections

import (
	"time"

	"github.com/hookfold/hookfold/events"
)

// The least bytes that a record and a line take.
const (
	recordLeast = 4
	lineLeast   = 9
)

// recordCodec writes and reads the records of one resource, one after the other.
type recordCodec struct {
	ref       events.Ref
	perSecond int64

	when    int64 // of the record before
	seq     Seq
	attempt uint64
}

// write renders a record.
func (x *recordCodec) write(w *wireWriter, rec *Record, when int64) {
	e := &rec.Event
	date := floor(when, x.perSecond)
	own := bit(e.Ref != x.ref, ownRef) | bit(e.Date != date, ownDate) | bit(len(e.Data) > 0, ownData) |
		bit(e.Delivery != events.Delivery{}, ownDelivery) | bit(!rec.Time.IsZero(), ownTime)
	w.byte(own)
	w.text(string(e.Type))
	w.number(when - x.when)
	w.number(int64(rec.Seq - x.seq))
	x.when, x.seq = when, rec.Seq
	if own == 0 {
		return
	}
	if own&ownRef != 0 {
		w.text(e.Ref.Source)
		w.text(e.Ref.Kind)
		w.text(e.Ref.ID)
	}
	if own&ownDate != 0 {
		w.number(e.Date - date)
	}
	if own&ownData != 0 {
		w.bytes(e.Data)
	}
	if own&ownDelivery != 0 {
		w.text(string(e.Delivery.Origin))
		w.number(e.Delivery.Received - x.milli(when))
		w.text(e.Delivery.Replica)
		w.number(int64(e.Delivery.Attempt - x.attempt))
		x.attempt = e.Delivery.Attempt
	}
	if own&ownTime != 0 {
		w.number(rec.Time.Unix())
		w.count(uint64(rec.Time.Nanosecond()))
	}
}

// read reads a record and its time.
func (x *recordCodec) read(in *wireReader) (rec Record, when int64) {
	own := in.byte()
	e := &rec.Event
	e.Type, e.Ref = events.Type(in.text()), x.ref
	x.when += in.number()
	x.seq += Seq(in.number())
	when, rec.Seq = x.when, x.seq
	e.Date = floor(when, x.perSecond)
	if own == 0 {
		return rec, when
	}
	if own&ownRef != 0 {
		e.Ref = events.Ref{Source: in.text(), Kind: in.text(), ID: in.text()}
	}
	if own&ownDate != 0 {
		e.Date += in.number()
	}
	if own&ownData != 0 {
		e.Data = in.bytes()
	}
	if own&ownDelivery != 0 {
		e.Delivery.Origin = events.Origin(in.text())
		e.Delivery.Received = x.milli(when) + in.number()
		e.Delivery.Replica = in.text()
		x.attempt += uint64(in.number())
		e.Delivery.Attempt = x.attempt
	}
	if own&ownTime != 0 {
		rec.Time = time.Unix(in.number(), int64(in.count())).UTC()
	}
	return rec, when
}

// milli is about the millisecond of a time. It is exact where the resolution is seconds or milliseconds; elsewhere the
// distance that is written is greater.
func (x *recordCodec) milli(when int64) int64 {
	return when / max(x.perSecond/1000, 1) * max(1000/x.perSecond, 1)
}
