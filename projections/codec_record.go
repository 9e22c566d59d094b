package projections

import (
	"time"

	"github.com/hookfold/hookfold/events"
)

// The marks of a record: what it has of its own.
const (
	ownRef = 1 << iota
	ownDate
	ownData
	ownDelivery
	ownTime
)

// The least bytes that a record and a line take.
const (
	recordLeast = 4
	lineLeast   = 9
)

// recordCodec writes and reads the records of one resource, one after the other.
type recordCodec struct {
	scale
	kinds kinds // what bare records say; nil when nothing is read

	when    int64 // of the record before
	seq     Seq
	attempt uint64
}

// write renders a record.
func (x *recordCodec) write(w *wireWriter, h *held) {
	marks := x.marks(h)
	w.byte(marks)
	w.text(string(h.what.typ))
	w.number(h.when - x.when)
	w.number(int64(h.seq - x.seq))
	x.when, x.seq = h.when, h.seq
	if marks != 0 {
		x.writeOwn(w, marks, h.what.own)
	}
}

// marks tells what a record has of its own.
func (x *recordCodec) marks(h *held) byte {
	o := h.what.own
	if o == nil {
		return 0
	}
	return bit(o.ref != x.ref, ownRef) | bit(o.date != floor(h.when, x.perSecond), ownDate) | bit(len(o.data) > 0, ownData) |
		bit(o.delivery != events.Delivery{}, ownDelivery) | bit(!o.time.IsZero(), ownTime)
}

func (x *recordCodec) writeOwn(w *wireWriter, marks byte, o *own) {
	if marks&ownRef != 0 {
		w.text(o.ref.Source)
		w.text(o.ref.Kind)
		w.text(o.ref.ID)
	}
	if marks&ownDate != 0 {
		w.number(o.date - floor(x.when, x.perSecond))
	}
	if marks&ownData != 0 {
		w.bytes(o.data)
	}
	if d := o.delivery; marks&ownDelivery != 0 {
		w.text(string(d.Origin))
		w.number(d.Received - x.milli())
		w.text(d.Replica)
		w.number(int64(d.Attempt - x.attempt))
		x.attempt = d.Attempt
	}
	if marks&ownTime != 0 {
		w.number(o.time.Unix())
		w.count(uint64(o.time.Nanosecond()))
	}
}

// read reads a record.
func (x *recordCodec) read(in *wireReader) held {
	marks := in.byte()
	typ := events.Type(in.text())
	x.when += in.number()
	x.seq += Seq(in.number())
	h := held{when: x.when, seq: x.seq}
	if marks == 0 {
		h.what = x.kinds.bare(typ)
	} else {
		h.what = whole(typ)
		x.readOwn(in, marks, h.what.own)
	}
	return h
}

func (x *recordCodec) readOwn(in *wireReader, marks byte, o *own) {
	o.ref, o.date = x.ref, floor(x.when, x.perSecond)
	if marks&ownRef != 0 {
		o.ref = events.Ref{Source: in.text(), Kind: in.text(), ID: in.text()}
	}
	if marks&ownDate != 0 {
		o.date += in.number()
	}
	if marks&ownData != 0 {
		o.data = in.bytes()
	}
	if marks&ownDelivery != 0 {
		o.delivery.Origin = events.Origin(in.text())
		o.delivery.Received = x.milli() + in.number()
		o.delivery.Replica = in.text()
		x.attempt += uint64(in.number())
		o.delivery.Attempt = x.attempt
	}
	if marks&ownTime != 0 {
		o.time = time.Unix(in.number(), int64(in.count())).UTC()
	}
}

// milli is about the millisecond of the record. It is exact where the resolution is seconds or milliseconds; elsewhere
// the distance that is written is greater.
func (x *recordCodec) milli() int64 {
	return x.when / max(x.perSecond/1000, 1) * max(1000/x.perSecond, 1)
}
